// A host of the world, whichever TCP/IP it runs on: what workloads, sampling and the timeline need.
#pragma once

#include "models/host/host.hpp"
#include "models/workload/application.hpp"

namespace elblab::sim {

class SimulatedHost {
 public:
  virtual ~SimulatedHost() = default;
  virtual host::Sockets& sockets() = 0;
  virtual const host::HostCounters& counters() const = 0;
  // Before the run. Applications start when the simulation does, in this order.
  virtual void add(workload::Application& application) = 0;
  // Someone outside an event of this host used it: deadlines may have moved.
  virtual void touched() = 0;
  // Ends the run.
  virtual void finish(Instant now) = 0;
  // The host model; nullptr where ns-3's own stack runs.
  virtual host::Host* model() = 0;
};

}  // namespace elblab::sim
