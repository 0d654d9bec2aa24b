#include "pcap/decompressor.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace elblab::pcap {
namespace {

constexpr std::size_t kInput = 64 * 1024;

class Gunzip final : public Decompressor {
 public:
  Gunzip() { inflateInit2(&stream_, kGzip); }
  ~Gunzip() override { inflateEnd(&stream_); }

  std::size_t read(std::span<std::uint8_t> into, const Source& source) override {
    stream_.next_out = into.data();
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out > 0 && !over_) {
      if (stream_.avail_in == 0) refill(source);
      if (stream_.avail_in == 0) break;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        inflateReset(&stream_);  // another member may follow
      } else if (result != Z_OK) {
        over_ = true;
      }
    }
    return into.size() - stream_.avail_out;
  }

  void reset() override {
    inflateReset(&stream_);
    stream_.avail_in = 0;
    over_ = false;
  }

 private:
  static constexpr int kGzip = 15 + 16;  // the largest window, with gzip's header

  void refill(const Source& source) {
    stream_.next_in = input_.data();
    stream_.avail_in = static_cast<uInt>(source(input_));
  }

  z_stream stream_{};
  std::array<std::uint8_t, kInput> input_{};
  bool over_ = false;
};

class Unzstd final : public Decompressor {
 public:
  Unzstd() : stream_(ZSTD_createDStream()) {}
  ~Unzstd() override { ZSTD_freeDStream(stream_); }

  std::size_t read(std::span<std::uint8_t> into, const Source& source) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos < out.size && !over_) {
      if (in_.pos == in_.size) in_ = {input_.data(), source(input_), 0};
      const std::size_t before = out.pos;
      const bool at_end = in_.size == 0;
      const std::size_t result = ZSTD_decompressStream(stream_, &out, &in_);
      // Without input it may still hold some of the output.
      over_ = ZSTD_isError(result) != 0 || (at_end && out.pos == before);
    }
    return out.pos;
  }

  void reset() override {
    ZSTD_initDStream(stream_);
    in_ = {};
    over_ = false;
  }

 private:
  ZSTD_DStream* stream_;
  std::array<std::uint8_t, kInput> input_{};
  ZSTD_inBuffer in_{};
  bool over_ = false;
};

bool begins_with(std::span<const std::uint8_t> head, std::initializer_list<std::uint8_t> bytes) {
  if (head.size() < bytes.size()) return false;
  return std::equal(bytes.begin(), bytes.end(), head.begin());
}

}  // namespace

std::unique_ptr<Decompressor> Decompressor::for_head(std::span<const std::uint8_t> head) {
  if (begins_with(head, {0x1F, 0x8B})) return std::make_unique<Gunzip>();
  if (begins_with(head, {0x28, 0xB5, 0x2F, 0xFD})) return std::make_unique<Unzstd>();
  return nullptr;
}

}  // namespace elblab::pcap
