#include "live/kernel_host.hpp"

#include <algorithm>

#include "live/network/host_sysctls.hpp"

namespace elblab::live {

KernelHost::KernelHost(const language::HostSpec& spec, const NetworkNamespace& network)
    : network_(network), sysctls_(spec.sysctls), sockets_(network, *this) {}

bool KernelHost::set_sysctl(const host::SysctlEntry& entry, std::int64_t value) {
  host::Sysctls changed = sysctls_;
  changed.*entry.member = value;
  SysctlReport report;
  if (apply_sysctls(network_, changed, report)) return false;
  sysctls_ = changed;
  return true;
}

void KernelHost::start(Instant now) {
  for (workload::Application* application : applications_) application->start(now);
}

Instant KernelHost::next_deadline() const {
  Instant next = sockets_.next_deadline();
  for (const workload::Application* application : applications_) {
    next = std::min(next, application->next_deadline());
  }
  return next;
}

void KernelHost::advance(Instant now) {
  for (workload::Application* application : applications_) {
    if (application->next_deadline() <= now) application->advance(now);
  }
  if (sockets_.next_deadline() <= now) sockets_.handle(now);
}

void KernelHost::refresh() {
  const SocketCounters& calls = sockets_.counters();
  counters_.connections_opened = calls.connections_opened;
  counters_.connections_established = calls.connections_established;
  counters_.connections_failed = calls.connections_failed;
  counters_.refused_locally = calls.refused_locally;
}

}  // namespace elblab::live
