// What is known of each segment in flight: delivered, lost, sent again; and what one ACK told of
// it.
//
// With SACK, losses are found by time (RACK, RFC 8985 §6.2): a segment is lost when one sent later
// is delivered and a reordering window has passed; the window opens when reordering is seen or a
// duplicate SACK shows a needless retransmission, so a path that reorders is not taken for one
// that loses. Without SACK, each duplicate ACK stands for a segment delivered. Works on the records
// alone; every function is O(flight) at most.
#pragma once

#include "models/host/tcp/flight.hpp"
#include "models/host/tcp/segment.hpp"

namespace elblab::host {

// What one ACK brought, as Linux's FLAG_* bits.
struct AckSigns {
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

class Scoreboard {
 public:
  // SACK blocks; `before`: SND.UNA before the ACK.
  static void take_sacks(Flight flight, const Segment& segment, std::uint32_t before,
                         AckSigns& signs, Instant now);
  // Takes what SND.UNA covers off the queue.
  static void take_cumulative(Flight flight, AckSigns& signs, Instant now);
  // A segment from `low` on was late, not lost.
  static void see_reordering(Flight flight, std::uint32_t low);
  // RFC 8985 §6.2 step 4.
  static void widen_reordering(Flight flight, std::uint32_t prior_delivered);
  // A duplicate ACK of a connection without SACK.
  static void add_duplicate(Flight flight);
  // Marks what is lost by now. When to look again, if more may prove lost; kNever: not.
  static Instant identify_losses(Flight flight, AckSigns& signs, Instant now);
  // The same by time alone.
  static Instant detect(Flight flight, Instant now);
  // After a timeout: everything that was not sent just now.
  static void lose_all(Flight flight, Instant now);
  // Segments longer than send_mss are lost, in pieces. False: there was none.
  static bool cut(Flight flight);
  // Its retransmission left now.
  static void resent(Flight flight, SentSegment& segment, Instant now);
  // It left now as a tail loss probe: not counted as being in flight twice.
  static void probed(Flight flight, SentSegment& segment, Instant now);

 private:
  static bool take_duplicate_sack(Flight flight, const Segment& segment, std::uint32_t before,
                                  AckSigns& signs);
  static void take_block(Flight flight, const net::SackBlock& block, AckSigns& signs, Instant now);
  static void count_without_sack(Flight flight, std::uint32_t segments, AckSigns& signs);
  static void advance_rack(Flight flight, const SentSegment& segment, Instant now);
  static void mark_lost(Flight flight, SentSegment& segment);
  static std::uint32_t highest_sacked(Flight flight);
};

}  // namespace elblab::host
