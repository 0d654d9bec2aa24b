// Bytes queued for sending and not yet acknowledged, addressed by their offset in the stream.
//
// Real bytes are stored, pattern bytes (pattern_byte of the offset) are only counted. Appending
// and releasing cost amortised O(bytes); copying out costs O(bytes + runs), and runs are few:
// neighbours of one kind are one run. Objects are pooled and keep their capacity.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace elblab::host {

class SendBuffer {
 public:
  // Empty, with the next byte at this offset.
  void reset(std::uint64_t stream_offset);
  void append(std::span<const std::uint8_t> bytes);
  void append_pattern(std::uint64_t bytes);
  // Forgets everything before the offset.
  void release_until(std::uint64_t stream_offset);
  // The range must be inside [begin, end).
  void copy(std::uint64_t stream_offset, std::span<std::uint8_t> out) const;

  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  std::size_t memory_bytes() const { return bytes_.capacity() + runs_.capacity() * sizeof(Run); }

 private:
  struct Run {
    std::uint64_t end = 0;    // stream offset one past the run
    std::uint64_t store = 0;  // stored position of stream offset 0, were the run that long
    bool pattern = false;
  };
  void extend(bool pattern, std::uint64_t bytes);

  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::vector<Run> runs_;  // in stream order; the first holds begin_
  std::vector<std::uint8_t> bytes_;
  std::uint64_t bytes_base_ = 0;  // stored position of bytes_[0]
};

// Fills with pattern_byte(offset), pattern_byte(offset + 1), …
void fill_pattern(std::uint64_t stream_offset, std::span<std::uint8_t> out);

}  // namespace elblab::host
