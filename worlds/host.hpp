// A host of a world - a model, ns-3's stack or a network namespace with the kernel's - and its
// link: what workloads, sampling and the timeline need of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/contract/expected.hpp"
#include "models/host/host.hpp"
#include "models/workload/application.hpp"

namespace elblab::worlds {

class Host {
 public:
  virtual ~Host() = default;
  virtual host::Sockets& sockets() = 0;
  // Totals and gauges as of now.
  virtual const host::HostCounters& counters() const = 0;
  // Before the run. Applications start when the run does, in this order.
  virtual void add(workload::Application& application) = 0;
  // Someone outside an event of this host used it: deadlines may have moved.
  virtual void touched() = 0;
  // Why this host's stack has no such setting, as far as that is known before the run; nullopt: it
  // has it.
  virtual std::optional<std::string> lacks_sysctl(const host::SysctlEntry& entry) const = 0;
  // Error: why the setting is what it was.
  virtual Expected<void> set_sysctl(const host::SysctlEntry& entry, std::int64_t value) = 0;
};

// The link of a host to the balancer.
class HostLink {
 public:
  virtual ~HostLink() = default;
  // Lost on it, in both directions and for any reason.
  virtual std::uint64_t dropped() const = 0;
  virtual void set_up(bool up) = 0;
  virtual void set_loss(double probability) = 0;  // per packet, each direction
};

}  // namespace elblab::worlds
