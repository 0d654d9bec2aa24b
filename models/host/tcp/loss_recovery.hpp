// What acknowledgments and timeouts mean for the segments in flight: delivered, lost, reordered.
//
// With SACK, losses are found by time (RACK, RFC 8985 §6.2): a segment is lost when one sent later
// is delivered and a reordering window has passed; the window opens when reordering is seen or a
// duplicate SACK shows a needless retransmission, so a path that reorders is not taken for one
// that loses. Without SACK, three duplicate ACKs and partial ACKs (RFC 6582). A reduction that
// timestamps prove needless is undone (RFC 3522). Works on the records alone; sends nothing.
#pragma once

#include "models/host/tcp/segment.hpp"
#include "models/host/tcp/send_state.hpp"
#include "models/host/tcp/tcp_connection.hpp"

namespace elblab::host {

class LossRecovery {
 public:
  struct Outcome {
    bool advanced = false;             // SND.UNA moved
    Instant reordering_ends = kNever;  // look again then: a segment may prove lost
  };
  // The ACK must be acceptable (SND.UNA <= ack <= SND.NXT). Updates SND.UNA, RTT, window, marks.
  static Outcome acknowledged(TcpConnection& connection, SendState& state, const Segment& segment,
                              bool duplicate, Instant now);
  // The reordering timer ran out.
  static Instant reordering_expired(TcpConnection& connection, SendState& state, Instant now);
  // The retransmission timer ran out: everything in flight counts as lost.
  static void timed_out(TcpConnection& connection, SendState& state);
  // Segments have become shorter (send_mss): those in flight that are longer are cut, and count as
  // lost, without a smaller window, since no congestion lost them (tcp_simple_retransmit). O(flight).
  static void cut(TcpConnection& connection, SendState& state);
  // The next segment to retransmit; nullptr when there is none.
  static SentSegment* next_lost(SendState& state);
  // Its retransmission left now.
  static void resent(TcpConnection& connection, SendState& state, SentSegment& segment,
                     Instant now);

 private:
  struct Progress {
    std::uint32_t segments = 0;   // newly acknowledged cumulatively
    std::uint32_t delivered = 0;  // those and newly SACKed
    Duration sample{-1};
  };
  static void take_sacks(TcpConnection& connection, SendState& state, const Segment& segment,
                         Progress& progress, Instant now);
  static void take_cumulative(TcpConnection& connection, SendState& state, std::uint32_t ack,
                              Progress& progress, Instant now);
  static void delivered(TcpConnection& connection, SendState& state, const SentSegment& segment,
                        Progress& progress, Instant now);
  static void leave_recovery(TcpConnection& connection, SendState& state, const Segment& segment);
  static bool was_needless(const TcpConnection& connection, const SendState& state,
                           const Segment& segment);
  static Instant detect(TcpConnection& connection, SendState& state, Instant now);
  static void detect_without_sack(TcpConnection& connection, SendState& state, bool partial);
  static void mark_lost(SendState& state, SentSegment& segment);
  static void enter_recovery(TcpConnection& connection, SendState& state);
};

}  // namespace elblab::host
