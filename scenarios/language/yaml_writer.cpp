#include "scenarios/language/yaml_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "scenarios/language/characters.hpp"
#include "scenarios/language/source.hpp"

namespace elblab::language {
namespace {

// Means nothing to YAML within a text.
bool is_safe(char c) {
  return is_name_character(c) || c == '.' || c == '/' || c == '%' || c == '+' || c == ':' ||
         c == '(' || c == ')';
}

// Text that YAML reads as itself without quotes, inside braces too.
bool is_plain(std::string_view text) {
  if (text.empty() || text == "null" || text == "Null" || text == "NULL" || text == "-")
    return false;
  if (!std::all_of(text.begin(), text.end(), is_safe)) return false;
  // ": " and " #" cannot occur without blanks; a colon at an end would make a key.
  return text.front() != ':' && text.back() != ':' && text.front() != '%' &&
         !(text.front() == '-' && (text.size() == 1 || text[1] == '-')) && text != "." &&
         text != "...";
}

// The code point of the character at byte `i`, of `length` bytes.
char32_t code_point(std::string_view text, std::size_t i, std::size_t length) {
  constexpr std::array<unsigned, 5> kFirstBits{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = static_cast<unsigned char>(text[i]) & kFirstBits[length];
  for (std::size_t k = 1; k < length; ++k) {
    value = (value << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
  }
  return value;
}

// What a reader may refuse, take for the end of a line or for nothing: control characters, the
// other line ends of Unicode, blanks that look like others, byte order marks, non-characters.
bool needs_escape(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF ||
         (c & 0xFFFE) == 0xFFFE;
}

std::string escaped(char32_t c) {
  const auto value = static_cast<std::uint32_t>(c);
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  if (value <= 0xFF) return fmt::format("\\x{:02X}", value);
  return value <= 0xFFFF ? fmt::format("\\u{:04X}", value) : fmt::format("\\U{:08X}", value);
}

// YAML 1.2 §5.7: every character that could end or bend the text is escaped.
std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text, i));
    const char32_t c = code_point(text, i, length);
    if (needs_escape(c)) {
      result += escaped(c);
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += text.substr(i, length);
    }
    i += length;
  }
  return result + "\"";
}

std::string scalar_text(const Node& node) {
  return !node.quoted && is_plain(node.text) ? node.text : in_quotes(node.text);
}

std::string key_text(const std::string& key) { return is_plain(key) ? key : in_quotes(key); }

bool is_list_of_maps(const Node& value) {
  return value.is_list() && !value.items.empty() && value.items.front().is_map();
}

void write_block(const Node& node, int levels, int indent, std::string& out) {
  constexpr std::size_t kLongestLine = 96;
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const Entry& entry : node.entries) {
    const Node& value = entry.value;
    const bool has_entries = value.is_map() && !value.entries.empty();
    // Not written for what takes several lines anyway: of each level all that is below it.
    const bool splits = (has_entries && levels > 1) || is_list_of_maps(value);
    const std::string line = splits ? std::string() : inline_yaml(value);
    const bool fits = line.size() + margin.size() + entry.key.size() + 2 <= kLongestLine;
    out += margin + key_text(entry.key) + ":";
    if (has_entries && (levels > 1 || !fits)) {
      out += "\n";
      write_block(value, std::max(1, levels - 1), indent + 2, out);
    } else if (splits) {
      out += "\n";
      for (const Node& item : value.items) out += margin + "  - " + inline_yaml(item) + "\n";
    } else {
      out += " " + line + "\n";
    }
  }
}

}  // namespace

std::string inline_yaml(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "~";
    case Node::Kind::scalar:
      return scalar_text(node);
    case Node::Kind::list: {
      std::string text;
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + inline_yaml(item);
      return "[" + text + "]";
    }
    case Node::Kind::map: {
      std::string text;
      for (const Entry& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + key_text(entry.key) + ": " + inline_yaml(entry.value);
      }
      return "{" + text + "}";
    }
  }
  return {};
}

std::string to_yaml(const Node& node, int block_levels) {
  if (!node.is_map() || node.entries.empty()) return inline_yaml(node) + "\n";
  std::string out;
  write_block(node, block_levels, 0, out);
  return out;
}

}  // namespace elblab::language
