#include "analysis/export/csv.hpp"

#include <cstdlib>

#include "analysis/export/safe_text.hpp"

namespace elblab::exports {
namespace {

std::string field_of(const std::string& name) { return csv_field(name); }

std::string field_of(const trace::QueryCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    return text->empty() ? "\"\"" : csv_field(*text);
  }
  return trace::to_text(cell);
}

// Spreadsheets take what follows this for a text.
constexpr char kTextMark = '\'';

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0';
}

// Also behind blanks, and behind marks: so that one mark more can be taken off again.
bool could_be_formula(std::string_view text) {
  const auto begin = text.find_first_not_of("' \t\r\n");
  if (begin == std::string_view::npos) return false;
  const std::string rest(text.substr(begin));
  return std::string_view("=+-@").find(rest[0]) != std::string_view::npos && !is_number(rest);
}

template <class Cells>
std::string line_of(const Cells& cells) {
  std::string line;
  bool is_first = true;
  for (const auto& cell : cells) {
    if (!is_first) line += ',';
    is_first = false;
    line += field_of(cell);
  }
  return line + "\n";
}

}  // namespace

std::string csv_field(std::string_view unsafe) {
  std::string text = safe_text(unsafe);
  if (could_be_formula(text)) text.insert(0, 1, kTextMark);
  const bool is_plain = text.find_first_of("\",\r\n") == std::string_view::npos &&
                        !text.starts_with(' ') && !text.ends_with(' ');
  if (is_plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_line(std::span<const std::string> names) { return line_of(names); }
std::string csv_line(std::span<const trace::QueryCell> cells) { return line_of(cells); }

std::optional<std::vector<std::string>> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;  // inside of quotes
  bool closed = false;  // behind them
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (quoted && c == '"') {
      quoted = false;
      closed = true;
    } else if (quoted) {
      fields.back() += c;
    } else if (c == ',') {
      fields.emplace_back();
      closed = false;
    } else if (closed || (c == '"' && !fields.back().empty())) {
      return std::nullopt;
    } else if (c == '"') {
      quoted = true;
    } else {
      fields.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  for (std::string& field : fields) {
    const bool is_marked = field.starts_with(kTextMark);
    if (is_marked && could_be_formula(field)) field.erase(0, 1);
  }
  return fields;
}

}  // namespace elblab::exports
