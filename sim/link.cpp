#include "sim/link.hpp"

#include <utility>

#include "sim/clock.hpp"
#include "worlds/link_drop.hpp"

namespace elblab::sim {
namespace {

using telemetry::Reason;

const char* stream_name(End from) { return from == End::first ? "to_balancer" : "to_host"; }

}  // namespace

Link::Direction::Direction(const LinkOptions& options, const random::Stream& stream, Link& link,
                           End from)
    : impairment(stream.child(stream_name(from)), options.loss, options.jitter),
      delay_line([&link, from](std::span<std::uint8_t> p) { link.released(from, p); }) {}

Link::Link(LinkOptions options, const random::Stream& stream, telemetry::Recorder& recorder)
    : options_(std::move(options)),
      recorder_(recorder),
      directions_{Direction{options_, stream, *this, End::first},
                  Direction{options_, stream, *this, End::second}} {}

void Link::set_loss(double probability) {
  for (Direction& direction : directions_) direction.impairment.set_loss(probability);
}

void Link::send(End from, std::span<const std::uint8_t> packet) {
  LinkCounters& counters = direction_from(from).counters;
  ++counters.sent;
  counters.bytes_sent += packet.size();
  if (from == End::first) left_host(packet);
  if (!up_) return drop(from, packet, Reason::link_down);
  if (impaired_before_medium(from) && impair(from, packet)) return;
  transmit(from, packet);
}

void Link::left_host(std::span<const std::uint8_t> packet) {
  if (capture_ != nullptr) capture_->write(now(), packet);
  if (log_ != nullptr && options_.host_object != 0)
    log_->sent_by_host(options_.host_object, packet, now());
}

void Link::transmit(End from, std::span<const std::uint8_t> packet) {
  LinkCounters& counters = direction_from(from).counters;
  ++counters.on_medium;
  const Reason reason = medium_->transmit(from, packet);
  if (reason == Reason::none) return;
  --counters.on_medium;
  drop(from, packet, reason);
}

void Link::carried(End at, std::span<std::uint8_t> packet) {
  const End from = opposite(at);
  --direction_from(from).counters.on_medium;
  if (!up_) return drop(from, packet, Reason::link_down);
  if (!impaired_before_medium(from) && impair(from, packet)) return;
  deliver(at, packet);
}

void Link::lost(End from, std::span<const std::uint8_t> packet, Reason reason) {
  --direction_from(from).counters.on_medium;
  drop(from, packet, reason);
}

void Link::sent_natively(std::span<const std::uint8_t> packet) {
  LinkCounters& counters = direction_from(End::first).counters;
  ++counters.sent;
  ++counters.on_medium;
  counters.bytes_sent += packet.size();
  left_host(packet);
}

bool Link::impair(End from, std::span<const std::uint8_t> packet) {
  Direction& direction = direction_from(from);
  if (direction.impairment.loses()) {
    drop(from, packet, Reason::link_loss);
    return true;
  }
  if (!direction.impairment.holds()) return false;
  direction.delay_line.hold(packet, now() + direction.impairment.hold());
  return true;
}

void Link::released(End from, std::span<std::uint8_t> packet) {
  if (!up_) return drop(from, packet, Reason::link_down);
  if (impaired_before_medium(from)) return transmit(from, packet);
  deliver(opposite(from), packet);
}

void Link::deliver(End at, std::span<std::uint8_t> packet) {
  Direction& direction = direction_to(at);
  ++direction.counters.delivered;
  direction.counters.bytes_delivered += packet.size();
  if (at == End::first) {
    if (capture_ != nullptr) capture_->write(now(), packet);
    if (log_ != nullptr && options_.host_object != 0) {
      log_->received_by_host(options_.host_object, packet, now());
    }
  }
  if (direction.sink != nullptr) direction.sink->arrive(packet);
}

void Link::drop(End from, std::span<const std::uint8_t> packet, Reason reason) {
  LinkCounters& counters = direction_from(from).counters;
  switch (reason) {
    case Reason::link_queue_full:
      ++counters.dropped_queue_full;
      break;
    case Reason::link_loss:
      ++counters.dropped_loss;
      break;
    case Reason::link_down:
      ++counters.dropped_down;
      break;
    default:
      ++counters.dropped_other;
      break;
  }
  if (log_ != nullptr) log_->about_to_drop(packet);
  recorder_.record(worlds::link_drop(options_.object, packet, reason, now()));
}

std::uint64_t Link::dropped() const {
  return counters(End::first).dropped() + counters(End::second).dropped();
}

std::optional<std::string> Link::conservation_problem() const {
  for (const End from : {End::first, End::second}) {
    const Direction& direction = directions_[index_of(from)];
    const LinkCounters& c = direction.counters;
    const std::uint64_t in_flight = c.on_medium + direction.delay_line.held();
    const std::string where = "link " + options_.name + " " + stream_name(from) + ": ";
    if (c.sent != c.delivered + c.dropped() + in_flight) {
      return where + std::to_string(c.sent) + " packets sent, " + std::to_string(c.delivered) +
             " delivered, " + std::to_string(c.dropped()) + " dropped, " +
             std::to_string(in_flight) + " in flight";
    }
    if (c.on_medium > medium_->capacity_packets(from)) {
      return where + std::to_string(c.on_medium) + " packets on a medium that holds " +
             std::to_string(medium_->capacity_packets(from));
    }
  }
  return std::nullopt;
}

Expected<void> Link::close_capture() {
  return capture_ == nullptr ? Expected<void>() : capture_->close();
}

}  // namespace elblab::sim
