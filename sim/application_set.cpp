#include "sim/application_set.hpp"

#include <algorithm>

#include "sim/clock.hpp"

namespace elblab::sim {

ApplicationSet::ApplicationSet(Deadlines& stack)
    : stack_(stack), timer_(this, &LazyTimer::call<&ApplicationSet::advance_due>) {}

void ApplicationSet::start() {
  for (workload::Application* application : applications_) application->start(now());
  rearm();
}

void ApplicationSet::advance_due() {
  const Instant present = now();
  if (stack_.next_deadline() <= present) stack_.advance(present);
  for (workload::Application* application : applications_) {
    if (application->next_deadline() <= present) application->advance(present);
  }
  rearm();
}

void ApplicationSet::rearm() {
  Instant next = stack_.next_deadline();
  for (const workload::Application* application : applications_) {
    next = std::min(next, application->next_deadline());
  }
  timer_.arm(next);
}

}  // namespace elblab::sim
