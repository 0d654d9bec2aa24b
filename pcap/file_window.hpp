// The part of a capture file that a reader is at: a megabyte that moves forwards with it, so that a
// record or block lies in one piece. What was handed out is good until the next fill().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "models/contract/expected.hpp"
#include "pcap/input_file.hpp"

namespace elblab::pcap {

class FileWindow {
 public:
  static constexpr std::size_t kSize = std::size_t{1} << 20;

  explicit FileWindow(InputFile file);

  // The next byte of the file, and how many follow it here.
  const std::uint8_t* at() const { return at_; }
  std::size_t at_hand() const { return static_cast<std::size_t>(end_ - at_); }
  // Goes on by so many bytes, which are at hand.
  void drop(std::size_t bytes) { at_ += bytes; }
  // Reads on until `wanted` bytes are at hand, at most kSize. False: the file has no more, or
  // cannot be read on (file().error()).
  bool fill(std::size_t wanted);
  // To the start of the file, nothing at hand. Error: as InputFile::rewind().
  Expected<void> rewind();

  const InputFile& file() const { return file_; }
  // Where at() is in the file, and how much there is from it on (0 for a pipe's unread part).
  std::uint64_t position() const { return file_.position() - at_hand(); }
  std::uint64_t bytes_left() const { return at_hand() + file_.bytes_left(); }

 private:
  InputFile file_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace elblab::pcap
