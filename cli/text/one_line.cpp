#include "cli/text/one_line.hpp"

#include <algorithm>
#include <cstddef>

namespace elblab::cli {
namespace {

// Bytes of the code point that begins at `text`; 0 when they are no UTF-8 (RFC 3629). Overlong
// forms of what a terminal obeys begin with 0xC0, 0xC1, 0xE0 or 0xF0.
std::size_t length_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2   ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool is_overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  return is_overlong ? 0 : length;
}

bool is_control(std::string_view code_point) {
  const auto first = static_cast<unsigned char>(code_point[0]);
  if (code_point.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(code_point[1]) < 0xA0;
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t length = length_of(text);
    const std::string_view code_point = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(code_point.size());
    if (code_point == "\n" || code_point == "\t" || code_point == "\r") {
      line += ' ';
    } else if (length == 0 || is_control(code_point)) {
      line += '?';
    } else {
      line += code_point;
    }
  }
  return line;
}

}  // namespace elblab::cli
