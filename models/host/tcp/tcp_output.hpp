// Everything the TCP sends: handshake segments, data, acknowledgments, probes, resets.
#pragma once

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
  // Lost segments again, then new ones and the FIN, as congestion and receive window allow; arms
  // the retransmission or the probe timer.
  void send_pending(TcpConnection& connection, Instant now);
  // The first segment in flight, whatever the windows say (a timeout, a probe).
  void retransmit_first(TcpConnection& connection, Instant now);
  // Tail loss probe (RFC 8985 §7.3): new data if there is some, else the last segment again.
  void send_loss_probe(TcpConnection& connection, Instant now);
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
  // True when an ACK is not to be sent now because of tcp_invalid_ratelimit; keeps `last_ms`.
  bool rate_limited(std::uint32_t& last_ms, Instant now) const;
  void arm(TcpConnection& connection, TimerKind kind, Instant deadline, Instant now);
  void arm_retransmission(TcpConnection& connection, Instant now);

 private:
  void send_segment(TcpConnection& connection, std::uint32_t sequence, std::uint32_t end, bool fin,
                    Instant now);
  void send_bare(TcpConnection& connection, std::uint32_t sequence, std::uint8_t flags,
                 Instant now);
  bool send_new(TcpConnection& connection, SendState& state, Instant now);
  void send_lost(TcpConnection& connection, SendState& state, Instant now);
  void after_pending(TcpConnection& connection, bool was_empty, Instant now);
  void add_options(TcpConnection& connection, net::TcpOptions& options, bool with_sack,
                   Instant now) const;
  net::TcpOptions handshake_options(const TcpConnection& connection, bool v4) const;
  std::uint32_t unread(TcpConnection& connection);

  TcpShared& shared_;
  std::vector<std::uint8_t> payload_;
  Instant challenge_second_;  // start of the second that the limit counts in
  std::int64_t challenges_ = 0;
};

}  // namespace elblab::host
