// The bounded queue between the thread that runs the models and the thread that writes.
//
// One producer, one consumer. Records are copied, in the order of the calls, into a ring of
// chunks; nothing is allocated after construction. The threads meet (mutex, wake-up) once per
// chunk, not once per record: a push is a copy and one release store. When the ring is full, push
// waits for the consumer, so a record is never lost; the consumer may take a chunk that is not yet
// full, so rows of a slow run do not wait for company.
//
// Because every record of every kind stands in one order, what the consumer makes of them cannot
// depend on when it looked.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <type_traits>

namespace elblab::trace {

enum class RecordTag : std::uint32_t {
  padding,
  event,
  connection,
  sample,
  object,
  series,
  latency,
  packet,
  packet_connection,
  operation,
  decision,
  probe,
  health
};

struct RecordHeader {
  RecordTag tag = RecordTag::padding;
  std::uint32_t size_bytes = 0;  // of the whole record, header included; a multiple of 8
};

// Padding keeps what the two threads write on cache lines of their own.
class RecordRing {  // NOLINT(clang-analyzer-optin.performance.Padding)
 public:
  // A chunk holds about 4,096 connections.
  static constexpr std::size_t kChunkBytes = std::size_t{640} * 1024;
  static constexpr std::size_t kChunks = 12;

  RecordRing();

  // Producer. Waits when the ring is full.
  template <class Record>
  void push(RecordTag tag, const Record& record) {
    static_assert(std::is_trivially_copyable_v<Record> && alignof(Record) <= 8);
    constexpr std::size_t kSize = (sizeof(RecordHeader) + sizeof(Record) + 7) / 8 * 8;
    static_assert(kSize <= kChunkBytes);
    if (chunk_end_ - cursor_ < kSize) begin_chunk();
    std::byte* at = bytes_.get() + cursor_ % kCapacity;
    const RecordHeader header{tag, static_cast<std::uint32_t>(kSize)};
    std::memcpy(at, &header, sizeof header);
    std::memcpy(at + sizeof header, &record, sizeof record);
    cursor_ += kSize;
    published_.store(cursor_, std::memory_order_release);
  }
  // Producer: nothing more will come.
  void close();

  // Consumer. Waits until a chunk is full, the ring is closed, or `patience` is over; gives what
  // stands there, whole records, never across a chunk's end. Empty and `closed`: the end.
  struct Taken {
    std::span<const std::byte> bytes;
    bool closed = false;
  };
  Taken take(std::chrono::milliseconds patience);
  // Consumer: the bytes of the last take() may be used again.
  void release();

 private:
  static constexpr std::uint64_t kCapacity = std::uint64_t{kChunkBytes} * kChunks;

  void begin_chunk();

  std::unique_ptr<std::byte[]> bytes_;
  // Positions count bytes since the start and never wrap; position % kCapacity is the place.
  std::uint64_t cursor_ = 0;               // producer's
  std::uint64_t chunk_end_ = kChunkBytes;  // producer's
  alignas(64) std::atomic<std::uint64_t> published_{0};
  alignas(64) std::uint64_t taken_ = 0;  // consumer's
  std::uint64_t taken_end_ = 0;          // consumer's

  std::mutex mutex_;
  std::condition_variable full_chunk_;
  std::condition_variable free_chunk_;
  std::uint64_t full_until_ = 0;          // guarded: the chunks before this position are full
  std::uint64_t free_until_ = kCapacity;  // guarded: the producer may write before this position
  bool closed_ = false;                   // guarded
};

}  // namespace elblab::trace
