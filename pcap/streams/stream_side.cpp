#include "pcap/streams/stream_side.hpp"

#include <algorithm>

#include "models/net/packet_view.hpp"

namespace elblab::streams {
namespace {

namespace flag = net::tcp_flag;
using pcap::PacketHeaders;

constexpr std::uint32_t kRepeatsOfFastRetransmission = 2;
constexpr Duration kFastWithin = std::chrono::milliseconds(20);

// RFC 9293 §3.4: numbers wrap.
bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

}  // namespace

SegmentKind StreamSide::take(const PacketHeaders& segment, Duration at, StreamSide& other,
                             Duration round_trip) {
  if (is_copy(segment, at)) {
    ++counts_.captured_twice;
    return SegmentKind::captured_twice;
  }
  const Duration pause = at - last_sent_;
  last_sent_ = at;
  remember(segment, at);
  ++counts_.packets;
  other.in_vain_ = 0;
  if (segment.has(flag::rst)) {
    ++counts_.resets;
    return SegmentKind::bare;
  }
  if (segment.has(flag::syn)) {
    const bool again = known_ && segment.sequence + 1 == next_;
    if (again) ++in_vain_;
    if (again) longest_stall_ = std::max(longest_stall_, pause);
    if (!again) take_syn(segment);
    take_acknowledgment(segment, at, other);
    take_window(segment, at);
    return again ? SegmentKind::retransmission : SegmentKind::fresh;
  }
  if (!known_) {
    known_ = true;
    next_ = segment.sequence;
    next_at_ = at;
    next_identification_ = segment.identification;
  }
  const std::uint32_t begin = segment.sequence;
  const std::uint32_t end = begin + segment.payload + (segment.has(flag::fin) ? 1 : 0);
  SegmentKind kind = SegmentKind::bare;
  if (segment.payload <= 1 && !segment.has(flag::fin) && begin + 1 == next_ && !finished_) {
    kind = SegmentKind::keep_alive;
    ++counts_.keep_alives;
  } else if (end != begin) {
    kind = take_data(segment, begin, end, at, other, round_trip);
  } else if (is_keep_alive_answer(segment, other)) {
    kind = SegmentKind::keep_alive_answer;
    ++counts_.keep_alive_answers;
  }
  if (kind == SegmentKind::retransmission) longest_stall_ = std::max(longest_stall_, pause);
  last_was_keep_alive_ = kind == SegmentKind::keep_alive;
  if (segment.has(flag::fin)) finished_ = true;
  take_acknowledgment(segment, at, other);
  take_window(segment, at);
  return kind;
}

SegmentKind StreamSide::take_datagram(const PacketHeaders& datagram, Duration at) {
  if (datagram.identification != 0 && is_copy(datagram, at)) {
    ++counts_.captured_twice;
    return SegmentKind::captured_twice;
  }
  remember(datagram, at);
  ++counts_.packets;
  counts_.bytes += datagram.payload;
  last_fresh_ = at;
  return SegmentKind::fresh;
}

void StreamSide::accept_syn(std::uint32_t acknowledgment) {
  if (known_ && before(next_, acknowledgment)) {
    counts_.bytes += acknowledgment - next_;
    next_ = acknowledgment;
  }
}

bool StreamSide::is_copy(const PacketHeaders& segment, Duration at) const {
  const bool identified = segment.identification != 0 && identifies_;
  // Acknowledgments are repeated on purpose (RFC 5681 §3.2).
  const bool bare = segment.payload == 0 && !segment.has(flag::syn | flag::fin);
  if (!identified && bare) return false;
  const Duration within = identified ? kCopyWithin : kTwinWithin;
  return std::ranges::any_of(seen_, [&](const Seen& one) {
    return one.at >= Duration{0} && one.identification == segment.identification &&
           one.sequence == segment.sequence && one.acknowledgment == segment.acknowledgment &&
           one.payload == segment.payload && one.flags == segment.flags &&
           std::chrono::abs(at - one.at) <= within;
  });
}

void StreamSide::remember(const PacketHeaders& segment, Duration at) {
  const Seen& latest = seen_[(seen_at_ + seen_.size() - 1U) % seen_.size()];
  const bool another = latest.at >= Duration{0} &&
                       (latest.sequence != segment.sequence || latest.payload != segment.payload);
  if (another && latest.identification == segment.identification) identifies_ = false;
  seen_[seen_at_] = {at,
                     segment.sequence,
                     segment.acknowledgment,
                     segment.payload,
                     segment.identification,
                     segment.flags};
  seen_at_ = static_cast<std::uint8_t>((seen_at_ + 1U) % seen_.size());
}

// Data on a SYN counts once the other side has acknowledged it, or when it comes again.
void StreamSide::take_syn(const PacketHeaders& segment) {
  known_ = true;
  finished_ = false;
  next_ = segment.sequence + 1;
  holes_ = {};
}

SegmentKind StreamSide::take_data(const PacketHeaders& segment, std::uint32_t begin,
                                  std::uint32_t end, Duration at, const StreamSide& other,
                                  Duration round_trip) {
  if (segment.payload == 1 && begin == next_ && other.window_known_ && other.window_ == 0) {
    ++counts_.window_probes;
    return SegmentKind::window_probe;
  }
  ++counts_.segments;
  if (!before(next_, end)) return behind(segment, begin, end, at, other, round_trip);
  const bool again = before(begin, next_ - 1);
  if (before(next_, begin)) open_hole(next_, begin);
  const std::uint32_t fresh = end - (before(begin, next_) ? next_ : begin);
  counts_.bytes += fresh - (segment.has(flag::fin) ? 1 : 0);
  next_ = end;
  next_at_ = at;
  next_identification_ = segment.identification;
  if (segment.payload > 0) last_fresh_ = at;
  if (again) ++counts_.retransmissions;
  return again ? SegmentKind::retransmission : SegmentKind::fresh;
}

// What lies behind the highest byte: late, or sent again.
SegmentKind StreamSide::behind(const PacketHeaders& segment, std::uint32_t begin, std::uint32_t end,
                               Duration at, const StreamSide& other, Duration round_trip) {
  const bool fills = fill_hole(begin, end);
  if (fills) counts_.bytes += segment.payload;
  if (fills && segment.payload > 0) last_fresh_ = std::max(last_fresh_, at);
  bool late = false;
  if (fills && identifies_ && segment.identification != 0 && next_identification_ != 0) {
    late = static_cast<std::int16_t>(
               static_cast<std::uint16_t>(segment.identification - next_identification_)) < 0;
  } else {
    const bool asked_for = other.repeated_acknowledgments_ >= kRepeatsOfFastRetransmission &&
                           other.acknowledgment_ == begin &&
                           at - other.last_repeated_acknowledgment_ <= kFastWithin;
    const Duration soon = round_trip > Duration{0} ? round_trip : kUsualRoundTrip;
    late = fills && !asked_for && at - next_at_ < soon;
  }
  if (late) {
    ++counts_.out_of_order;
    return SegmentKind::out_of_order;
  }
  ++counts_.retransmissions;
  ++in_vain_;
  return SegmentKind::retransmission;
}

bool StreamSide::is_keep_alive_answer(const PacketHeaders& segment, const StreamSide& other) const {
  return other.last_was_keep_alive_ && acknowledges_ && segment.acknowledgment == acknowledgment_ &&
         segment.sequence == next_;
}

void StreamSide::take_acknowledgment(const PacketHeaders& segment, Duration at, StreamSide& other) {
  if (!segment.has(flag::ack)) return;
  if (acknowledges_ && segment.acknowledgment == acknowledgment_) {
    const bool bare = segment.payload == 0 && !segment.has(flag::syn | flag::fin);
    if (bare && other.counts_.segments > 0) {
      ++repeated_acknowledgments_;
      last_repeated_acknowledgment_ = at;
    }
    return;
  }
  if (acknowledges_ && before(segment.acknowledgment, acknowledgment_)) return;
  acknowledges_ = true;
  acknowledgment_ = segment.acknowledgment;
  repeated_acknowledgments_ = 0;
  other.acknowledged_up_to(acknowledgment_);
}

void StreamSide::take_window(const PacketHeaders& segment, Duration at) {
  if (!segment.window_known || segment.has(flag::syn | flag::fin)) return;
  window_known_ = true;
  window_ = segment.window;
  if (window_ == 0 && closed_since_ < Duration{0}) closed_since_ = at;
  if (window_ > 0 && closed_since_ >= Duration{0}) {
    window_closed_ += std::max(at - closed_since_, Duration{0});
    closed_since_ = Duration{-1};
  }
}

void StreamSide::open_hole(std::uint32_t begin, std::uint32_t end) {
  // The oldest gives way.
  Hole* place = &holes_.front();
  for (Hole& hole : holes_) {
    if (hole.begin == hole.end) {
      place = &hole;
      break;
    }
    if (before(hole.begin, place->begin)) place = &hole;
  }
  *place = {begin, end};
}

bool StreamSide::fill_hole(std::uint32_t begin, std::uint32_t end) {
  for (Hole& hole : holes_) {
    if (hole.begin == hole.end || before(begin, hole.begin) || before(hole.end, end)) continue;
    // What is filled from its middle leaves the larger rest: the next fill is found in it.
    if (begin == hole.begin) {
      hole.begin = end;
    } else if (end == hole.end) {
      hole.end = begin;
    } else if (hole.end - end > begin - hole.begin) {
      hole.begin = end;
    } else {
      hole.end = begin;
    }
    return true;
  }
  return false;
}

void StreamSide::acknowledged_up_to(std::uint32_t acknowledgment) {
  for (Hole& hole : holes_) {
    if (hole.begin == hole.end || before(acknowledgment, hole.end)) continue;
    ++counts_.missed;
    hole.begin = hole.end;
  }
}

}  // namespace elblab::streams
