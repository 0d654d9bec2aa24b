#include "models/host/tcp/loss_recovery.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "models/contract/require.hpp"
#include "models/host/tcp/initial_sequence.hpp"
#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

constexpr std::uint8_t kReordering = 3;                        // tcp_reordering
constexpr std::uint32_t kMostReordering = 255;                 // tcp_max_reordering is 300
constexpr std::uint8_t kStepsPersist = 16;                     // TCP_RACK_RECOVERY_THRESH
constexpr Duration kLeastWait = std::chrono::milliseconds(2);  // TCP_TIMEOUT_MIN_US

// Sent later, or at the same time and behind (RFC 8985 §6.2 step 2).
bool sent_after(Instant a, std::uint32_t end_a, Instant b, std::uint32_t end_b) {
  return a > b || (a == b && after(end_a, end_b));
}

bool any_resent(const SendState& s) {
  return s.resent > 0 || (!s.segments.empty() && s.segments[0].ever_resent);
}

}  // namespace

// What one ACK brought, as Linux's FLAG_* bits.
struct LossRecovery::Signs {
  bool advanced = false;      // SND.UNA moved
  bool acknowledged = false;  // segments were taken off the queue
  bool sacked = false;        // … or newly SACKed
  bool carries_data = false;
  bool window_updated = false;
  bool resent_acknowledged = false;
  bool original_delivered = false;  // a segment sent once, from before the recovery point
  bool duplicate_reported = false;
  bool probe_duplicate = false;  // the D-SACK is of the tail loss probe
  bool head_sacked = false;      // the first segment left is SACKed: SACKs were taken back
  bool resent_lost = false;
  bool restart_timer = false;
  Duration sample{-1};       // of the segment acknowledged that was sent first
  Duration last_sample{-1};  // … last
  Duration sack_sample{-1};
  Duration last_sack_sample{-1};
  std::uint32_t reordered_from = 0;
  bool reordered = false;
  std::uint32_t before = 0;  // SND.UNA before this ACK

  bool not_duplicate() const { return carries_data || window_updated || acknowledged; }
};

std::uint32_t LossRecovery::highest_sacked(Flight f) {
  return f.sending.sacked == 0 ? f.connection.send_unacknowledged : f.sending.highest_sacked;
}

LossRecovery::Outcome LossRecovery::acknowledged(Flight f, const Segment& segment,
                                                 std::uint32_t before_ack, bool window_updated,
                                                 Instant now) {
  ELBLAB_REQUIRE(f.connection.send_unacknowledged == segment.acknowledgment,
                 "SND.UNA is what the ACK says");
  TransferState& t = f.transfer;
  Outcome outcome;
  Signs signs;
  signs.before = before_ack;
  signs.advanced = segment.acknowledgment != before_ack;
  signs.carries_data = segment.sequence != segment.end;
  signs.window_updated = window_updated;
  const bool had_flight = !f.sending.segments.empty();
  const std::uint32_t prior_delivered = t.delivered;
  const std::uint32_t prior_lost = t.lost_ever;
  const std::uint32_t prior_highest =
      f.sending.sacked > 0 && f.connection.sack ? f.sending.highest_sacked : before_ack;
  if (f.connection.sack && segment.options.sack_count > 0) {
    take_sacks(f, segment, before_ack, signs, now);
  }
  if (had_flight) {
    if (!signs.reordered) signs.reordered_from = f.connection.send_next;
    take_cumulative(f, signs, now);
    const bool sampled = take_round_trip(f, segment, signs, now);
    if (signs.acknowledged) {
      signs.restart_timer = true;
      if (f.connection.sack && before(signs.reordered_from, prior_highest)) {
        see_reordering(f, signs.reordered_from);
      }
    } else if (sampled && signs.sack_sample.count() >= 0 && !f.sending.segments.empty() &&
               signs.sack_sample > now - f.sending.segments.front().sent_at) {
      signs.restart_timer = true;
    }
    widen_reordering(f, prior_delivered);
    if (t.probe_outstanding) process_probe(f, segment.acknowledgment, signs);
    const bool alarming = signs.sacked || signs.duplicate_reported;
    if (!signs.not_duplicate() || alarming || t.phase != CongestionPhase::open) {
      const bool duplicate = !signs.advanced && !signs.not_duplicate() && !signs.duplicate_reported;
      alert(f, segment, duplicate, signs, outcome, now);
    }
    outcome.restart_timer = signs.restart_timer;
    outcome.delivered = t.delivered - prior_delivered;
    const std::uint32_t lost = t.lost_ever - prior_lost;
    if (f.reducing()) {
      f.connection.congestion.reduce(t, outcome.delivered, f.sending.in_flight(),
                                     signs.advanced && lost == 0);
    } else {
      const bool raises =
          t.reordering > kReordering ? signs.acknowledged || signs.sacked : signs.acknowledged;
      if (raises) f.connection.congestion.acknowledged(outcome.delivered, t);
    }
    return outcome;
  }
  if (signs.duplicate_reported) alert(f, segment, false, signs, outcome, now);
  if (t.probe_outstanding) process_probe(f, segment.acknowledgment, signs);
  outcome.retransmit = Retransmit::none;
  return outcome;
}

LossRecovery::Outcome LossRecovery::old_acknowledgment(Flight f, const Segment& segment,
                                                       Instant now) {
  Outcome outcome;
  Signs signs;
  take_sacks(f, segment, f.connection.send_unacknowledged, signs, now);
  alert(f, segment, false, signs, outcome, now);
  return outcome;
}

bool LossRecovery::take_duplicate_sack(Flight f, const Segment& segment, std::uint32_t before_ack,
                                       Signs& signs) {
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

void LossRecovery::take_sacks(Flight f, const Segment& segment, std::uint32_t before_ack,
                              Signs& signs, Instant now) {
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

void LossRecovery::take_block(Flight f, const net::SackBlock& block, Signs& signs, Instant now) {
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

void LossRecovery::take_cumulative(Flight f, Signs& signs, Instant now) {
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
void LossRecovery::count_without_sack(Flight f, std::uint32_t taken, Signs& signs) {
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

bool LossRecovery::take_round_trip(Flight f, const Segment& segment, const Signs& signs,
                                   Instant now) {
  TcpConnection& c = f.connection;
  Duration sample = signs.sample;
  Duration last = sample.count() >= 0 ? signs.last_sample : Duration(-1);
  if (signs.sack_sample.count() >= 0) last = signs.last_sack_sample;
  if (sample.count() < 0) sample = signs.sack_sample;
  if (sample.count() < 0 && signs.acknowledged && c.timestamps && segment.options.timestamps &&
      segment.options.timestamps->echo != 0) {
    const std::uint32_t ms = clock_ms(now) + c.timestamp_offset - segment.options.timestamps->echo;
    if (ms < 120'000) sample = last = std::chrono::milliseconds(std::max(ms, 1U));
  }
  if (sample.count() < 0) return false;
  if (last.count() >= 0) c.round_trip.observe_least(last);
  c.round_trip.sample(sample, f.transfer, c.send_unacknowledged, c.send_next);
  c.backoff = 0;
  return true;
}

void LossRecovery::advance_rack(Flight f, const SentSegment& sent, Instant now) {
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

void LossRecovery::widen_reordering(Flight f, std::uint32_t prior_delivered) {
  TransferState& t = f.transfer;
  if (before(prior_delivered, t.steps_delivered)) t.duplicate_seen = false;
  if (t.duplicate_seen) {
    t.reordering_steps = static_cast<std::uint8_t>(std::min(255, t.reordering_steps + 1));
    t.duplicate_seen = false;
    t.steps_delivered = t.delivered;
    t.steps_persist = kStepsPersist;
  } else if (t.steps_persist == 0) {
    t.reordering_steps = 1;
  }
}

void LossRecovery::process_probe(Flight f, std::uint32_t ack, const Signs& signs) {
  TransferState& t = f.transfer;
  if (before(ack, t.probe_end)) return;
  if (!t.probe_was_resent || signs.probe_duplicate) {
    t.probe_outstanding = false;
  } else if (after(ack, t.probe_end)) {  // it repaired a loss
    t.recovery_point = f.connection.send_next;
    t.probe_outstanding = false;
    f.connection.congestion.begin_reduction(t);
    f.connection.congestion.end_reduction();
    t.phase = CongestionPhase::reduced;
    keep_open(f);
  } else if (!signs.advanced && !signs.not_duplicate() && !signs.sacked) {
    t.probe_outstanding = false;  // a pure duplicate: both arrived
  }
}

void LossRecovery::acknowledged_idle(TcpConnection& c, TransferState& t, const Segment& segment,
                                     bool advanced, bool window_updated) {
  if (!t.probe_outstanding || before(segment.acknowledgment, t.probe_end)) return;
  const bool news = advanced || window_updated || segment.sequence != segment.end;
  if (!t.probe_was_resent || !news) t.probe_outstanding = false;
  if (t.probe_outstanding && after(segment.acknowledgment, t.probe_end)) {
    t.probe_outstanding = false;
    c.congestion.begin_reduction(t);
    c.congestion.end_reduction();
    t.recovery_point = c.send_next;
    t.phase = CongestionPhase::open;
  }
}

void LossRecovery::see_reordering(Flight f, std::uint32_t low) {
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

void LossRecovery::add_duplicate(Flight f) {
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

void LossRecovery::alert(Flight f, const Segment& segment, bool duplicate, Signs& signs,
                         Outcome& outcome, Instant now) {
  TransferState& t = f.transfer;
  TcpConnection& c = f.connection;
  SendState& s = f.sending;
  if (s.segments.empty()) s.sacked = 0;
  if (signs.head_sacked && signs.advanced) {
    outcome.reneged_until =
        now + std::max<Duration>(c.round_trip.smoothed() / 2, std::chrono::milliseconds(10));
    signs.restart_timer = false;
    return;
  }
  if (t.phase == CongestionPhase::open) {
    t.first_resent_ms = 0;
  } else if (!before(c.send_unacknowledged, t.recovery_point)) {
    if (t.phase == CongestionPhase::reduced) {
      if (c.send_unacknowledged != t.recovery_point) {
        c.congestion.end_reduction();
        t.phase = CongestionPhase::open;
      }
    } else if (t.phase == CongestionPhase::recovery) {
      if (!c.sack) s.sacked = 0;
      if (undo_recovery(f, segment)) return;
      if (c.congestion.reduced() && t.undo_possible) c.congestion.end_reduction();
    }
  }
  if (t.phase == CongestionPhase::recovery) {
    if (!signs.advanced) {
      if (!c.sack && duplicate) add_duplicate(f);
    } else if (undo_partial(f, segment, signs.before)) {
      return;
    }
    if (undo_by_duplicates(f)) try_to_open(f);
    identify_losses(f, signs, outcome, now);
    if (t.phase != CongestionPhase::recovery) {
      if (s.lost == 0) return;
      enter_recovery(f);
    }
    outcome.retransmit = Retransmit::lost;
    return;
  }
  if (t.phase == CongestionPhase::loss) {
    process_loss(f, segment, duplicate, signs, outcome);
    identify_losses(f, signs, outcome, now);
    if (t.phase != CongestionPhase::open && !signs.resent_lost) return;
  }
  if (!c.sack) {
    if (signs.advanced) s.sacked = 0;
    if (duplicate) add_duplicate(f);
  }
  if (t.phase <= CongestionPhase::disorder) undo_by_duplicates(f);
  identify_losses(f, signs, outcome, now);
  if (s.lost == 0) {
    try_to_open(f);
    return;
  }
  enter_recovery(f);
  outcome.retransmit = Retransmit::lost;
}

// RFC 5682 §3.1, with SACK where there is.
void LossRecovery::process_loss(Flight f, const Segment& segment, bool duplicate, Signs& signs,
                                Outcome& outcome) {
  TransferState& t = f.transfer;
  TcpConnection& c = f.connection;
  const bool recovered = !before(c.send_unacknowledged, t.recovery_point);
  if (signs.advanced && undo_loss(f, segment, false)) return;
  if (t.forward_recovery) {
    if (signs.original_delivered && undo_loss(f, segment, true)) return;
    if (after(c.send_next, t.recovery_point)) {
      if (signs.sacked || duplicate) t.forward_recovery = false;  // the loss was real
    } else if (signs.advanced && !recovered) {
      t.recovery_point = c.send_next;
      const bool unsent =
          !c.fin_sent &&
          (c.send_closed ||
           f.sending.buffer.end() > c.bytes_acknowledged + (c.send_next - c.send_unacknowledged));
      if (unsent && after(c.send_unacknowledged + c.send_window, c.send_next)) {
        outcome.retransmit = Retransmit::new_data_first;
        return;
      }
      t.forward_recovery = false;
    }
  }
  if (recovered) {
    undo_recovery(f, segment);
    return;
  }
  if (!c.sack) {
    if (after(c.send_next, t.recovery_point) && duplicate) {
      add_duplicate(f);
    } else if (signs.advanced) {
      f.sending.sacked = 0;
    }
  }
  outcome.retransmit = Retransmit::lost;
}

bool LossRecovery::original_arrived(Flight f, const Segment& segment) {
  const TransferState& t = f.transfer;
  if (t.first_resent_ms != 0) {
    const auto& stamps = segment.options.timestamps;
    return f.connection.timestamps && stamps && stamps->echo != 0 &&
           before(stamps->echo, t.first_resent_ms);
  }
  // Nothing was sent again yet: what came was late, not lost.
  return f.connection.sack || before(f.connection.send_unacknowledged, t.recovery_point);
}

bool LossRecovery::may_undo(Flight f, const Segment& segment) {
  return f.transfer.undo_possible &&
         (f.transfer.undo_retransmissions == 0 || original_arrived(f, segment));
}

void LossRecovery::undo(Flight f, bool unmark) {
  SendState& s = f.sending;
  if (unmark) {
    for (std::uint32_t i = 0; i < s.segments.size(); ++i) s.segments[i].lost = false;
    s.lost = 0;
  }
  f.connection.congestion.undo(f.transfer);
  f.transfer.undo_possible = false;
  f.transfer.rack_advanced = true;  // look at the losses again
}

// Without SACK the phase is held until something above the recovery point is acknowledged (RFC
// 6582).
bool LossRecovery::holds_open(Flight f) {
  if (f.connection.sack || f.connection.send_unacknowledged != f.transfer.recovery_point) {
    return false;
  }
  if (!any_resent(f.sending)) f.transfer.first_resent_ms = 0;
  return true;
}

bool LossRecovery::undo_recovery(Flight f, const Segment& segment) {
  if (may_undo(f, segment)) {
    undo(f, false);
  } else if (f.transfer.steps_persist > 0) {
    --f.transfer.steps_persist;
  }
  if (holds_open(f)) return true;
  f.transfer.phase = CongestionPhase::open;
  return false;
}

bool LossRecovery::undo_loss(Flight f, const Segment& segment, bool forward) {
  if (!forward && !may_undo(f, segment)) return false;
  undo(f, true);
  f.connection.retries = 0;
  if (holds_open(f)) return true;
  if (forward || f.connection.sack) f.transfer.phase = CongestionPhase::open;
  return true;
}

bool LossRecovery::undo_partial(Flight f, const Segment& segment, std::uint32_t low) {
  TransferState& t = f.transfer;
  if (!t.undo_possible || !original_arrived(f, segment)) return false;
  see_reordering(f, low);
  if (f.sending.resent > 0) return true;
  if (!any_resent(f.sending)) t.first_resent_ms = 0;
  undo(f, true);
  keep_open(f);
  return false;
}

bool LossRecovery::undo_by_duplicates(Flight f) {
  TransferState& t = f.transfer;
  if (!t.undo_possible || t.undo_retransmissions != 0) return false;
  t.steps_persist = std::min<std::uint8_t>(kStepsPersist, t.steps_persist + 1);
  undo(f, false);
  return true;
}

void LossRecovery::keep_open(Flight f) {
  const SendState& s = f.sending;
  const bool disorder = s.sacked + s.lost > 0 || any_resent(s);
  const CongestionPhase phase = disorder ? CongestionPhase::disorder : CongestionPhase::open;
  if (f.transfer.phase == phase) return;
  f.transfer.phase = phase;
  f.transfer.recovery_point = f.connection.send_next;
}

void LossRecovery::try_to_open(Flight f) {
  if (!any_resent(f.sending)) f.transfer.first_resent_ms = 0;
  if (f.transfer.phase != CongestionPhase::reduced) keep_open(f);
}

void LossRecovery::init_undo(Flight f) {
  TransferState& t = f.transfer;
  t.undo_possible = true;
  t.undo_marker = f.connection.send_unacknowledged;
  t.undo_retransmissions = static_cast<std::int32_t>(f.sending.resent);
  if (t.probe_outstanding && t.probe_was_resent) ++t.undo_retransmissions;
  if (t.undo_retransmissions == 0) t.undo_retransmissions = -1;
}

void LossRecovery::enter_recovery(Flight f) {
  TransferState& t = f.transfer;
  if (!any_resent(f.sending)) t.first_resent_ms = 0;
  t.prior_threshold = 0;
  init_undo(f);
  if (!f.reducing()) {
    t.prior_threshold = f.connection.congestion.present_threshold(false);
    t.recovery_point = f.connection.send_next;
    t.probe_outstanding = false;
    f.connection.congestion.begin_reduction(t);
  }
  t.phase = CongestionPhase::recovery;
}

void LossRecovery::identify_losses(Flight f, Signs& signs, Outcome& outcome, Instant now) {
  SendState& s = f.sending;
  if (s.segments.empty()) return;
  if (!f.connection.sack) {
    SentSegment& head = s.segments.front();
    const bool third =
        f.transfer.phase < CongestionPhase::recovery && s.sacked >= f.transfer.reordering;
    const bool partial = f.transfer.phase == CongestionPhase::recovery && signs.advanced;
    if ((third || partial) && !head.lost) mark_lost(f, head);
    return;
  }
  if (!f.transfer.rack_advanced) return;
  f.transfer.rack_advanced = false;
  const std::uint32_t prior_resent = s.resent;
  const Instant ends = detect(f, now);
  if (ends != kNever) {
    outcome.reordering_ends = ends;
    signs.restart_timer = false;
  }
  if (prior_resent > s.resent) signs.resent_lost = true;
}

Instant LossRecovery::detect(Flight f, Instant now) {
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

void LossRecovery::mark_lost(Flight f, SentSegment& sent) {
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

bool LossRecovery::reordering_expired(Flight f, Instant now) {
  const std::uint32_t prior_flight = f.sending.in_flight();
  detect(f, now);
  if (f.sending.in_flight() == prior_flight) return false;
  if (f.transfer.phase != CongestionPhase::recovery) {
    enter_recovery(f);
    f.connection.congestion.reduce(f.transfer, 1, f.sending.in_flight(), false);
  }
  return true;
}

void LossRecovery::timed_out(Flight f, Instant now) {
  SendState& s = f.sending;
  TransferState& t = f.transfer;
  TcpConnection& c = f.connection;
  const bool new_recovery = t.phase < CongestionPhase::recovery;
  // A SACKed head means the receiver forgot what it had SACKed (RFC 2018 §8).
  const bool reneged = !s.segments.empty() && s.segments.front().sacked;
  if (reneged || !c.sack) s.sacked = 0;
  for (std::uint32_t i = 0; i < s.segments.size(); ++i) {
    SentSegment& sent = s.segments[i];
    if (reneged) sent.sacked = false;
    if (sent.sacked) continue;
    const bool recent = !reneged && c.sack && i > 0 && t.rack_round_trip > now - sent.sent_at;
    if (!recent) mark_lost(f, sent);
  }
  const bool reduce = t.phase <= CongestionPhase::disorder ||
                      !after(t.recovery_point, c.send_unacknowledged) ||
                      (t.phase == CongestionPhase::loss && c.retries == 0);
  if (reduce) init_undo(f);
  c.congestion.timed_out(t, reduce, f.reducing(), s.in_flight());
  if (t.phase <= CongestionPhase::disorder && s.sacked >= kReordering) {
    t.reordering = std::min(t.reordering, kReordering);
  }
  t.phase = CongestionPhase::loss;
  t.recovery_point = c.send_next;
  t.probe_outstanding = false;
  t.forward_recovery = new_recovery || c.retries > 0;
}

void LossRecovery::cut(Flight f) {
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
  if (!any) return;
  s.segments.clear();
  for (const SentSegment& piece : pieces) s.segments.push(piece);
  TransferState& t = f.transfer;
  if (t.phase != CongestionPhase::loss) {
    t.recovery_point = c.send_next;
    t.prior_threshold = 0;
    t.undo_possible = false;
    t.phase = CongestionPhase::loss;
  }
}

void LossRecovery::probed(Flight f, SentSegment& sent, Instant now) {
  sent.sent_at = now;
  sent.ever_resent = true;
  ++f.transfer.resent_ever;
  ++f.connection.retransmissions;
}

void LossRecovery::resent(Flight f, SentSegment& sent, Instant now) {
  probed(f, sent, now);
  if (!sent.resent) ++f.sending.resent;
  sent.resent = true;
  TransferState& t = f.transfer;
  if (t.first_resent_ms == 0) t.first_resent_ms = clock_ms(now) + f.connection.timestamp_offset;
  t.undo_retransmissions = std::max(t.undo_retransmissions, 0) + 1;
}

}  // namespace elblab::host
