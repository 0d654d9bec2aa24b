#include "models/host/tcp/receive_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {
constexpr std::size_t kFirstRing = 16 * 1024;
constexpr std::size_t kKeptRing = 256 * 1024;
}  // namespace

void ReceiveBuffer::reset(std::uint32_t next) {
  next_ = next;
  ranges_.clear();
  recent_count_ = 0;
  covered_.reset();
  if (ring_.size() > kKeptRing) std::vector<std::uint8_t>().swap(ring_);
}

void ReceiveBuffer::reserve(std::uint32_t end) {
  const std::size_t needed = end - next_;
  if (needed <= ring_.size()) return;
  std::size_t size = std::max(kFirstRing, ring_.size());
  while (size < needed) size *= 2;
  std::vector<std::uint8_t> old(size);
  old.swap(ring_);
  for (const net::SackBlock& range : ranges_) {
    for (std::uint32_t at = range.begin; at != range.end;) {
      const std::size_t from = at & (old.size() - 1);
      const auto n =
          static_cast<std::uint32_t>(std::min<std::size_t>(range.end - at, old.size() - from));
      copy_in(at, std::span(old).subspan(from, n));
      at += n;
    }
  }
}

void ReceiveBuffer::copy_in(std::uint32_t sequence, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::size_t at = sequence & (ring_.size() - 1);
    const std::size_t n = std::min(bytes.size(), ring_.size() - at);
    std::memcpy(ring_.data() + at, bytes.data(), n);
    bytes = bytes.subspan(n);
    sequence += static_cast<std::uint32_t>(n);
  }
}

void ReceiveBuffer::store(std::uint32_t sequence, std::span<const std::uint8_t> bytes,
                          bool with_fin) {
  if (before(sequence, next_)) {
    const std::uint32_t cut = next_ - sequence;
    if (cut >= bytes.size()) return;
    bytes = bytes.subspan(cut);
    sequence = next_;
  }
  const std::uint32_t end =
      sequence + static_cast<std::uint32_t>(bytes.size()) + (with_fin ? 1U : 0U);
  if (sequence == end) return;
  if (sequence == contiguous_end()) remember_covered(sequence, end);
  reserve(end);
  copy_in(sequence, bytes);
  insert_range(sequence, end);
  std::array<std::uint32_t, 4> recent{sequence};
  std::uint8_t count = 1;
  for (std::uint8_t i = 0; i < recent_count_ && count < recent.size(); ++i) {
    if (before(recent_[i], sequence) || !before(recent_[i], end)) recent[count++] = recent_[i];
  }
  recent_ = recent;
  recent_count_ = count;
}

std::optional<net::SackBlock> ReceiveBuffer::overlap(std::uint32_t begin, std::uint32_t end) const {
  for (const net::SackBlock& range : ranges_) {
    const std::uint32_t from = before(range.begin, begin) ? begin : range.begin;
    const std::uint32_t to = before(end, range.end) ? end : range.end;
    if (before(from, to)) return net::SackBlock{from, to};
  }
  return std::nullopt;
}

void ReceiveBuffer::remember_covered(std::uint32_t begin, std::uint32_t end) {
  covered_.reset();
  for (const net::SackBlock& range : ranges_) {
    if (!after(range.begin, begin) || !before(range.begin, end)) continue;
    const std::uint32_t to = before(range.end, end) ? range.end : end;
    if (!covered_) covered_ = net::SackBlock{range.begin, to};
    covered_->end = to;
  }
}

void ReceiveBuffer::deliver(std::uint32_t sequence, std::span<const std::uint8_t> bytes) {
  const std::uint32_t end = sequence + static_cast<std::uint32_t>(bytes.size());
  remember_covered(sequence, end);
  consume(end - next_);
}

std::optional<net::SackBlock> ReceiveBuffer::covered_again() {
  return std::exchange(covered_, std::nullopt);
}

void ReceiveBuffer::forget_beyond(std::uint32_t sequence) {
  std::erase_if(ranges_,
                [sequence](const net::SackBlock& range) { return !before(range.begin, sequence); });
  if (!ranges_.empty() && after(ranges_.back().end, sequence)) ranges_.back().end = sequence;
}

void ReceiveBuffer::insert_range(std::uint32_t begin, std::uint32_t end) {
  auto at = std::partition_point(ranges_.begin(), ranges_.end(),
                                 [begin](const auto& range) { return before(range.end, begin); });
  auto last = at;
  while (last != ranges_.end() && !after(last->begin, end)) {
    if (before(last->begin, begin)) begin = last->begin;
    if (after(last->end, end)) end = last->end;
    ++last;
  }
  if (at == last) {
    ranges_.insert(at, {begin, end});
  } else {
    *at = {begin, end};
    ranges_.erase(at + 1, last);
  }
}

std::span<const std::uint8_t> ReceiveBuffer::ready() const {
  if (ranges_.empty() || ranges_.front().begin != next_) return {};
  const std::size_t from = next_ & (ring_.size() - 1);
  const std::size_t held = ranges_.front().end - next_;
  return std::span(ring_).subspan(from, std::min(held, ring_.size() - from));
}

std::uint32_t ReceiveBuffer::contiguous_end() const {
  return !ranges_.empty() && ranges_.front().begin == next_ ? ranges_.front().end : next_;
}

void ReceiveBuffer::consume(std::uint32_t bytes) {
  next_ += bytes;
  std::size_t gone = 0;
  while (gone < ranges_.size() && !after(ranges_[gone].end, next_)) ++gone;
  ranges_.erase(ranges_.begin(), ranges_.begin() + static_cast<std::ptrdiff_t>(gone));
  if (!ranges_.empty() && before(ranges_.front().begin, next_)) ranges_.front().begin = next_;
}

std::uint8_t ReceiveBuffer::sack_blocks(std::uint32_t acknowledged,
                                        std::span<net::SackBlock> out) const {
  std::uint8_t count = 0;
  const auto add = [&](const net::SackBlock& range) {
    if (count == out.size() || !after(range.begin, acknowledged)) return;
    if (std::find(out.begin(), out.begin() + count, range) != out.begin() + count) return;
    out[count++] = range;
  };
  for (std::uint8_t i = 0; i < recent_count_; ++i) {
    for (const net::SackBlock& range : ranges_) {
      if (!before(recent_[i], range.begin) && before(recent_[i], range.end)) add(range);
    }
  }
  for (const net::SackBlock& range : ranges_) add(range);
  return count;
}

}  // namespace elblab::host
