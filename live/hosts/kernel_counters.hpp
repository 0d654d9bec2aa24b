// What the kernel of a namespace counts, as host::HostCounters: each figure of /proc/net that means
// the same as one of the model's, in one table (kernel_counters.cpp).
//
// What the kernel does not tell comes from elsewhere and is filled in by sample():
//   KernelSockets    connections_opened, _established, _failed, refused_locally
//   ConnectionWatch  resets_received, time_wait_reused, time_wait_refused
// Of dropped[] the kernel tells accept_queue_full, syn_queue_full, port_closed, bad_checksum and
// paws_rejected. Packets and bytes are those of the device, without link headers.
//
// Totals count from open() on. A sample takes about 0.4 ms, whatever the number of established and
// TIME_WAIT sockets.
#pragma once

#include <array>
#include <vector>

#include "live/hosts/kernel_context.hpp"
#include "live/hosts/proc_file.hpp"
#include "live/hosts/socket_states.hpp"
#include "models/host/host.hpp"

namespace elblab::live {

class KernelCounters {
 public:
  // device: the host's link to the balancer. The thread is left in the namespace.
  Expected<void> open(const NetworkNamespace& network, const std::string& device);

  // As of now. `wire`: what the packets of the link told.
  const host::HostCounters& sample(const SocketCounters& sockets, const host::HostCounters& wire);

  enum class File : std::uint8_t { snmp, netstat, snmp6 };
  static constexpr std::size_t kFiles = 3;
  // A number of a file: the column-th of its group's, from 1 on.
  struct Place {
    File file = File::snmp;
    std::string_view group;  // in snmp6, where each number is alone, its name
    std::size_t column = 0;
    std::size_t figure = 0;     // of the table
    std::uint64_t at_open = 0;  // totals count from there
  };

 private:
  void find_places();
  // Calls visit(place, number) for every place, in order.
  template <typename Visit>
  void read_places(Visit&& visit);
  void read_kernel(host::HostCounters& counters);
  host::HostCounters read_device();
  void read_gauges(host::HostCounters& counters);

  std::string device_;
  std::array<ProcFile, kFiles> files_;
  ProcFile device_file_;
  ProcFile sockstat_;
  SocketStates states_;
  std::vector<Place> places_;              // by file, line and column
  std::uint64_t current_established_ = 0;  // CurrEstab: ESTABLISHED and CLOSE_WAIT
  host::HostCounters device_at_open_;
  host::HostCounters counters_;
};

}  // namespace elblab::live
