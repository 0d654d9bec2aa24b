// Everything the TCP sends: handshake segments, data, acknowledgments, probes, resets.
#pragma once

#include "models/host/tcp/loss_recovery.hpp"
#include "models/host/tcp/segment.hpp"
#include "models/host/tcp/tcp_shared.hpp"

namespace elblab::host {

class TcpOutput {
 public:
  explicit TcpOutput(TcpShared& shared) : shared_(shared), payload_(net::kLargestPacket) {}

  void send_syn(TcpConnection& connection, Instant now);
  void send_syn_ack(TcpConnection& connection, Instant now);
  void send_ack(TcpConnection& connection, Instant now);
  // Like send_ack, but at most one per tcp_invalid_ratelimit, and within
  // tcp_challenge_ack_limit (rows 7, 9; RFC 5961).
  void send_challenge_ack(TcpConnection& connection, Instant now);
  // Same limit without being a challenge (an ACK for an old or out-of-window segment).
  void send_limited_ack(TcpConnection& connection, const Segment& cause, Instant now);
  // An ACK without SACKs, and one that is limited: of what is no full socket, a request or an
  // orphan in FIN_WAIT_2.
  void send_plain_ack(TcpConnection& connection, Instant now);
  void send_limited_plain_ack(TcpConnection& connection, const Segment& cause, Instant now);
  // New segments and the FIN, as congestion and receive window allow; arms the probe timers.
  void send_pending(TcpConnection& connection, Instant now);
  // What an ACK or a timer found to be lost, as the congestion window allows.
  void send_recovery(Flight flight, LossRecovery::Retransmit what, Instant now);
  // The first segment in flight, whatever the windows say (a timeout).
  void retransmit_first(Flight flight, Instant now);
  // Tail loss probe (RFC 8985 §7.3): new data if there is some, else the last segment again.
  void send_loss_probe(Flight flight, Instant now);
  void send_window_probe(TcpConnection& connection, Instant now);
  // We give up: RST with our next sequence number (tcp_send_active_reset).
  void send_reset(TcpConnection& connection, Instant now);

  // Answers to segments of no connection.
  void answer_with_reset(const Segment& segment);
  void answer_time_wait(TimeWaitRecord& record, Instant now);
  // SYN+ACK without a record behind it (row 23).
  void send_cookie(const Segment& syn, std::uint32_t initial_sequence, Instant now);

  // Where the stream's byte at a sequence number stands in the stream; sequence numbers at or
  // after SND.UNA.
  static std::uint64_t stream_offset(const TcpConnection& connection, std::uint32_t sequence) {
    return connection.bytes_acknowledged + (sequence - connection.send_unacknowledged);
  }
  // Bytes queued behind SND.NXT.
  static std::uint64_t unsent(const TcpConnection& connection, const SendState& state) {
    if (connection.fin_sent) return 0;
    return state.buffer.end() - stream_offset(connection, connection.send_next);
  }
  // The peer's window as a segment tells it, and whether that is news (tcp_may_update_window).
  static std::uint32_t window_of(const TcpConnection& connection, const Segment& segment) {
    return std::uint32_t{segment.window} << (segment.syn() ? 0 : connection.send_scale);
  }
  static bool may_update_window(const TcpConnection& connection, const Segment& segment);
  // True when an ACK is not to be sent now because of tcp_invalid_ratelimit; keeps `last_ms`.
  bool rate_limited(std::uint32_t& last_ms, Instant now) const;
  void arm(TcpConnection& connection, TimerKind kind, Instant deadline, Instant now);
  // The retransmission timer from now on.
  void arm_timeout(Flight flight, Instant now);
  // … from when the first segment left, if another timer ran since; none without segments.
  void rearm_timeout(Flight flight, Instant now);
  // The loss probe's timer if there may be a probe, else the retransmission timer.
  void restart_timer(Flight flight, Instant now);

 private:
  void send_segment(TcpConnection& connection, std::uint32_t sequence, std::uint32_t end, bool fin,
                    Instant now);
  void send_bare(TcpConnection& connection, std::uint32_t sequence, std::uint8_t flags,
                 Instant now);
  void acknowledgment_left(TcpConnection& connection, Instant now);
  bool write(Flight flight, bool probe, Instant now);
  std::uint32_t send_burst(Flight flight, std::uint32_t bytes, std::uint32_t mss, bool with_fin,
                           Instant now);
  static std::uint32_t burst_segments(Flight flight, std::uint32_t mss);
  static bool defers(Flight flight, std::uint64_t waiting, std::uint32_t mss, std::uint32_t burst,
                     Instant now);
  static void validate_window(Flight flight, bool limited, Instant now);
  bool resend(Flight flight, std::uint32_t index, Instant now);
  static void join(Flight flight, std::uint32_t index, std::uint32_t most);
  void send_lost(Flight flight, Instant now);
  // False: the connection is not to be probed. `from_now`: the retransmission timeout counts from
  // now, not from when the first segment left.
  bool schedule_probe(Flight flight, bool from_now, Instant now);
  static Instant head_timeout(Flight flight);
  static std::uint32_t acceptable_sequence(const TcpConnection& connection);
  void add_options(TcpConnection& connection, net::TcpOptions& options, Instant now) const;
  // Payload of a full segment, with the SACKs that it would carry now.
  std::uint32_t segment_bytes(const TcpConnection& connection) const;
  std::uint16_t announced(TcpConnection& connection);
  net::TcpOptions handshake_options(const TcpConnection& connection, bool v4) const;

  TcpShared& shared_;
  std::vector<std::uint8_t> payload_;
  Instant challenge_second_;  // start of the second that the limit counts in
  std::int64_t challenges_ = 0;
};

}  // namespace elblab::host
