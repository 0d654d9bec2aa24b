// Which phase of congestion a connection is in, and what is sent again, by what acknowledgments and
// timeouts tell (Linux's tcp_ack and tcp_fastretrans_alert; Scoreboard keeps what is delivered and
// lost).
//
// After a timeout, new segments find out whether it was needless (F-RTO, RFC 5682). A reduction
// that timestamps or duplicate SACKs prove needless is undone (RFC 3522, RFC 3708). Without SACK,
// three duplicate ACKs and partial ACKs (RFC 6582). Works on the records alone; sends nothing.
#pragma once

#include "models/host/tcp/flight.hpp"
#include "models/host/tcp/segment.hpp"

namespace elblab::host {

struct AckSigns;

class LossRecovery {
 public:
  // What is to be sent again after an ACK.
  enum class Retransmit : std::uint8_t { none, lost, new_data_first };

  struct Outcome {
    bool restart_timer = false;        // set the probe or retransmission timer anew
    Instant reordering_ends = kNever;  // look again then: a segment may prove lost
    Instant reneged_until = kNever;    // send everything again then: SACKs were taken back
    Retransmit retransmit = Retransmit::none;
    std::uint32_t delivered = 0;  // segments
  };
  // An acceptable ACK (SND.UNA <= ack <= SND.NXT); SND.UNA was `before` and has been moved, and so
  // has the peer's window (`window_updated`). Updates round trips, window and marks.
  static Outcome acknowledged(Flight flight, const Segment& segment, std::uint32_t before,
                              bool window_updated, Instant now);
  // An ACK while nothing is in flight or waits: it may answer a tail loss probe.
  static void acknowledged_idle(TcpConnection& connection, TransferState& transfer,
                                const Segment& segment, bool advanced, bool window_updated);
  // An ACK below SND.UNA that carries SACKs.
  static Outcome old_acknowledgment(Flight flight, const Segment& segment, Instant now);
  // The reordering timer ran out. True: a fast recovery begins or goes on; send what is lost.
  static bool reordering_expired(Flight flight, Instant now);
  // The retransmission timer ran out: everything but what was sent just now counts as lost.
  static void timed_out(Flight flight, Instant now);
  // Segments have become shorter (send_mss): those in flight that are longer are cut, and count as
  // lost, without a smaller window, since no congestion lost them (tcp_simple_retransmit).
  // O(flight).
  static void cut(Flight flight);

 private:
  static bool take_round_trip(Flight flight, const Segment& segment, const AckSigns& signs,
                              Instant now);
  static void process_probe(Flight flight, std::uint32_t acknowledgment, const AckSigns& signs);
  static void alert(Flight flight, const Segment& segment, bool duplicate, AckSigns& signs,
                    Outcome& outcome, Instant now);
  static void process_loss(Flight flight, const Segment& segment, bool duplicate, AckSigns& signs,
                           Outcome& outcome);
  static bool undo_recovery(Flight flight, const Segment& segment);
  static bool undo_loss(Flight flight, const Segment& segment, bool forward);
  static bool undo_partial(Flight flight, const Segment& segment, std::uint32_t before);
  static bool undo_by_duplicates(Flight flight);
  static bool may_undo(Flight flight, const Segment& segment);
  static void undo(Flight flight, bool unmark);
  static bool original_arrived(Flight flight, const Segment& segment);
  static bool holds_open(Flight flight);
  static void keep_open(Flight flight);
  static void try_to_open(Flight flight);
  static void enter_recovery(Flight flight);
  static void identify_losses(Flight flight, AckSigns& signs, Outcome& outcome, Instant now);
  static void init_undo(Flight flight);
};

}  // namespace elblab::host
