#include "models/host/tcp/time_wait_input.hpp"

#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

using telemetry::EventKind;
using telemetry::Reason;

constexpr Duration kRstPawsAge = std::chrono::seconds(60);  // TCP_PAWS_MSL

bool paws_rejects(const TimeWaitRecord& r, const Segment& segment, Instant now) {
  if (!r.timestamps || !segment.options.timestamps || r.recent_timestamp == 0) return false;
  const bool older = before(segment.options.timestamps->value, r.recent_timestamp);
  return older && !(segment.rst() && now - r.recent_timestamp_at >= kRstPawsAge);
}

}  // namespace

std::optional<std::uint32_t> TimeWaitInput::receive(std::uint32_t slot, const Segment& segment,
                                                    bool listening, Instant now) {
  TimeWaitRecord& r = shared_.time_waits.at(slot);
  const bool stale = paws_rejects(r, segment, now);
  const bool carries_time = r.timestamps && segment.options.timestamps.has_value();
  if (!stale && segment.sequence == r.receive_next &&
      (segment.sequence == segment.end || segment.rst())) {
    if (segment.rst()) {
      ++shared_.counters.resets_received;
      if (shared_.sysctls().tcp_rfc1337 == 0) {  // row 16
        lifecycle_.end_time_wait(slot);
        return std::nullopt;
      }
    } else {
      shared_.time_waits.restart(slot, now);
    }
    if (carries_time) {
      r.recent_timestamp = segment.options.timestamps->value;
      r.recent_timestamp_at = now;
    }
    return std::nullopt;
  }
  const bool plain_syn = segment.syn() && !segment.rst() && !segment.ack();
  const bool newer =
      after(segment.sequence, r.receive_next) ||
      (carries_time && before(r.recent_timestamp, segment.options.timestamps->value));
  if (plain_syn && !stale && newer && listening) {  // row 15
    const std::uint32_t initial = r.send_next + 65535 + 2;
    ++shared_.counters.time_wait_reused;
    shared_.log.event(EventKind::time_wait_reused, Reason::none, segment.flow(), now);
    lifecycle_.end_time_wait(slot);
    return initial == 0 ? 1 : initial;
  }
  if (plain_syn) {  // row 14
    ++shared_.counters.time_wait_refused;
    shared_.log.event(EventKind::time_wait_refused, Reason::none, segment.flow(), now);
  }
  if (segment.rst()) {
    shared_.log.drop(stale ? Reason::paws_rejected : Reason::out_of_window, segment.flow(), now);
    return std::nullopt;
  }
  if (stale || segment.ack()) shared_.time_waits.restart(slot, now);
  answer(slot, segment, now);
  return std::nullopt;
}

void TimeWaitInput::answer(std::uint32_t slot, const Segment& segment, Instant now) {
  TimeWaitRecord& r = shared_.time_waits.at(slot);
  // Segments that carry something are answered each time (row 13), others at a limited rate.
  const bool carries = segment.sequence != segment.end && !segment.syn();
  if (!carries && output_.rate_limited(r.last_challenge_ms, now)) {
    shared_.log.drop(Reason::rate_limited, segment.flow(), now);
    return;
  }
  output_.answer_time_wait(r, now);
}

}  // namespace elblab::host
