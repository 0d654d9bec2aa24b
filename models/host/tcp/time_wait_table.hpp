// Sockets in TIME_WAIT: compact records, ended in the order in which they entered.
//
// All wait the same time, so a list in order of (re)start is a queue of deadlines: every operation
// is O(1). Expiry is rounded up to 1 ms. What the state does with packets: time_wait_input.hpp.
// Rows 12–16 and 19 of linux-host.md; tcp_timewait_sock.
#pragma once

#include <cstdint>
#include <vector>

#include "models/host/tcp/tcp_connection.hpp"
#include "models/tables/lazy_chunks.hpp"

namespace elblab::host {

struct TimeWaitRecord {
  net::Endpoint local;
  net::Endpoint remote;
  std::uint32_t flow_hash = 0;
  std::uint32_t send_next = 0;
  std::uint32_t receive_next = 0;
  std::uint16_t window = 0;  // as it stands in the header of the ACKs it sends
  bool timestamps = false;
  bool client = false;
  std::uint32_t recent_timestamp = 0;
  std::uint32_t timestamp_offset = 0;
  std::uint32_t last_challenge_ms = 0;
  EphemeralPorts::SetId port_set = EphemeralPorts::kNoSet;
  std::uint32_t previous = kNoIndex;
  std::uint32_t next = kNoIndex;
  Instant recent_timestamp_at;
  Instant expires;
};

class TimeWaitTable {
 public:
  explicit TimeWaitTable(Duration length) : length_(length) {}

  // Copies the record in and starts its time. Returns its slot.
  std::uint32_t add(const TimeWaitRecord& record, Instant now);
  void restart(std::uint32_t slot, Instant now);
  void remove(std::uint32_t slot);
  TimeWaitRecord& at(std::uint32_t slot) { return records_[slot]; }
  const TimeWaitRecord& at(std::uint32_t slot) const { return records_[slot]; }

  // kNoIndex when none is due.
  std::uint32_t first_due(Instant now) const {
    return first_ != kNoIndex && at(first_).expires <= now ? first_ : kNoIndex;
  }
  Instant next_deadline() const { return first_ == kNoIndex ? kNever : at(first_).expires; }
  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return records_.memory_bytes() + free_.capacity() * 4; }

 private:
  void link_last(std::uint32_t slot, Instant now);
  void unlink(std::uint32_t slot);

  Duration length_;
  tables::LazyChunks<TimeWaitRecord> records_;
  std::vector<std::uint32_t> free_;
  std::uint32_t first_ = kNoIndex;
  std::uint32_t last_ = kNoIndex;
  std::size_t size_ = 0;
};

}  // namespace elblab::host
