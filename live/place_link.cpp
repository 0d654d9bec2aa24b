#include "live/place_link.hpp"

#include <algorithm>
#include <utility>

#include "worlds/link_drop.hpp"

namespace elblab::live {

PlaceLink::PlaceLink(std::string name, telemetry::ObjectId object,
                     const language::Link& parameters, const random::Stream& stream,
                     telemetry::Recorder& recorder)
    : name_(std::move(name)),
      object_(object),
      recorder_(recorder),
      first_(*this, parameters, stream.child("to_balancer")),
      second_(*this, parameters, stream.child("to_host")) {
  first_.opposite = &second_;
  second_.opposite = &first_;
}

Instant PlaceLink::next_deadline() const {
  Instant next = std::min(first_.line.next_deadline(), second_.line.next_deadline());
  for (const Direction* direction : {&first_, &second_}) {
    if (!direction->arrived.empty()) next = std::min(next, direction->arrived_at);
  }
  return next;
}

void PlaceLink::advance(Instant now) {
  for (Direction* direction : {&first_, &second_}) {
    direction->line.advance(now);
    direction->deliver(now);
  }
}

void PlaceLink::set_up(bool up) {
  for (Direction* direction : {&first_, &second_}) direction->line.set_up(up);
}

void PlaceLink::set_loss(double probability) {
  for (Direction* direction : {&first_, &second_}) direction->line.set_loss(probability);
}

std::uint64_t PlaceLink::dropped() const {
  return first_.line.counters().dropped() + second_.line.counters().dropped();
}

std::optional<std::string> PlaceLink::conservation_problem() const {
  for (const Direction* direction : {&first_, &second_}) {
    const LineCounters& c = direction->line.counters();
    const std::uint64_t waiting = direction->arrived.size();
    if (c.entered == direction->delivered + waiting + c.dropped() + direction->line.held()) continue;
    return "link " + name_ + ": " + std::to_string(c.entered) + " packets sent, " +
           std::to_string(direction->delivered) + " delivered, " + std::to_string(c.dropped()) +
           " dropped, " + std::to_string(direction->line.held() + waiting) + " held";
  }
  return std::nullopt;
}

void PlaceLink::Direction::send(std::span<const std::uint8_t> packet, Instant now) {
  owner.moved();
  if (line.enter(packet, now)) keep(packet, now);
}

void PlaceLink::Direction::released(std::span<std::uint8_t> packet, Instant now) {
  keep(packet, now);
}

void PlaceLink::Direction::keep(std::span<const std::uint8_t> packet, Instant now) {
  if (arrived.empty()) arrived_at = now;
  arrived.emplace_back(packet.begin(), packet.end());
}

void PlaceLink::Direction::dropped(std::span<const std::uint8_t> packet, telemetry::Reason reason,
                                   Instant now) {
  if (owner.log_ != nullptr) owner.log_->about_to_drop(packet);
  owner.recorder_.record(worlds::link_drop(owner.object_, packet, reason, now));
}

void PlaceLink::Direction::deliver(Instant now) {
  if (arrived.empty()) return;
  std::deque<std::vector<std::uint8_t>> batch = std::exchange(arrived, {});
  PacketBatch packets;
  for (std::vector<std::uint8_t>& packet : batch) packets.emplace_back(packet);
  delivered += packets.size();
  receiver->receive(packets, now);
}

}  // namespace elblab::live
