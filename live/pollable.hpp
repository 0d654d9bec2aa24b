// Something that the loop of a live run serves: the sockets of a host, a port, a balancer's timers.
//
// Its deadline and what it has to flush may be moved by another's doing: a port is given packets
// that came in by a different one. It says so by stirred(), and the loop asks nobody else. What it
// does itself in ready() and advance() needs no word.
#pragma once

#include <cstdint>

#include "models/time/instant.hpp"

namespace elblab::live {

// Who hears that the thing on a place was stirred: the loop.
class StirWatch {
 public:
  virtual ~StirWatch() = default;
  virtual void stirred(std::uint32_t place) = 0;
};

class Pollable {
 public:
  static constexpr int kNoDescriptor = -1;

  virtual ~Pollable() = default;
  // Readable when ready() has something to do; the same for ever. kNoDescriptor: deadlines only.
  virtual int descriptor() const = 0;
  // Serves a bounded portion of what waits. True: there may be more.
  virtual bool ready(Instant now) = 0;
  // kNever: none. advance() is called when it has come.
  virtual Instant next_deadline() const = 0;
  virtual void advance(Instant now) = 0;
  // Hands to the kernel what was gathered for it. Called after whatever may have gathered.
  virtual void flush() = 0;

  // The watch must outlive the thing, or be replaced; nullptr: nobody.
  void stirs(StirWatch* watch, std::uint32_t place) {
    watch_ = watch;
    place_ = place;
  }

 protected:
  void stirred() {
    if (watch_ != nullptr) watch_->stirred(place_);
  }

 private:
  StirWatch* watch_ = nullptr;
  std::uint32_t place_ = 0;
};

}  // namespace elblab::live
