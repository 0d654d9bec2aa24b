#include "sim/host_application.hpp"

#include <utility>

#include "sim/clock.hpp"

namespace elblab::sim {

HostApplication::HostApplication(host::HostOptions options, const random::Stream& stream,
                                 telemetry::Recorder& recorder, Link& link)
    : link_(link), host_(std::move(options), stream, recorder, *this), applications_(*this) {
  link_.attach(End::first, *this);
}

HostApplication::~HostApplication() = default;

void HostApplication::arrive(std::span<std::uint8_t> packet) {
  host_.receive(packet, now());
  applications_.rearm();
}

}  // namespace elblab::sim
