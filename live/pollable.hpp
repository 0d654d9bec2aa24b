// Something that the loop of a live run serves: the sockets of a host, a port, a balancer's timers.
//
// Its deadline and what it has to flush may be moved by another's doing: a port is given packets
// that came in by a different one. It says so by moved(), and the loop asks nobody else. What it
// does itself in ready() and advance() needs no word.
#pragma once

#include "models/time/deadline_book.hpp"

namespace elblab::live {

class Pollable : public Deadlined {
 public:
  static constexpr int kNoDescriptor = -1;

  // Readable when ready() has something to do; the same for ever. kNoDescriptor: deadlines only.
  virtual int descriptor() const = 0;
  // Serves a bounded portion of what waits. True: there may be more.
  virtual bool ready(Instant now) = 0;
  // Hands to the kernel what was gathered for it. Called after whatever may have gathered.
  virtual void flush() = 0;
};

}  // namespace elblab::live
