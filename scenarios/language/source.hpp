// A text that is decoded (the scenario file, or one --set of the command line) and places in it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elblab::language {

class Source {
 public:
  Source(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  // Line `number` counted from 1, without its line end; empty past the last.
  std::string_view line(int number) const;
  int line_count() const { return static_cast<int>(starts_.size()); }

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> starts_;  // byte offset of each line
};

using SourcePtr = std::shared_ptr<const Source>;

// line and column count from 1, column and length in bytes; line 0 is "no place".
struct Place {
  SourcePtr source;
  int line = 0;
  int column = 0;
  int length = 1;
};

// Length of the UTF-8 character that begins at byte `i`; 0 when none does (overlong, a surrogate,
// above U+10FFFF, truncated: the table of RFC 3629 §4).
std::size_t utf8_length(std::string_view text, std::size_t i);

// The first thing that makes bytes unreadable as a scenario: a NUL or another control character,
// or a sequence that is not UTF-8 (RFC 3629). nullopt when the text may be parsed. O(bytes).
struct BadByte {
  std::size_t offset = 0;
  std::string message;
};
std::optional<BadByte> find_bad_byte(std::string_view text);

}  // namespace elblab::language
