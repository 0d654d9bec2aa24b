// The bytes of a capture, read forwards from a file, a pipe, or standard input ("-"); unpacked
// where the file is packed with gzip or zstd.
//
// Plain read(2), not mmap(2). Measured from the page cache (bench/capture.cpp, per record): this
// takes 13 ns for 64 bytes and 51 for a mix of 350 on average, a bare walk over a mapping 8 and
// 109, since a page costs more to map than to copy. And read(2) works on pipes, keeps memory
// bounded by itself, and a file that somebody truncates ends early instead of killing the process
// (SIGBUS).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>

#include "models/contract/expected.hpp"
#include "pcap/decompressor.hpp"

namespace elblab::pcap {

class InputFile {
 public:
  InputFile() = default;
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();

  // Error: a message that names the path, what is wrong and what to do.
  static Expected<InputFile> open(const std::filesystem::path& path);

  // The first bytes, without taking them; fewer when the file is shorter.
  std::span<const std::uint8_t> head() const { return {head_.data(), head_size_}; }
  // Fills `into` as far as there are bytes; fewer only at the end or on an error.
  std::size_t read(std::span<std::uint8_t> into);
  // errno of a read that failed, 0 when all went well.
  int error() const { return error_; }
  // Bytes taken by read(), unpacked.
  std::uint64_t position() const { return position_; }
  // From position() to the present end of the file; 0 for a pipe, and for a packed file.
  std::uint64_t bytes_left() const;
  // Back to the start. Error as open(), for what cannot be read twice.
  Expected<void> rewind();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::size_t read_descriptor(std::span<std::uint8_t> into);
  // Unpacked, if the file is packed.
  std::size_t read_on(std::span<std::uint8_t> into);

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool regular_ = false;
  int error_ = 0;
  std::uint64_t position_ = 0;
  std::unique_ptr<Decompressor> decompressor_;  // nullptr: the file is not packed
  std::array<std::uint8_t, 64> head_{};
  std::size_t head_size_ = 0;
};

}  // namespace elblab::pcap
