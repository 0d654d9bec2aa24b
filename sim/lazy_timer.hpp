// One timer of the world: calls its owner no later than the instant it was last armed for.
//
// Models ask for a deadline after every packet, mostly one later than the last. Arming is therefore
// free unless the new deadline is earlier than the pending event; a pending event that comes too
// early finds nothing due and the owner arms again. No ns-3 event is ever cancelled (a cancelled
// event stays in ns-3's queue anyway), and one event object, counted by reference, is scheduled
// again and again: nothing is allocated per event.
//
// Invariants: (1) armed_at() is the time of the earliest pending event that will reach the owner,
// or kNever; (2) an event whose time is not armed_at() was superseded by an earlier one and is
// ignored; (3) after destruction of the timer pending events do nothing.
#pragma once

#include <ns3/event-impl.h>
#include <ns3/ptr.h>

#include "sim/clock.hpp"

namespace elblab::sim {

class LazyTimer {
 public:
  using Callback = void (*)(void* owner);

  LazyTimer(void* owner, Callback callback);
  ~LazyTimer();
  LazyTimer(const LazyTimer&) = delete;
  LazyTimer& operator=(const LazyTimer&) = delete;

  // The owner's member function as a callback: LazyTimer(this, call<&Owner::fire>).
  template <auto Member>
  static void call(void* owner) {
    invoke(owner, Member);
  }

  // An instant already past means now (a fresh event of this instant); kNever is nothing to do.
  void arm(Instant at) {
    if (at < armed_at_) schedule(at);
  }
  Instant armed_at() const { return armed_at_; }

 private:
  class Event;

  template <typename Owner>
  static void invoke(void* owner, void (Owner::*member)()) {
    (static_cast<Owner*>(owner)->*member)();
  }
  void schedule(Instant at);
  void fire();

  void* owner_;
  Callback callback_;
  Instant armed_at_ = kNever;
  ns3::Ptr<ns3::EventImpl> event_;  // an Event
};

}  // namespace elblab::sim
