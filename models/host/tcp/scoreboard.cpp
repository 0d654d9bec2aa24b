#include "models/host/tcp/scoreboard.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "models/host/tcp/initial_sequence.hpp"
#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

constexpr std::uint32_t kMostReordering = 255;                 // tcp_max_reordering is 300
constexpr std::uint8_t kMostSteps = 16;                        // TCP_RACK_RECOVERY_THRESH
constexpr Duration kLeastWait = std::chrono::milliseconds(2);  // TCP_TIMEOUT_MIN_US

// Sent later, or at the same time and behind (RFC 8985 §6.2 step 2).
bool sent_after(Instant a, std::uint32_t end_a, Instant b, std::uint32_t end_b) {
  return a > b || (a == b && after(end_a, end_b));
}

}  // namespace

std::uint32_t Scoreboard::highest_sacked(Flight f) {
  return f.sending.sacked == 0 ? f.connection.send_unacknowledged : f.sending.highest_sacked;
}

bool Scoreboard::take_duplicate_sack(Flight f, const Segment& segment, std::uint32_t before_ack,
                                     AckSigns& signs) {
  TcpConnection& c = f.connection;
  TransferState& t = f.transfer;
  const net::SackBlock& first = segment.options.sack[0];
  if (!before(first.begin, segment.acknowledgment)) {
    if (segment.options.sack_count < 2) return false;
    const net::SackBlock& second = segment.options.sack[1];
    if (after(first.end, second.end) || before(first.begin, second.begin)) return false;
  }
  const std::uint32_t length = first.end - first.begin;
  if (!before(first.begin, first.end) || length > c.largest_send_window) return false;
  std::uint32_t segments = 1;
  if (length > c.send_mss) {
    segments = (length + c.send_mss - 1) / c.send_mss;
  } else if (t.probe_outstanding && t.probe_end == first.end) {
    signs.probe_duplicate = true;
  }
  t.duplicates_reported += segments;
  if (t.duplicates_reported > t.resent_ever) return false;  // more than was sent twice
  if (t.reordering_seen && !signs.probe_duplicate) t.duplicate_seen = true;
  signs.duplicate_reported = true;
  t.delivered += segments;  // the needless retransmission was
  if (t.undo_possible && t.undo_retransmissions > 0 && !after(first.end, before_ack) &&
      after(first.end, t.undo_marker)) {
    t.undo_retransmissions =
        std::max(0, t.undo_retransmissions - static_cast<std::int32_t>(segments));
  }
  return true;
}

void Scoreboard::take_sacks(Flight f, const Segment& segment, std::uint32_t before_ack,
                            AckSigns& signs, Instant now) {
  signs.reordered_from = f.connection.send_next;
  const bool duplicate = take_duplicate_sack(f, segment, before_ack, signs);
  // A first block that reports a duplicate is no SACK; neither is one below SND.UNA. In the order
  // of the stream, or the second block would look late.
  std::array<net::SackBlock, 4> blocks;
  std::size_t count = 0;
  for (std::uint8_t i = duplicate ? 1 : 0; i < segment.options.sack_count; ++i) {
    const net::SackBlock& block = segment.options.sack[i];
    if (!before(block.begin, block.end) || after(block.end, f.connection.send_next) ||
        !after(block.begin, f.connection.send_unacknowledged)) {
      continue;
    }
    std::size_t at = count++;
    for (; at > 0 && before(block.begin, blocks[at - 1].begin); --at) blocks[at] = blocks[at - 1];
    blocks[at] = block;
  }
  for (std::size_t i = 0; i < count; ++i) take_block(f, blocks[i], signs, now);
  if (signs.reordered) see_reordering(f, signs.reordered_from);
}

void Scoreboard::take_block(Flight f, const net::SackBlock& block, AckSigns& signs, Instant now) {
  SendState& s = f.sending;
  std::uint32_t low = 0;
  std::uint32_t high = s.segments.size();
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    if (before(s.segments[middle].begin, block.begin)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < s.segments.size() && !after(s.segments[low].end, block.end); ++low) {
    SentSegment& sent = s.segments[low];
    if (sent.sacked || !after(sent.end, f.connection.send_unacknowledged)) continue;
    advance_rack(f, sent, now);
    if (sent.resent) {
      if (sent.lost) {
        sent.lost = sent.resent = false;
        --s.lost;
        --s.resent;
      }
    } else {
      if (!sent.ever_resent) {
        if (before(sent.begin, highest_sacked(f)) && before(sent.begin, signs.reordered_from)) {
          signs.reordered_from = sent.begin;
          signs.reordered = true;
        }
        if (!after(sent.end, f.transfer.recovery_point)) signs.original_delivered = true;
        if (signs.sack_sample.count() < 0) signs.sack_sample = now - sent.sent_at;
        signs.last_sack_sample = now - sent.sent_at;
      }
      if (sent.lost) --s.lost;
      sent.lost = false;
    }
    sent.sacked = true;
    signs.sacked = true;
    if (s.sacked == 0 || after(sent.end, s.highest_sacked)) s.highest_sacked = sent.end;
    ++s.sacked;
    ++f.transfer.delivered;
  }
}

void Scoreboard::take_cumulative(Flight f, AckSigns& signs, Instant now) {
  SendState& s = f.sending;
  const std::uint32_t ack = f.connection.send_unacknowledged;
  std::uint32_t taken = 0;
  while (!s.segments.empty() && !after(s.segments.front().end, ack)) {
    const SentSegment sent = s.segments.front();
    if (sent.ever_resent) {
      if (sent.resent) --s.resent;
      signs.resent_acknowledged = true;
    } else if (!sent.sacked) {
      if (signs.sample.count() < 0) signs.sample = now - sent.sent_at;
      signs.last_sample = now - sent.sent_at;
      if (before(sent.begin, signs.reordered_from)) signs.reordered_from = sent.begin;
      if (!after(sent.end, f.transfer.recovery_point)) signs.original_delivered = true;
    }
    if (sent.sacked) {
      --s.sacked;
    } else if (f.connection.sack) {
      ++f.transfer.delivered;
      advance_rack(f, sent, now);
    }
    if (sent.lost) --s.lost;
    ++taken;
    s.segments.pop();
  }
  signs.acknowledged = taken > 0;
  if (!s.segments.empty()) {
    if (before(s.segments.front().begin, ack)) s.segments.front().begin = ack;
    signs.head_sacked = s.segments.front().sacked;
  }
  if (signs.resent_acknowledged) signs.sample = Duration(-1);  // Karn
  if (taken > 0 && !f.connection.sack) count_without_sack(f, taken, signs);
}

// Duplicate ACKs were for segments that this one covers now; one of them filled the hole.
void Scoreboard::count_without_sack(Flight f, std::uint32_t taken, AckSigns& signs) {
  SendState& s = f.sending;
  f.transfer.delivered += std::max<std::uint32_t>(taken > s.sacked ? taken - s.sacked : 0, 1);
  s.sacked = taken - 1 >= s.sacked ? 0 : s.sacked - (taken - 1);
  const std::uint32_t holes = std::min(std::max(s.lost, 1U), s.segments.size());
  if (s.sacked + holes > s.segments.size()) {
    s.sacked = s.segments.size() - holes;
    f.transfer.reordering =
        static_cast<std::uint8_t>(std::min(s.segments.size() + taken, kMostReordering));
    f.transfer.reordering_seen = true;
  }
  if (signs.resent_acknowledged) signs.original_delivered = false;
}

void Scoreboard::advance_rack(Flight f, const SentSegment& sent, Instant now) {
  const Duration elapsed = now - sent.sent_at;
  // It may answer the first transmission (RFC 8985 §6.2 step 2).
  if (sent.ever_resent && elapsed < f.connection.round_trip.least()) return;
  TransferState& t = f.transfer;
  t.rack_advanced = true;
  t.rack_round_trip = elapsed;
  if (sent_after(sent.sent_at, sent.end, t.rack_sent_at, t.rack_end)) {
    t.rack_sent_at = sent.sent_at;
    t.rack_end = sent.end;
  }
}

void Scoreboard::widen_reordering(Flight f, std::uint32_t prior_delivered) {
  TransferState& t = f.transfer;
  if (before(prior_delivered, t.steps_delivered)) t.duplicate_seen = false;
  if (t.duplicate_seen) {
    t.reordering_steps = static_cast<std::uint8_t>(std::min(255, t.reordering_steps + 1));
    t.duplicate_seen = false;
    t.steps_delivered = t.delivered;
    t.steps_persist = kMostSteps;
  } else if (t.steps_persist == 0) {
    t.reordering_steps = 1;
  }
}

void Scoreboard::see_reordering(Flight f, std::uint32_t low) {
  const std::uint32_t highest = highest_sacked(f);
  if (!before(low, highest)) return;
  TransferState& t = f.transfer;
  const std::uint32_t distance = highest - low;
  const std::uint32_t mss = f.connection.send_mss;
  if (distance > t.reordering * mss) {
    t.reordering = static_cast<std::uint8_t>(std::min((distance + mss - 1) / mss, kMostReordering));
  }
  t.reordering_seen = true;
}

void Scoreboard::add_duplicate(Flight f) {
  SendState& s = f.sending;
  const std::uint32_t prior = s.sacked;
  ++s.sacked;
  const std::uint32_t holes = std::min(std::max(s.lost, 1U), s.segments.size());
  if (s.sacked + holes > s.segments.size()) {
    s.sacked = s.segments.size() - holes;
    f.transfer.reordering = static_cast<std::uint8_t>(std::min(s.segments.size(), kMostReordering));
    f.transfer.reordering_seen = true;
  }
  if (s.sacked > prior) f.transfer.delivered += s.sacked - prior;
}

Instant Scoreboard::identify_losses(Flight f, AckSigns& signs, Instant now) {
  SendState& s = f.sending;
  if (s.segments.empty()) return kNever;
  if (!f.connection.sack) {
    SentSegment& head = s.segments.front();
    const bool third =
        f.transfer.phase < CongestionPhase::recovery && s.sacked >= f.transfer.reordering;
    const bool partial = f.transfer.phase == CongestionPhase::recovery && signs.advanced;
    if ((third || partial) && !head.lost) mark_lost(f, head);
    return kNever;
  }
  if (!f.transfer.rack_advanced) return kNever;
  f.transfer.rack_advanced = false;
  const std::uint32_t prior_resent = s.resent;
  const Instant ends = detect(f, now);
  if (ends != kNever) signs.restart_timer = false;
  if (prior_resent > s.resent) signs.resent_lost = true;
  return ends;
}

Instant Scoreboard::detect(Flight f, Instant now) {
  TransferState& t = f.transfer;
  const RoundTripEstimator& round_trip = f.connection.round_trip;
  Duration window{0};
  const bool eager = !t.reordering_seen &&
                     (t.phase >= CongestionPhase::recovery || f.sending.sacked >= t.reordering);
  if (!eager) {
    window = std::min<Duration>(round_trip.least() / 4 * t.reordering_steps, round_trip.smoothed());
  }
  Duration longest{0};
  for (std::uint32_t i = 0; i < f.sending.segments.size(); ++i) {
    SentSegment& sent = f.sending.segments[i];
    if (sent.sacked || (sent.lost && !sent.resent)) continue;
    // A retransmission is later than what left at the same instant.
    const bool later = sent.ever_resent
                           ? t.rack_sent_at > sent.sent_at
                           : sent_after(t.rack_sent_at, t.rack_end, sent.sent_at, sent.end);
    if (!later) {
      if (!sent.ever_resent) break;  // all behind it were sent later still
      continue;
    }
    const Duration remaining = t.rack_round_trip + window - (now - sent.sent_at);
    if (remaining <= Duration::zero()) {
      mark_lost(f, sent);
    } else {
      longest = std::max(longest, remaining);
    }
  }
  return longest == Duration::zero() ? kNever : now + whole_ticks(longest + kLeastWait);
}

void Scoreboard::mark_lost(Flight f, SentSegment& sent) {
  SendState& s = f.sending;
  if (!sent.lost) {
    ++s.lost;
    ++f.transfer.lost_ever;
  } else if (sent.resent) {
    ++f.transfer.lost_ever;
  }
  if (sent.resent) --s.resent;
  sent.resent = false;
  sent.lost = true;
}

void Scoreboard::probed(Flight f, SentSegment& sent, Instant now) {
  sent.sent_at = now;
  sent.ever_resent = true;
  ++f.transfer.resent_ever;
  ++f.connection.retransmissions;
}

void Scoreboard::resent(Flight f, SentSegment& sent, Instant now) {
  probed(f, sent, now);
  if (!sent.resent) ++f.sending.resent;
  sent.resent = true;
  TransferState& t = f.transfer;
  if (t.first_resent_ms == 0) t.first_resent_ms = clock_ms(now) + f.connection.timestamp_offset;
  t.undo_retransmissions = std::max(t.undo_retransmissions, 0) + 1;
}

void Scoreboard::lose_all(Flight f, Instant now) {
  SendState& s = f.sending;
  // A SACKed head means the receiver forgot what it had SACKed (RFC 2018 §8).
  const bool reneged = !s.segments.empty() && s.segments.front().sacked;
  if (reneged || !f.connection.sack) s.sacked = 0;
  for (std::uint32_t i = 0; i < s.segments.size(); ++i) {
    SentSegment& sent = s.segments[i];
    if (reneged) sent.sacked = false;
    if (sent.sacked) continue;
    const bool recent =
        !reneged && f.connection.sack && i > 0 && f.transfer.rack_round_trip > now - sent.sent_at;
    if (!recent) mark_lost(f, sent);
  }
}

bool Scoreboard::cut(Flight f) {
  SendState& s = f.sending;
  TcpConnection& c = f.connection;
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
    mark_lost(f, sent);
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
  if (!any) return false;
  s.segments.clear();
  for (const SentSegment& piece : pieces) s.segments.push(piece);
  return true;
}

}  // namespace elblab::host
