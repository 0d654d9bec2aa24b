// Reads the answer to an HTTP probe as far as a prober needs it: the status line.
//
// Bytes come as TCP gives them, in pieces of any size. An answer is decided with the end of its
// status line; what follows is of no interest, so that an endless answer cannot hold a probe up.
// Strict where a mistake could pass for an answer: "HTTP/1.x", a space, three digits, and a space
// or the end of the line (RFC 9112 section 4). The line may end with LF alone (section 2.2).
// Bounded: a line that does not end within kLongestLine bytes is broken.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace elblab::health {

class HttpAnswer {
 public:
  static constexpr std::size_t kLongestLine = 1024;
  enum class State : std::uint8_t { incomplete, complete, broken };

  // Bytes after the end of the status line are ignored. O(bytes).
  State read(std::span<const std::uint8_t> bytes);
  State state() const { return state_; }
  // 100..999. Precondition: complete.
  int status() const { return status_; }

 private:
  void decide();

  std::string line_;
  State state_ = State::incomplete;
  int status_ = 0;
};

}  // namespace elblab::health
