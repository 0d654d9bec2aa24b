#include "live/kernel_host.hpp"

#include <algorithm>

#include "live/network/host_sysctls.hpp"
#include "models/host/ephemeral_ports.hpp"

namespace elblab::live {

KernelHost::KernelHost(const language::HostSpec& spec, telemetry::ObjectId object,
                       const NetworkNamespace& network, const random::Stream& stream,
                       telemetry::Recorder& recorder)
    : name_(spec.name),
      network_(network),
      sysctls_(spec.sysctls),
      addresses_(spec.addresses),
      watch_({.object = object,
              .time_wait = spec.time_wait,
              .time_wait_protected = spec.sysctls.tcp_rfc1337 != 0},
             recorder),
      sockets_(network, watch_) {
  if (spec.initial_sequence == host::InitialSequence::random) {
    randomizer_.emplace(stream.child("initial_sequence"));
  }
}

Expected<void> KernelHost::open(const std::string& device) {
  if (sockets_.descriptor() < 0) return Error{"the system gave no epoll instance for the sockets"};
  return kernel_.open(network_, device);
}

std::optional<std::string> KernelHost::lacks_sysctl(const host::SysctlEntry& entry) const {
  const auto found = find_sysctl(network_, entry.name);
  return found ? std::nullopt : std::optional(found.error().message);
}

Expected<void> KernelHost::set_sysctl(const host::SysctlEntry& entry, std::int64_t value) {
  if (auto set = live::set_sysctl(network_, entry.name, value); !set) return set;
  sysctls_.*entry.member = value;
  return {};
}

void KernelHost::add(workload::Application& application) {
  applications_.push_back(&application);
  deadlines_.add(application);
  moved();
}

void KernelHost::start(Instant now) {
  for (workload::Application* application : applications_) application->start(now);
  deadlines_.all_moved();
  moved();
}

// What is left is told by the descriptor or the deadline in the next turn: others come first.
bool KernelHost::ready(Instant now) {
  sockets_.handle(now);
  return false;
}

Instant KernelHost::next_deadline() const {
  deadlines_.settle();
  return std::min(sockets_.next_deadline(), deadlines_.earliest());
}

void KernelHost::advance(Instant now) {
  deadlines_.advance_due(now);
  if (sockets_.next_deadline() <= now) sockets_.handle(now);
}

void KernelHost::refresh(Instant now) {
  watch_.advance(now);
  counters_ = kernel_.sample(sockets_.counters(), watch_.counters());
  counters_.local_ports = host::local_ports(sysctls_, addresses_);
}

void KernelHost::sent_by_host(std::span<std::uint8_t> packet, Instant now) {
  if (randomizer_) randomizer_->outbound(packet);
  watch_.sent(packet, now);
}

void KernelHost::comes_to_host(std::span<std::uint8_t> packet, Instant now) {
  watch_.received(packet, now);
  if (randomizer_) randomizer_->inbound(packet);
}

}  // namespace elblab::live
