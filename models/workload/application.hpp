// Something that runs on a host and uses its sockets: a load generator or a server.
// It owns one deadline, asked by the world like that of every model (architecture: timers).
#pragma once

#include "models/time/instant.hpp"

namespace elblab::workload {

class Application {
 public:
  virtual ~Application() = default;
  virtual void start(Instant now) = 0;
  virtual Instant next_deadline() const = 0;
  virtual void advance(Instant now) = 0;
};

}  // namespace elblab::workload
