#include "models/host/tcp/loss_recovery.hpp"

#include <algorithm>
#include <vector>

#include "models/contract/require.hpp"
#include "models/host/tcp/initial_sequence.hpp"
#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {
constexpr std::uint32_t kDuplicateThreshold = 3;
constexpr std::uint8_t kMostReorderingSteps = 20;

// A block below what is acknowledged, or inside the second block (RFC 2883 §4).
bool is_duplicate_sack(const Segment& segment) {
  if (segment.options.sack_count == 0) return false;
  const net::SackBlock& first = segment.options.sack[0];
  if (before(first.begin, segment.acknowledgment)) return true;
  if (segment.options.sack_count < 2) return false;
  const net::SackBlock& second = segment.options.sack[1];
  return !before(first.begin, second.begin) && !after(first.end, second.end);
}

}  // namespace

LossRecovery::Outcome LossRecovery::acknowledged(TcpConnection& c, SendState& s,
                                                 const Segment& segment, bool duplicate,
                                                 Instant now) {
  ELBLAB_REQUIRE(!after(c.send_unacknowledged, segment.acknowledgment) &&
                     !after(segment.acknowledgment, c.send_next),
                 "an ACK is of what was sent");
  Outcome outcome;
  Progress progress;
  const std::uint32_t flight = s.in_flight();
  const std::uint32_t window = c.congestion.window();
  if (c.sack && segment.options.sack_count > 0) take_sacks(c, s, segment, progress, now);
  outcome.advanced = after(segment.acknowledgment, c.send_unacknowledged);
  if (outcome.advanced) take_cumulative(c, s, segment.acknowledgment, progress, now);
  if (progress.sample.count() >= 0) {
    c.round_trip.sample(progress.sample);
  } else if (outcome.advanced && segment.options.timestamps && c.timestamps &&
             segment.options.timestamps->echo != 0) {
    const std::uint32_t ms = clock_ms(now) + c.timestamp_offset - segment.options.timestamps->echo;
    if (ms < 120'000) c.round_trip.sample(std::chrono::milliseconds(ms));
  }
  leave_recovery(c, s, segment);
  if (c.sack) {
    outcome.reordering_ends = detect(c, s, now);
  } else {
    if (outcome.advanced) s.duplicate_acks = 0;
    if (duplicate && s.segments.size() > s.duplicate_acks + 1) ++s.duplicate_acks;
    detect_without_sack(c, s, outcome.advanced);
  }
  const bool limited = c.congestion.in_slow_start() ? 2 * flight >= window : flight >= window;
  if (outcome.advanced && s.phase != RecoveryPhase::recovery && limited) {
    c.congestion.acknowledged(progress.segments);
  }
  return outcome;
}

void LossRecovery::take_sacks(TcpConnection& c, SendState& s, const Segment& segment,
                              Progress& progress, Instant now) {
  std::uint8_t first = 0;
  if (is_duplicate_sack(segment)) {
    first = 1;
    c.reordering_seen = true;
    c.reordering_steps = std::min<std::uint8_t>(c.reordering_steps + 1, kMostReorderingSteps);
  }
  for (std::uint8_t b = first; b < segment.options.sack_count; ++b) {
    const net::SackBlock& block = segment.options.sack[b];
    if (!before(block.begin, block.end) || before(block.begin, c.send_unacknowledged) ||
        after(block.end, c.send_next)) {
      continue;
    }
    std::uint32_t low = 0;
    std::uint32_t high = s.segments.size();
    while (low < high) {
      const std::uint32_t middle = (low + high) / 2;
      (before(s.segments[middle].begin, block.begin) ? low : high) =
          before(s.segments[middle].begin, block.begin) ? middle + 1 : middle;
    }
    for (; low < s.segments.size() && !after(s.segments[low].end, block.end); ++low) {
      SentSegment& sent = s.segments[low];
      if (sent.sacked) continue;
      delivered(c, s, sent, progress, now);
      if (sent.lost) --s.lost;
      if (sent.resent) --s.resent;
      sent.lost = sent.resent = false;
      sent.sacked = true;
      ++s.sacked;
    }
  }
}

void LossRecovery::take_cumulative(TcpConnection& c, SendState& s, std::uint32_t ack,
                                   Progress& progress, Instant now) {
  while (!s.segments.empty() && !after(s.segments.front().end, ack)) {
    SentSegment& sent = s.segments.front();
    if (sent.sacked) {
      --s.sacked;
    } else {
      delivered(c, s, sent, progress, now);
    }
    if (sent.lost) --s.lost;
    if (sent.resent) --s.resent;
    ++progress.segments;
    s.segments.pop();
  }
  if (!s.segments.empty() && before(s.segments.front().begin, ack)) {
    s.segments.front().begin = ack;
  }
  c.send_unacknowledged = ack;
  c.retries = 0;
  c.backoff = 0;
  s.first_retransmission = kNever;
}

void LossRecovery::delivered(TcpConnection& c, SendState& s, const SentSegment& sent,
                             Progress& progress, Instant now) {
  ++progress.delivered;
  const Duration elapsed = now - sent.sent_at;
  if (!sent.ever_resent) {
    // The oldest of what one ACK delivers gives the sample, as in Linux.
    progress.sample = std::max(progress.sample, elapsed);
    if (s.highest_sacked_valid && before(sent.end, s.highest_sacked)) c.reordering_seen = true;
  } else if (elapsed < c.round_trip.least()) {
    return;  // this answers the first transmission (RFC 8985 §6.2 step 2)
  }
  if (!s.highest_sacked_valid || after(sent.end, s.highest_sacked)) {
    s.highest_sacked = sent.end;
    s.highest_sacked_valid = true;
  }
  if (!s.rack_valid || sent.sent_at > s.rack_sent_at ||
      (sent.sent_at == s.rack_sent_at && after(sent.end, s.rack_end))) {
    s.rack_valid = true;
    s.rack_sent_at = sent.sent_at;
    s.rack_end = sent.end;
  }
  s.rack_round_trip = elapsed;
}

bool LossRecovery::was_needless(const TcpConnection& c, const SendState& s,
                                const Segment& segment) {
  if (!s.undo_possible || !c.timestamps || !segment.options.timestamps) return false;
  const std::uint32_t echo = segment.options.timestamps->echo;
  return s.first_resent_ms != 0 && echo != 0 && before(echo, s.first_resent_ms);
}

void LossRecovery::leave_recovery(TcpConnection& c, SendState& s, const Segment& segment) {
  if (s.phase == RecoveryPhase::open) return;
  // The ACK that covers the first retransmission echoes a timestamp from before it: the original
  // had arrived after all.
  if (before(s.recovery_point - 1, segment.acknowledgment)) {
    if (was_needless(c, s, segment)) {
      c.congestion.undo();
      c.reordering_seen = true;
    }
    s.phase = RecoveryPhase::open;
    s.undo_possible = false;
    s.first_resent_ms = 0;
  }
}

Instant LossRecovery::detect(TcpConnection& c, SendState& s, Instant now) {
  if (!s.rack_valid || (s.sacked == 0 && s.phase == RecoveryPhase::open)) return kNever;
  Duration window{0};
  const bool eager =
      !c.reordering_seen && (s.phase != RecoveryPhase::open || s.sacked >= kDuplicateThreshold);
  if (!eager) {
    window = std::min(c.round_trip.least() / 4 * c.reordering_steps, c.round_trip.smoothed());
  }
  Instant next = kNever;
  bool found = false;
  for (std::uint32_t i = 0; i < s.segments.size(); ++i) {
    SentSegment& sent = s.segments[i];
    if (sent.sacked || (sent.lost && !sent.resent)) continue;
    const bool sent_before = sent.sent_at < s.rack_sent_at ||
                             (sent.sent_at == s.rack_sent_at && before(sent.end, s.rack_end));
    if (!sent_before) {
      if (!sent.ever_resent) break;  // all behind it were sent later still
      continue;
    }
    const Instant deadline = sent.sent_at + s.rack_round_trip + window;
    if (deadline <= now) {
      mark_lost(s, sent);
      found = true;
    } else {
      next = next == kNever ? deadline : std::max(next, deadline);
    }
  }
  if (found && s.phase == RecoveryPhase::open) enter_recovery(c, s);
  return next;
}

void LossRecovery::detect_without_sack(TcpConnection& c, SendState& s, bool advanced) {
  if (s.segments.empty()) return;
  SentSegment& head = s.segments.front();
  const bool third = s.phase == RecoveryPhase::open && s.duplicate_acks >= kDuplicateThreshold;
  const bool partial = s.phase == RecoveryPhase::recovery && advanced;
  if ((third || partial) && !head.lost) {
    mark_lost(s, head);
    if (s.phase == RecoveryPhase::open) enter_recovery(c, s);
  }
}

void LossRecovery::mark_lost(SendState& s, SentSegment& sent) {
  if (sent.resent) --s.resent;
  sent.resent = false;
  if (!sent.lost) ++s.lost;
  sent.lost = true;
}

void LossRecovery::enter_recovery(TcpConnection& c, SendState& s) {
  s.phase = RecoveryPhase::recovery;
  s.recovery_point = c.send_next;
  s.undo_possible = true;
  s.first_resent_ms = 0;
  c.congestion.enter_recovery();
}

Instant LossRecovery::reordering_expired(TcpConnection& c, SendState& s, Instant now) {
  return detect(c, s, now);
}

void LossRecovery::timed_out(TcpConnection& c, SendState& s) {
  // A SACKed head means the receiver forgot what it had SACKed (RFC 2018 §8).
  const bool reneged = !s.segments.empty() && s.segments.front().sacked;
  for (std::uint32_t i = 0; i < s.segments.size(); ++i) {
    SentSegment& sent = s.segments[i];
    if (reneged && sent.sacked) {
      sent.sacked = false;
      --s.sacked;
    }
    if (!sent.sacked) mark_lost(s, sent);
  }
  s.duplicate_acks = 0;
  c.congestion.timed_out(s.phase != RecoveryPhase::loss);
  if (s.phase != RecoveryPhase::loss) {
    s.undo_possible = true;
    s.first_resent_ms = 0;
  }
  s.phase = RecoveryPhase::loss;
  s.recovery_point = c.send_next;
}

void LossRecovery::cut(TcpConnection& c, SendState& s) {
  std::vector<SentSegment> pieces;
  bool any = false;
  for (std::uint32_t i = 0; i < s.segments.size(); ++i) {
    SentSegment& sent = s.segments[i];
    const std::uint32_t bytes = sent.end - sent.begin - (sent.fin ? 1 : 0);
    if (sent.sacked || bytes <= c.send_mss) {
      pieces.push_back(sent);
      continue;
    }
    any = true;
    mark_lost(s, sent);
    --s.lost;  // each piece counts instead
    for (std::uint32_t begin = 0; begin < bytes; begin += c.send_mss) {
      SentSegment piece = sent;
      const std::uint32_t end = std::min<std::uint32_t>(begin + c.send_mss, bytes);
      piece.begin = sent.begin + begin;
      piece.end = end == bytes ? sent.end : sent.begin + end;
      piece.fin = sent.fin && end == bytes;
      pieces.push_back(piece);
      ++s.lost;
    }
  }
  if (!any) return;
  s.segments.clear();
  for (const SentSegment& piece : pieces) s.segments.push(piece);
  if (s.phase != RecoveryPhase::loss) {
    s.phase = RecoveryPhase::loss;
    s.recovery_point = c.send_next;
  }
  s.undo_possible = false;
}

SentSegment* LossRecovery::next_lost(SendState& s) {
  if (s.lost <= s.resent) return nullptr;
  for (std::uint32_t i = 0; i < s.segments.size(); ++i) {
    SentSegment& sent = s.segments[i];
    if (sent.lost && !sent.resent) return &sent;
  }
  return nullptr;
}

void LossRecovery::resent(TcpConnection& c, SendState& s, SentSegment& sent, Instant now) {
  sent.sent_at = now;
  sent.ever_resent = true;
  if (sent.lost) {
    sent.resent = true;
    ++s.resent;
  }
  if (s.first_resent_ms == 0) s.first_resent_ms = clock_ms(now) + c.timestamp_offset;
  if (s.first_retransmission == kNever) s.first_retransmission = now;
  ++c.retransmissions;
}

}  // namespace elblab::host
