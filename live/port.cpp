#include "live/port.hpp"

#include <utility>

#include "worlds/link_drop.hpp"

namespace elblab::live {
namespace {

std::optional<std::string> imbalance(const std::string& where, std::uint64_t in,
                                     const LineCounters& line, std::uint64_t held) {
  if (in == line.entered && line.entered == line.left + line.dropped() + held) return std::nullopt;
  return where + ": " + std::to_string(in) + " packets given, " + std::to_string(line.entered) +
         " entered, " + std::to_string(line.left) + " came out, " + std::to_string(line.dropped()) +
         " dropped, " + std::to_string(held) + " held";
}

}  // namespace

Port::Port(PortOptions options, const random::Stream& stream, telemetry::Recorder& recorder,
           std::unique_ptr<PacketIo> io)
    : options_(std::move(options)),
      recorder_(recorder),
      io_(std::move(io)),
      balancer_exit_(*this, &Port::released_to_balancer),
      host_exit_(*this, &Port::deliver_to_host),
      to_balancer_(options_.link, stream.child("to_balancer"), balancer_exit_),
      to_host_(options_.link, stream.child("to_host"), host_exit_) {
  batch_.reserve(kPortion);
}

// Again until the ring is empty: what was taken lies in it until then, and looks like waiting.
bool Port::ready(Instant now) {
  const auto packets = io_->receive(kPortion);
  for (const std::span<std::uint8_t> packet : packets) {
    if (watch_ != nullptr) watch_->sent_by_host(packet, now);
    if (capture_ != nullptr) capture_->write(now, packet);
    if (log_ != nullptr) log_->sent_by_host(options_.host_object, packet, now);
    if (to_balancer_.enter(packet, now)) batch_.push_back(packet);
  }
  deliver(now);
  return !packets.empty();
}

Instant Port::next_deadline() const {
  return std::min(to_balancer_.next_deadline(), to_host_.next_deadline());
}

void Port::advance(Instant now) {
  to_balancer_.advance(now);
  to_host_.advance(now);
  deliver(now);
}

void Port::deliver(Instant now) {
  if (batch_.empty()) return;
  receiver_->receive(batch_, now);
  batch_.clear();
}

void Port::released_to_balancer(std::span<std::uint8_t> packet, Instant) {
  batch_.push_back(packet);
}

void Port::send(std::span<const std::uint8_t> packet, Instant now) {
  moved();
  if (!to_host_.enter(packet, now)) return;
  scratch_.assign(packet.begin(), packet.end());
  deliver_to_host(scratch_, now);
}

void Port::deliver_to_host(std::span<std::uint8_t> packet, Instant now) {
  // On the wire first, then what stands between the wire and the host.
  if (capture_ != nullptr) capture_->write(now, packet);
  if (log_ != nullptr) log_->received_by_host(options_.host_object, packet, now);
  if (watch_ != nullptr) watch_->comes_to_host(packet, now);
  io_->send(packet);
}

void Port::set_up(bool up) {
  to_balancer_.set_up(up);
  to_host_.set_up(up);
}

void Port::set_loss(double probability) {
  to_balancer_.set_loss(probability);
  to_host_.set_loss(probability);
}

std::uint64_t Port::dropped() const {
  const PacketIoCounters& ring = io_->counters();
  return to_balancer_.counters().dropped() + to_host_.counters().dropped() + ring.dropped_by_ring +
         ring.dropped_by_device + ring.cut_short;
}

void Port::record_drop(std::span<const std::uint8_t> packet, telemetry::Reason reason,
                       Instant now) {
  if (log_ != nullptr) log_->about_to_drop(packet);
  recorder_.record(worlds::link_drop(options_.object, packet, reason, now));
}

std::optional<std::string> Port::conservation_problem() const {
  const PacketIoCounters& ring = io_->counters();
  const std::string link = "link " + options_.name;
  if (auto problem = imbalance(link + " to_balancer", ring.received, to_balancer_.counters(),
                               to_balancer_.held())) {
    return problem;
  }
  const LineCounters& out = to_host_.counters();
  if (auto problem = imbalance(link + " to_host", out.entered, out, to_host_.held())) {
    return problem;
  }
  if (ring.sent + ring.dropped_by_device == out.left) return std::nullopt;
  return link + " to_host: " + std::to_string(out.left) + " packets came out, the ring took " +
         std::to_string(ring.sent) + " and dropped " + std::to_string(ring.dropped_by_device);
}

Expected<void> Port::close_capture() {
  return capture_ == nullptr ? Expected<void>() : capture_->close();
}

}  // namespace elblab::live
