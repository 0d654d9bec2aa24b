#include "sim/fabric_application.hpp"

#include <utility>

#include "sim/clock.hpp"

namespace elblab::sim {

FabricApplication::FabricApplication(network::Fabric& fabric, std::vector<LinkEnd> ends)
    : fabric_(fabric),
      ends_(std::move(ends)),
      timer_(this, &LazyTimer::call<&FabricApplication::advance_due>) {
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    ends_[i].link->attach(ends_[i].end,
                          ports_.emplace_back(*this, static_cast<network::PortIndex>(i)));
  }
}

FabricApplication::~FabricApplication() = default;

void FabricApplication::arrive(network::PortIndex port, std::span<std::uint8_t> packet) {
  if (fabric_.next_deadline() <= now()) fabric_.advance(now(), *this);
  if (capture_ != nullptr) capture_->arrived(now(), packet);
  fabric_.receive(port, packet, now(), *this);
  timer_.arm(fabric_.next_deadline());
}

void FabricApplication::send(network::PortIndex port, std::span<const std::uint8_t> packet) {
  if (capture_ != nullptr) capture_->sent(now(), packet);
  ends_[port].link->send(ends_[port].end, packet);
}

worlds::PortTraffic FabricApplication::traffic() const {
  worlds::PortTraffic sum;
  for (const LinkEnd& each : ends_) {
    sum.delivered += each.link->counters(opposite(each.end)).delivered;
    sum.taken += each.link->counters(each.end).sent;
  }
  return sum;
}

Expected<void> FabricApplication::close_capture() {
  return capture_ == nullptr ? Expected<void>() : capture_->close();
}

void FabricApplication::advance_due() {
  fabric_.advance(now(), *this);
  timer_.arm(fabric_.next_deadline());
}

}  // namespace elblab::sim
