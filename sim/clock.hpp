// Virtual time: the one place where ns-3's time and model time meet.
//
// ns-3's resolution stays at its default of one nanosecond, which is that of elblab::Instant, so a
// time step is a nanosecond and no conversion can round.
//
// now() is asked several times per packet, and asking ns-3 is two calls into a shared library and
// an object: an event of the world's own reads the time once, for all that happens in it.
#pragma once

#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include "models/time/instant.hpp"

namespace elblab::sim {

inline Instant read_ns3_clock() { return Instant{Duration{ns3::Simulator::Now().GetTimeStep()}}; }

// The instant of the event being run. Scopes do not nest: ns-3 runs one event at a time.
class EventTime {
 public:
  explicit EventTime(Instant present) { present_ = present; }
  ~EventTime() { present_ = kNever; }
  EventTime(const EventTime&) = delete;
  EventTime& operator=(const EventTime&) = delete;

  static Instant present() { return present_; }

 private:
  static inline Instant present_ = kNever;  // kNever: outside such an event
};

inline Instant now() {
  const Instant present = EventTime::present();
  return present != kNever ? present : read_ns3_clock();
}

inline ns3::Time to_ns3(Duration duration) { return ns3::Time{duration.count()}; }

}  // namespace elblab::sim
