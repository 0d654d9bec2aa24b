// Something that runs on a host and uses its sockets: a load generator or a server.
// It owns one deadline, like every model (architecture: timers). Its world asks for it after
// start() and advance(), and when the application says that it moved.
#pragma once

#include "models/time/deadline_book.hpp"

namespace elblab::workload {

class Application : public Deadlined {
 public:
  virtual void start(Instant now) = 0;
};

}  // namespace elblab::workload
