// A host of the live world: the kernel's sockets in a namespace, what the kernel counts there, and
// what only the wire tells.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "live/hosts/kernel_counters.hpp"
#include "live/hosts/kernel_sockets.hpp"
#include "live/network/network_namespace.hpp"
#include "live/pollable.hpp"
#include "live/port.hpp"
#include "models/middlebox/sequence_randomizer.hpp"
#include "models/observation/connection_watch.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/host.hpp"

namespace elblab::live {

class KernelHost final : public worlds::Host, public HostEndWatch, public Pollable {
 public:
  // All must outlive the host. object: as what it records. `stream`: for random initial sequence
  // numbers, where the host has them.
  KernelHost(const language::HostSpec& spec, telemetry::ObjectId object,
             const NetworkNamespace& network, const random::Stream& stream,
             telemetry::Recorder& recorder);
  // device: its link to the balancer, which carries no packet yet.
  Expected<void> open(const std::string& device);

  host::Sockets& sockets() override { return sockets_; }
  // As of the last refresh().
  const host::HostCounters& counters() const override { return counters_; }
  void add(workload::Application& application) override;
  void touched() override { moved(); }
  std::optional<std::string> lacks_sysctl(const host::SysctlEntry& entry) const override;
  Expected<void> set_sysctl(const host::SysctlEntry& entry, std::int64_t value) override;

  void start(Instant now);
  // Pollable: what the sockets have to tell, and the deadlines of applications and sockets.
  int descriptor() const override { return sockets_.descriptor(); }
  bool ready(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;
  void flush() override {}
  // Reads the kernel's counters: before they are sampled, since it costs system calls.
  void refresh(Instant now);
  // Ends the run: open connections are recorded as such.
  void finish(Instant now) { watch_.finish(now); }

  // HostEndWatch
  void sent_by_host(std::span<std::uint8_t> packet, Instant now) override;
  void comes_to_host(std::span<std::uint8_t> packet, Instant now) override;

  const std::string& name() const { return name_; }
  // Of connect() calls so far; O(1).
  const SocketCounters& calls() const { return sockets_.counters(); }

 private:
  std::string name_;
  const NetworkNamespace& network_;
  host::Sysctls sysctls_;  // as the kernel has them
  std::vector<net::IpAddress> addresses_;
  observation::ConnectionWatch watch_;
  std::optional<middlebox::SequenceRandomizer> randomizer_;  // between the host and the wire
  KernelSockets sockets_;
  KernelCounters kernel_;
  std::vector<workload::Application*> applications_;
  // Of the applications, by index. Brought up to date when the host is asked for its own.
  mutable DeadlineBook deadlines_;
  host::HostCounters counters_;
};

}  // namespace elblab::live
