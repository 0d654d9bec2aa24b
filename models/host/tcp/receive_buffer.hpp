// Payload that cannot be handed over yet: out of order, or before accept().
//
// A ring of bytes indexed by sequence number and a sorted list of the ranges it holds. The ring
// grows to the window that is used (a power of two), so storing is one copy and never more memory
// than the window. Also keeps the SACK blocks to announce, the latest first (RFC 2018 §4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/net/tcp_options.hpp"

namespace elblab::host {

class ReceiveBuffer {
 public:
  // Empty; `next` is the sequence number of the first byte to hand over.
  void reset(std::uint32_t next);
  // Stores bytes; what lies before the next byte or is stored already is cut. A FIN behind them is
  // one more sequence number to report as received, without a byte.
  void store(std::uint32_t sequence, std::span<const std::uint8_t> bytes, bool with_fin);
  // As much of [begin, end) as one range holds already: the one that it overlaps first.
  std::optional<net::SackBlock> overlap(std::uint32_t begin, std::uint32_t end) const;
  // In-order bytes are handed over without being stored. What of them was stored is remembered for
  // covered_again().
  void deliver(std::uint32_t sequence, std::span<const std::uint8_t> bytes);
  // What the bytes stored or delivered last had been held of already, once.
  std::optional<net::SackBlock> covered_again();
  // Everything from here on is forgotten.
  void forget_beyond(std::uint32_t sequence);
  // Contiguous bytes from the next one on, or empty. Valid until the next call.
  std::span<const std::uint8_t> ready() const;
  // Hands over `bytes` of what ready() gave, or skips to bytes delivered by another way.
  void consume(std::uint32_t bytes);
  // The sequence number after the bytes that are contiguous from the next one on.
  std::uint32_t contiguous_end() const;
  bool holds_beyond(std::uint32_t sequence) const {
    return !ranges_.empty() && static_cast<std::int32_t>(ranges_.back().end - sequence) > 0;
  }
  // One past the last that is held; the next byte if nothing is.
  std::uint32_t end() const { return ranges_.empty() ? next_ : ranges_.back().end; }
  bool empty() const { return ranges_.empty(); }
  std::uint32_t next() const { return next_; }

  // Blocks beyond `acknowledged`, at most `most`, the one stored last first. Returns their number.
  std::uint8_t sack_blocks(std::uint32_t acknowledged, std::span<net::SackBlock> out) const;
  std::size_t memory_bytes() const {
    return ring_.capacity() + ranges_.capacity() * sizeof(net::SackBlock);
  }

 private:
  void remember_covered(std::uint32_t begin, std::uint32_t end);
  void insert_range(std::uint32_t begin, std::uint32_t end);
  void reserve(std::uint32_t end);
  void copy_in(std::uint32_t sequence, std::span<const std::uint8_t> bytes);

  std::uint32_t next_ = 0;
  std::vector<net::SackBlock> ranges_;     // disjoint, not touching, ascending
  std::vector<std::uint8_t> ring_;         // byte s is at s mod size; size a power of two
  std::array<std::uint32_t, 4> recent_{};  // a byte of each range stored lately, latest first
  std::uint8_t recent_count_ = 0;
  std::optional<net::SackBlock> covered_;
};

}  // namespace elblab::host
