// A host of the live world: the kernel's sockets in a namespace, what the kernel counts there, and
// what only the wire tells.
#pragma once

#include <vector>

#include "live/hosts/kernel_sockets.hpp"
#include "live/network/network_namespace.hpp"
#include "live/port.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/host.hpp"

namespace elblab::live {

class KernelHost final : public worlds::Host, private observation::SilentEnds {
 public:
  // All must outlive the host.
  KernelHost(const language::HostSpec& spec, const NetworkNamespace& network);

  host::Sockets& sockets() override { return sockets_; }
  // As of the last refresh().
  const host::HostCounters& counters() const override { return counters_; }
  void add(workload::Application& application) override { applications_.push_back(&application); }
  // The loop asks for deadlines at every turn.
  void touched() override {}
  bool set_sysctl(const host::SysctlEntry& entry, std::int64_t value) override;

  // To poll for input.
  int descriptor() const { return sockets_.descriptor(); }
  void start(Instant now);
  // A portion of what the sockets have to tell.
  void handle(Instant now) { sockets_.handle(now); }
  Instant next_deadline() const;
  void advance(Instant now);
  // Reads the kernel's counters: before they are sampled, since it costs system calls.
  void refresh();

  // Of connect() calls so far; O(1).
  const SocketCounters& calls() const { return sockets_.counters(); }

 private:
  void refused_locally(const net::FlowKey&, Instant) override {}
  void ended_silently(const net::FlowKey&, telemetry::Reason, Instant) override {}

  const NetworkNamespace& network_;
  host::Sysctls sysctls_;
  KernelSockets sockets_;
  std::vector<workload::Application*> applications_;
  host::HostCounters counters_;
};

}  // namespace elblab::live
