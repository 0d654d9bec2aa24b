#include "models/host/tcp/loss_recovery.hpp"

#include <algorithm>

#include "models/contract/require.hpp"
#include "models/host/tcp/initial_sequence.hpp"
#include "models/host/tcp/scoreboard.hpp"
#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

constexpr std::uint8_t kReordering = 3;     // tcp_reordering
constexpr std::uint8_t kStepsPersist = 16;  // TCP_RACK_RECOVERY_THRESH

bool any_resent(const SendState& s) {
  return s.resent > 0 || (!s.segments.empty() && s.segments[0].ever_resent);
}

}  // namespace

LossRecovery::Outcome LossRecovery::acknowledged(Flight f, const Segment& segment,
                                                 std::uint32_t before_ack, bool window_updated,
                                                 Instant now) {
  ELBLAB_REQUIRE(f.connection.send_unacknowledged == segment.acknowledgment,
                 "SND.UNA is what the ACK says");
  TransferState& t = f.transfer;
  Outcome outcome;
  AckSigns signs;
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
    Scoreboard::take_sacks(f, segment, before_ack, signs, now);
  }
  if (had_flight) {
    if (!signs.reordered) signs.reordered_from = f.connection.send_next;
    Scoreboard::take_cumulative(f, signs, now);
    const bool sampled = take_round_trip(f, segment, signs, now);
    if (signs.acknowledged) {
      signs.restart_timer = true;
      if (f.connection.sack && before(signs.reordered_from, prior_highest)) {
        Scoreboard::see_reordering(f, signs.reordered_from);
      }
    } else if (sampled && signs.sack_sample.count() >= 0 && !f.sending.segments.empty() &&
               signs.sack_sample > now - f.sending.segments.front().sent_at) {
      signs.restart_timer = true;
    }
    Scoreboard::widen_reordering(f, prior_delivered);
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
  AckSigns signs;
  Scoreboard::take_sacks(f, segment, f.connection.send_unacknowledged, signs, now);
  alert(f, segment, false, signs, outcome, now);
  return outcome;
}

bool LossRecovery::take_round_trip(Flight f, const Segment& segment, const AckSigns& signs,
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

void LossRecovery::process_probe(Flight f, std::uint32_t ack, const AckSigns& signs) {
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

void LossRecovery::alert(Flight f, const Segment& segment, bool duplicate, AckSigns& signs,
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
      if (!c.sack && duplicate) Scoreboard::add_duplicate(f);
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
    if (duplicate) Scoreboard::add_duplicate(f);
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
void LossRecovery::process_loss(Flight f, const Segment& segment, bool duplicate, AckSigns& signs,
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
      Scoreboard::add_duplicate(f);
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
  Scoreboard::see_reordering(f, low);
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

void LossRecovery::identify_losses(Flight f, AckSigns& signs, Outcome& outcome, Instant now) {
  const Instant ends = Scoreboard::identify_losses(f, signs, now);
  if (ends != kNever) outcome.reordering_ends = ends;
}

bool LossRecovery::reordering_expired(Flight f, Instant now) {
  const std::uint32_t prior_flight = f.sending.in_flight();
  Scoreboard::detect(f, now);
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
  Scoreboard::lose_all(f, now);
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
  if (!Scoreboard::cut(f)) return;
  TransferState& t = f.transfer;
  if (t.phase != CongestionPhase::loss) {
    t.recovery_point = f.connection.send_next;
    t.prior_threshold = 0;
    t.undo_possible = false;
    t.phase = CongestionPhase::loss;
  }
}

}  // namespace elblab::host
