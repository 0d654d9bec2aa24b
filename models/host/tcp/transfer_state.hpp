// What a connection remembers of what it has transferred: round trips, congestion, loss recovery
// and the tuning of its receive buffer. Pooled; a connection holds one from its first payload (or
// FIN) in either direction to its end, so that connections which never carry anything stay small.
#pragma once

#include <cstdint>
#include <vector>

#include "models/tables/lazy_chunks.hpp"
#include "models/time/instant.hpp"

namespace elblab::host {

// Linux's names are TCP_CA_Open … TCP_CA_Loss; the order matters.
enum class CongestionPhase : std::uint8_t {
  open,
  disorder,  // duplicate ACKs or SACKs came: segments may be lost or late
  reduced,   // the window goes down without a loss to repair (CWR)
  recovery,  // fast retransmission
  loss,      // a retransmission timeout
};

struct TransferState {
  // Receive buffer and window (receive_window.hpp), in bytes.
  std::uint32_t receive_buffer = 0;  // sk_rcvbuf
  std::uint32_t window_clamp = 0;
  std::uint32_t held = 0;            // buffer that unread payload takes (sk_rmem_alloc)
  std::uint32_t read_per_round = 0;  // what the application read in a round trip (rcvq_space)
  std::uint32_t read_sequence = 0;   // as far as it had read when this round trip began
  std::uint32_t round_trip_us = 0;   // as the receiver sees it, times 8
  std::uint32_t round_sequence = 0;  // the round trip is over when this comes
  std::uint32_t measured_echo = 0;   // TSecr that the last measurement took
  Instant read_since = kStart;
  Instant round_since = kNever;
  std::uint32_t compressed_at = 0;  // RCV.NXT that duplicate ACKs are counted for
  std::uint8_t duplicate_acks = 0;  // sent at once for it
  bool ack_compressed = false;      // one more waits for a moment
  std::uint8_t scaling = 128;       // payload bytes of 256 bytes of buffer
  std::uint16_t tail_room = 0;      // behind the last packet held, for small ones

  // Round trips of the sender (round_trip_estimator.hpp), in µs.
  std::uint32_t deviation_us = 0;
  std::uint32_t largest_deviation_us = 0;  // of this round trip
  std::uint32_t round_end = 0;             // SND.NXT when this round trip began

  // Congestion (congestion_control.hpp), in segments.
  std::uint32_t limited_until = 0;  // SND.NXT when `most_in_flight` was last begun
  std::uint32_t most_in_flight = 0;
  std::uint32_t used_window = 0;
  std::uint32_t prior_threshold = 0;  // 0: the reduction may not be undone
  std::uint32_t prior_window = 0;
  std::uint32_t reduction_delivered = 0;  // RFC 6937: prr_delivered
  std::uint32_t reduction_sent = 0;       // prr_out
  std::uint32_t delivered = 0;            // in the connection's life
  std::uint32_t lost_ever = 0;
  Instant full_since = kStart;  // when the window was last the limit
  Instant last_written = kNever;
  bool window_limited = false;

  // Loss recovery (loss_recovery.hpp)
  CongestionPhase phase = CongestionPhase::open;
  bool undo_possible = false;
  bool forward_recovery = false;  // RFC 5682 is under way
  bool reordering_seen = false;
  std::uint8_t reordering = 3;  // segments by which one may be late without being lost
  std::uint32_t recovery_point = 0;
  std::uint32_t undo_marker = 0;          // SND.UNA when the reduction began
  std::int32_t undo_retransmissions = 0;  // not yet known to be needless; -1: none was sent
  std::uint32_t first_resent_ms = 0;      // TSval of the first retransmission; 0: none
  std::uint32_t resent_ever = 0;
  std::uint32_t duplicates_reported = 0;
  // RACK (RFC 8985): the most recently sent segment known to be delivered.
  Instant rack_sent_at = kStart;
  Duration rack_round_trip{};
  std::uint32_t rack_end = 0;
  bool rack_advanced = false;
  bool duplicate_seen = false;        // a D-SACK widens the reordering window
  std::uint8_t reordering_steps = 1;  // the window in quarters of the least round trip
  std::uint8_t steps_persist = 0;
  std::uint32_t steps_delivered = 0;
  // Tail loss probe (RFC 8985 §7)
  bool probe_outstanding = false;
  bool probe_was_resent = false;  // it carried no new data
  std::uint32_t probe_end = 0;
};

class TransferStatePool {
 public:
  std::uint32_t acquire();
  void release(std::uint32_t index) { free_.push_back(index); }
  TransferState& at(std::uint32_t index) { return states_[index]; }
  const TransferState& at(std::uint32_t index) const { return states_[index]; }
  std::size_t memory_bytes() const { return states_.memory_bytes() + free_.capacity() * 4; }

 private:
  tables::LazyChunks<TransferState> states_;
  std::vector<std::uint32_t> free_;
};

}  // namespace elblab::host
