// The record of one TCP connection: what must be kept while it is idle, and no more.
//
// Plain data in a slab; the classes tcp_*.hpp act on it. What only a transfer needs (queued bytes,
// sent segments, out-of-order bytes) is in pooled objects that `sending` and `receiving` name.
// Names follow RFC 9293 §3.3.1 (send_unacknowledged is SND.UNA) and Linux's tcp_sock.
#pragma once

#include <cstdint>

#include "models/host/ephemeral_ports.hpp"
#include "models/host/sockets.hpp"
#include "models/host/tcp/congestion_control.hpp"
#include "models/host/tcp/delayed_ack.hpp"
#include "models/host/tcp/round_trip_estimator.hpp"

namespace elblab::host {

enum class TcpState : std::uint8_t {
  closed,
  abandoned,  // over, but its application has not taken it (accept()), or all it has received
              // (read())
  syn_sent,
  syn_received,
  established,
  close_wait,
  fin_wait_1,
  fin_wait_2,
  closing,
  last_ack,
};

// What the connection's one timer beside the delayed ACK waits for; they exclude each other.
enum class TimerKind : std::uint8_t {
  none,
  retransmit,    // RFC 6298; SYN and SYN+ACK too
  loss_probe,    // RFC 8985 §7
  reordering,    // RFC 8985 §6.2 step 5
  window_probe,  // RFC 9293 §3.8.6.1
  fin_wait_2,    // tcp_fin_timeout of an orphan
};

inline constexpr std::uint32_t kNoIndex = 0xFFFFFFFF;

struct TcpConnection {
  net::Endpoint local;
  net::Endpoint remote;
  std::uint32_t flow_hash = 0;

  std::uint32_t generation = 1;  // upper half of the SocketId
  std::uint32_t slot = 0;        // lower half
  std::uint32_t timer_previous = kNoIndex;
  std::uint32_t timer_next = kNoIndex;
  std::uint32_t timer_bucket = kNoIndex;  // kNoIndex: not in the wheel
  Instant timer_queued = kNever;          // when the wheel will look at this connection

  TcpState state = TcpState::closed;
  TimerKind timer = TimerKind::none;
  std::uint8_t send_scale = 0;
  std::uint8_t receive_scale = 0;
  std::uint16_t send_mss = 536;  // payload bytes of a full segment we send
  std::uint16_t peer_mss = 536;  // as the peer announced it

  bool client : 1 = false;       // opened by connect()
  bool accepted : 1 = false;     // an application owns it
  bool orphan : 1 = false;       // close() was called
  bool send_closed : 1 = false;  // shutdown() or close() was called: FIN after what is queued
  bool fin_sent : 1 = false;
  bool fin_received : 1 = false;
  bool local_fin_first : 1 = false;  // our FIN left before the peer's came
  bool timestamps : 1 = false;
  bool sack : 1 = false;
  bool scaling : 1 = false;
  bool notify_sent : 1 = false;  // sent_all() is due when everything is acknowledged
  bool on_demand : 1 = false;    // the application reads when it wants to (read())
  bool end_told : 1 = false;     // … and has heard of the peer's FIN
  bool was_reset : 1 = false;
  bool broken_pipe : 1 = false;        // … after its peer's FIN
  bool final_ack_dropped : 1 = false;  // row 21: acked, but the accept queue was full
  bool deliver_pending : 1 = false;    // bytes came before accept(); hand them over
  bool cookie : 1 = false;             // came from a SYN cookie: never was in the SYN queue
  bool fin_pending : 1 = false;        // the peer's FIN came out of order; at fin_sequence
  bool ack_now : 1 = false;

  std::uint32_t send_unacknowledged = 0;  // the ISS until the handshake is done
  std::uint32_t send_next = 0;
  std::uint32_t send_window = 0;
  std::uint32_t largest_send_window = 0;
  std::uint32_t window_update_sequence = 0;  // SND.WL1
  std::uint32_t receive_next = 0;
  std::uint32_t fin_sequence = 0;
  std::uint32_t receive_acknowledged = 0;  // RCV.NXT when the last ACK left (rcv_wup)
  std::uint32_t receive_window = 0;        // as offered at receive_acknowledged
  std::uint32_t window_limit = 0;          // what we would offer (rcv_ssthresh)
  std::uint32_t duplicate_begin = 0;       // to report in the next ACK (RFC 2883)
  std::uint32_t duplicate_end = 0;
  std::uint32_t recent_timestamp = 0;     // TS.Recent
  std::uint32_t recent_timestamp_ms = 0;  // when it was stored
  std::uint32_t timestamp_offset = 0;

  RoundTripEstimator round_trip;
  CongestionControl congestion;
  DelayedAck delayed_ack;
  Instant timer_deadline = kNever;
  Instant ack_deadline = kNever;        // of a delayed ACK
  std::uint32_t last_challenge_ms = 0;  // 0: none yet
  std::uint32_t last_send_ms = 0;
  std::uint8_t retries = 0;  // timeouts in a row
  std::uint8_t backoff = 0;
  std::uint8_t probes = 0;  // window probes in a row

  std::uint32_t transfer = kNoIndex;   // TransferState
  std::uint32_t sending = kNoIndex;    // SendState
  std::uint32_t receiving = kNoIndex;  // ReceiveBuffer
  EphemeralPorts::SetId port_set = EphemeralPorts::kNoSet;
  ListenerId listener = 0;
  SocketEvents* events = nullptr;

  Instant opened_at;
  Instant established_at = kNever;
  std::uint64_t bytes_acknowledged = 0;  // payload the peer has acknowledged
  std::uint64_t bytes_received = 0;      // payload taken in order
  std::uint32_t retransmissions = 0;

  SocketId id() const { return (std::uint64_t{generation} << 32) | slot; }
  bool fin_acknowledged() const { return fin_sent && send_unacknowledged == send_next; }
  // Bytes of the offered window still free (tcp_receive_window).
  std::uint32_t open_window() const {
    const auto left =
        static_cast<std::int32_t>(receive_acknowledged + receive_window - receive_next);
    return left > 0 ? static_cast<std::uint32_t>(left) : 0;
  }
};

}  // namespace elblab::host
