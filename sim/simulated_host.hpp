// A host of the simulated world, whichever TCP/IP it runs on.
#pragma once

#include "worlds/host.hpp"

namespace elblab::sim {

class SimulatedHost : public worlds::Host {
 public:
  // Ends the run.
  virtual void finish(Instant now) = 0;
  // Whether the host model runs here, which counts every packet it sends; ns-3's stack does not.
  virtual bool is_model() const = 0;
};

}  // namespace elblab::sim
