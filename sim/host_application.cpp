#include "sim/host_application.hpp"

#include <algorithm>
#include <utility>

#include "sim/clock.hpp"

namespace elblab::sim {

HostApplication::HostApplication(host::HostOptions options, const random::Stream& stream,
                                 telemetry::Recorder& recorder, Link& link)
    : link_(link),
      host_(std::move(options), stream, recorder, *this),
      timer_(this, &LazyTimer::call<&HostApplication::advance_due>) {
  link_.attach(End::host, *this);
}

HostApplication::~HostApplication() = default;

void HostApplication::StartApplication() {
  for (workload::Application* application : applications_) application->start(now());
  rearm();
}

void HostApplication::arrive(std::span<std::uint8_t> packet) {
  host_.receive(packet, now());
  rearm();
}

void HostApplication::advance_due() {
  const Instant present = now();
  if (host_.next_deadline() <= present) host_.advance(present);
  for (workload::Application* application : applications_) {
    if (application->next_deadline() <= present) application->advance(present);
  }
  rearm();
}

void HostApplication::rearm() {
  Instant next = host_.next_deadline();
  for (const workload::Application* application : applications_) {
    next = std::min(next, application->next_deadline());
  }
  timer_.arm(next);
}

}  // namespace elblab::sim
