#include "sim/application_set.hpp"

#include <algorithm>

#include "sim/clock.hpp"

namespace elblab::sim {

ApplicationSet::ApplicationSet(Deadlines& stack)
    : stack_(stack), timer_(this, &LazyTimer::call<&ApplicationSet::advance_due>) {}

void ApplicationSet::add(workload::Application& application) {
  applications_.push_back(&application);
  deadlines_.add(application);
}

void ApplicationSet::start() {
  for (workload::Application* application : applications_) application->start(now());
  deadlines_.all_moved();
  rearm();
}

void ApplicationSet::advance_due() {
  const Instant present = now();
  if (stack_.next_deadline() <= present) stack_.advance(present);
  deadlines_.advance_due(present);
  rearm();
}

void ApplicationSet::rearm() {
  deadlines_.settle();
  timer_.arm(std::min(stack_.next_deadline(), deadlines_.earliest()));
}

}  // namespace elblab::sim
