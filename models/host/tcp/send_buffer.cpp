#include "models/host/tcp/send_buffer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "models/contract/require.hpp"
#include "models/host/sockets.hpp"

namespace elblab::host {
namespace {

// Long enough that a full segment is one copy, wherever in the period it begins.
constexpr std::size_t kPatternTable = 16 * kPatternPeriod;
constexpr std::array<std::uint8_t, kPatternTable> make_pattern() {
  std::array<std::uint8_t, kPatternTable> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = pattern_byte(i);
  return table;
}
constexpr std::array<std::uint8_t, kPatternTable> kPattern = make_pattern();
constexpr std::size_t kKeptCapacity = 64 * 1024;

}  // namespace

void fill_pattern(std::uint64_t stream_offset, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const std::size_t from = stream_offset % kPatternPeriod;
    const std::size_t n = std::min(out.size(), kPatternTable - from);
    std::memcpy(out.data(), kPattern.data() + from, n);
    out = out.subspan(n);
    stream_offset += n;
  }
}

void SendBuffer::reset(std::uint64_t stream_offset) {
  begin_ = end_ = stream_offset;
  runs_.clear();
  bytes_.clear();
  bytes_base_ = 0;
  if (bytes_.capacity() > kKeptCapacity) std::vector<std::uint8_t>().swap(bytes_);
}

void SendBuffer::extend(bool pattern, std::uint64_t bytes) {
  if (runs_.empty() || runs_.back().pattern != pattern) {
    // Unsigned wrap is meant: store + offset gives the stored position of every byte of the run.
    runs_.push_back({end_, bytes_base_ + bytes_.size() - end_, pattern});
  }
  end_ += bytes;
  runs_.back().end = end_;
}

void SendBuffer::append(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  extend(false, bytes.size());
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void SendBuffer::append_pattern(std::uint64_t bytes) {
  if (bytes > 0) extend(true, bytes);
}

void SendBuffer::release_until(std::uint64_t stream_offset) {
  begin_ = std::clamp(stream_offset, begin_, end_);
  std::size_t done = 0;
  while (done < runs_.size() && runs_[done].end <= begin_) ++done;
  if (done > 0) runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(done));
  if (bytes_.empty()) return;
  std::uint64_t first_needed = bytes_base_ + bytes_.size();
  for (const Run& run : runs_) {
    if (run.pattern) continue;
    // Only the first run can have been released in part; a later one starts at the one before.
    const std::uint64_t from = &run == &runs_.front() ? begin_ : (&run - 1)->end;
    first_needed = run.store + from;
    break;
  }
  const std::size_t dead = first_needed - bytes_base_;
  // Moving the rest forward is paid by the bytes that went.
  if (2 * dead >= bytes_.size()) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(dead));
    bytes_base_ += dead;
  }
}

void SendBuffer::copy(std::uint64_t stream_offset, std::span<std::uint8_t> out) const {
  ELBLAB_REQUIRE(stream_offset >= begin_ && stream_offset + out.size() <= end_,
                 "what is copied is in the buffer");
  for (const Run& run : runs_) {
    if (out.empty()) return;
    if (run.end <= stream_offset) continue;
    const std::size_t n = std::min<std::uint64_t>(out.size(), run.end - stream_offset);
    if (run.pattern) {
      fill_pattern(stream_offset, out.first(n));
    } else {
      std::memcpy(out.data(), bytes_.data() + (run.store + stream_offset - bytes_base_), n);
    }
    out = out.subspan(n);
    stream_offset += n;
  }
}

}  // namespace elblab::host
