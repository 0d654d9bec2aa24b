#include "scenarios/language/yaml_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elblab::language {
namespace {

// Text that YAML reads as itself without quotes, inside braces too.
bool is_plain(std::string_view text) {
  constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./%+-:()";
  if (text.empty() || text == "null" || text == "Null" || text == "NULL" || text == "-")
    return false;
  if (text.find_first_not_of(kSafe) != std::string_view::npos) return false;
  // ": " and " #" cannot occur without blanks; a colon at an end would make a key.
  return text.front() != ':' && text.back() != ':' && text.front() != '%' &&
         !(text.front() == '-' && (text.size() == 1 || text[1] == '-')) && text != "." &&
         text != "...";
}

// YAML 1.2 §5.7: every character that could end or bend the text is escaped.
std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        result += c;
    }
  }
  return result + "\"";
}

std::string scalar_text(const Node& node) {
  return !node.quoted && is_plain(node.text) ? node.text : in_quotes(node.text);
}

std::string key_text(const std::string& key) { return is_plain(key) ? key : in_quotes(key); }

bool fits_line(const Node& node, std::size_t indent) {
  return inline_yaml(node).size() + indent <= 96;
}

void write_block(const Node& node, int levels, int indent, std::string& out) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const Entry& entry : node.entries) {
    const Node& value = entry.value;
    const bool split = !fits_line(value, margin.size() + entry.key.size() + 2);
    if (value.is_map() && !value.entries.empty() && (levels > 1 || split)) {
      out += fmt::format("{}{}:\n", margin, key_text(entry.key));
      write_block(value, std::max(1, levels - 1), indent + 2, out);
    } else if (value.is_list() && !value.items.empty() && value.items.front().is_map()) {
      out += fmt::format("{}{}:\n", margin, key_text(entry.key));
      for (const Node& item : value.items)
        out += fmt::format("{}  - {}\n", margin, inline_yaml(item));
    } else {
      out += fmt::format("{}{}: {}\n", margin, key_text(entry.key), inline_yaml(value));
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
