#include "sim/lazy_timer.hpp"

#include <algorithm>

namespace elblab::sim {

class LazyTimer::Event final : public ns3::EventImpl {
 public:
  explicit Event(LazyTimer* timer) : timer_(timer) {}
  void detach() { timer_ = nullptr; }

 private:
  void Notify() override {
    if (timer_ != nullptr) timer_->fire();
  }

  LazyTimer* timer_;
};

LazyTimer::LazyTimer(void* owner, Callback callback)
    : owner_(owner), callback_(callback), event_(ns3::Create<Event>(this)) {}

LazyTimer::~LazyTimer() { static_cast<Event*>(ns3::PeekPointer(event_))->detach(); }

void LazyTimer::schedule(Instant at) {
  const Instant present = now();
  armed_at_ = std::max(at, present);
  ns3::Simulator::Schedule(to_ns3(armed_at_ - present), event_);
}

void LazyTimer::fire() {
  const Instant present = read_ns3_clock();
  if (present != armed_at_) return;
  armed_at_ = kNever;
  const EventTime scope(present);
  callback_(owner_);
}

}  // namespace elblab::sim
