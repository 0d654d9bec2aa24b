#include "scenarios/language/source.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace elblab::language {
namespace {

unsigned char at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

bool continues(std::string_view text, std::size_t i) {
  return i < text.size() && (at(text, i) & 0xC0) == 0x80;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t i) {
  const unsigned char first = at(text, i);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  for (std::size_t k = 1; k < length; ++k) {
    if (!continues(text, i + k)) return 0;
  }
  const unsigned char second = at(text, i + 1);
  return second >= low && second <= high ? length : 0;
}

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n' && i + 1 < text_.size()) starts_.push_back(i + 1);
  }
}

std::string_view Source::line(int number) const {
  if (number < 1 || number > line_count()) return {};
  const std::size_t begin = starts_[static_cast<std::size_t>(number) - 1];
  const std::size_t end = text_.find('\n', begin);
  std::string_view found = std::string_view(text_).substr(
      begin, end == std::string::npos ? std::string::npos : end - begin);
  if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
  return found;
}

std::optional<BadByte> find_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char byte = at(text, i);
    const bool white = byte == '\t' || byte == '\n' || byte == '\r';
    if ((byte < 0x20 && !white) || byte == 0x7F) {
      return BadByte{i, fmt::format("byte 0x{:02X} does not belong in a text file: this looks like "
                                    "a binary file, not a scenario",
                                    byte)};
    }
    const std::size_t length = utf8_length(text, i);
    if (length == 0) {
      return BadByte{
          i, fmt::format("byte 0x{:02X} is not valid UTF-8: a scenario is a UTF-8 text", byte)};
    }
    i += length;
  }
  return std::nullopt;
}

}  // namespace elblab::language
