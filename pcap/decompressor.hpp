// Unpacks gzip (RFC 1952, several members too) and zstd (RFC 8878, several frames too), as far as
// what is packed is whole: what is cut off or damaged gives what came before it.
//
// Memory: what the two libraries take, 8 MiB for the window of zstd at most, and 64 KiB of input.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace elblab::pcap {

class Decompressor {
 public:
  // Fills the span with packed bytes as far as there are any.
  using Source = std::function<std::size_t(std::span<std::uint8_t>)>;

  // nullptr: `head`, the first bytes of a file, is not packed.
  static std::unique_ptr<Decompressor> for_head(std::span<const std::uint8_t> head);
  virtual ~Decompressor() = default;
  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Fills `into` as far as there are bytes; fewer only at the end, or at damage.
  virtual std::size_t read(std::span<std::uint8_t> into, const Source& source) = 0;
  // Back to the beginning, for a source that is there too.
  virtual void reset() = 0;
};

}  // namespace elblab::pcap
