#include "analysis/export/safe_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace elblab::exports {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: no UTF-8
};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Of the beginning of a text that is not empty.
CodePoint first_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first < 0xC2   ? 0
                            : first < 0xE0 ? 2
                            : first < 0xF0 ? 3
                            : first < 0xF5 ? 4
                                           : 0;
  if (bytes == 0 || bytes > text.size()) return {};
  std::uint32_t value = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!continues(text[i])) return {};
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool is_overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (is_overlong || is_surrogate || value > 0x10FFFF) return {};
  return {value, bytes};
}

bool is_dangerous(std::uint32_t c) {
  const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  // Line and paragraph separator, and what turns or isolates the direction of writing.
  const bool moves_text = (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  // What XML 1.0 §2.2 and UTF-8 readers refuse.
  const bool is_no_character = c == 0xFFFE || c == 0xFFFF;
  return is_control || moves_text || is_no_character;
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7F; }

template <class OfBlank>
std::string safe(std::string_view text, OfBlank of_blank) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto odd = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto plain = static_cast<std::size_t>(odd - text.begin());
    result.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (const std::size_t used = of_blank(text, result); used > 0) {
      text.remove_prefix(used);
      continue;
    }
    const CodePoint next = first_of(text);
    const std::size_t bytes = std::max<std::size_t>(next.bytes, 1);
    if (next.bytes == 0 || is_dangerous(next.value)) {
      result += '?';
    } else {
      result.append(text.substr(0, bytes));
    }
    text.remove_prefix(bytes);
  }
  return result;
}

}  // namespace

std::string safe_text(std::string_view text) {
  return safe(text, [](std::string_view rest, std::string& result) -> std::size_t {
    const std::size_t used = rest[0] == '\n' || rest[0] == '\t' ? 1
                             : rest.starts_with("\r\n")         ? 2
                                                                : 0;
    result.append(rest.substr(0, used));
    return used;
  });
}

std::string safe_line(std::string_view text) {
  return safe(text, [](std::string_view rest, std::string& result) -> std::size_t {
    const bool is_blank = rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r';
    if (is_blank) result += ' ';
    return is_blank ? 1 : 0;
  });
}

}  // namespace elblab::exports
