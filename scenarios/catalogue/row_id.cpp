#include "scenarios/catalogue/row_id.hpp"

#include <fmt/format.h>

namespace elblab::catalogue {
namespace {

constexpr std::size_t kFewestDigits = 2;
constexpr std::size_t kMostDigits = 3;
constexpr std::string_view kEllipsis = " … ";

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_word(char c) { return is_capital(c) || is_small(c) || is_digit(c) || c == '_'; }

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && is_digit(text[at + count])) ++count;
  return count;
}

unsigned number_of(std::string_view digits) {
  unsigned number = 0;
  for (const char c : digits) number = 10 * number + static_cast<unsigned>(c - '0');
  return number;
}

// Moves `at` behind a number with its item; false where there is none that ends there.
bool read_number(std::string_view text, std::size_t& at, RowId& id) {
  const std::size_t digits = digits_at(text, at);
  if (digits < kFewestDigits || digits > kMostDigits) return false;
  std::size_t end = at + digits;
  char item = 0;
  if (end < text.size() && is_small(text[end])) item = text[end++];
  if (end < text.size() && is_word(text[end])) return false;
  id.number = number_of(text.substr(at, digits));
  id.item = item;
  at = end;
  return true;
}

// A whole name at `at`; moves `at` behind it.
bool read_id(std::string_view text, std::size_t& at, RowId& id) {
  std::size_t end = at;
  if (end >= text.size() || !is_capital(text[end])) return false;
  while (end < text.size() && (is_capital(text[end]) || is_digit(text[end]))) ++end;
  if (end >= text.size() || text[end] != '-') return false;
  ++end;
  if (end < text.size() && text[end] == 'S') ++end;
  const std::size_t family_end = end;
  if (!read_number(text, end, id)) return false;
  id.family = text.substr(at, family_end - at);
  at = end;
  return true;
}

// What makes a range of the mention before it: "..52", "..S11", " … MET-08".
bool read_range_end(std::string_view text, std::size_t& at, const RowId& first, RowId& last) {
  std::size_t end = at;
  if (text.substr(end).starts_with("..")) {
    end += 2;
    if (end < text.size() && text[end] == 'S' && first.family.back() == 'S') ++end;
    last.family = first.family;
    if (!read_number(text, end, last)) return false;
  } else if (text.substr(end).starts_with(kEllipsis)) {
    end += kEllipsis.size();
    if (!read_id(text, end, last) || last.family != first.family) return false;
  } else {
    return false;
  }
  at = end;
  return true;
}

bool follows(const std::string& a, const std::string& b) {
  const auto before = parse_row_id(a);
  const auto after = parse_row_id(b);
  return before && after && before->family == after->family && before->item == 0 &&
         after->item == 0 && after->number == before->number + 1;
}

}  // namespace

std::string RowId::to_string() const {
  return fmt::format("{}{:02}{}", family, number, item == 0 ? "" : std::string(1, item));
}

std::optional<RowId> parse_row_id(std::string_view text) {
  RowId id;
  std::size_t at = 0;
  if (!read_id(text, at, id) || at != text.size()) return std::nullopt;
  return id;
}

std::vector<Mention> mentions_in(std::string_view text) {
  std::vector<Mention> mentions;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool starts = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '-');
    Mention mention;
    std::size_t end = at;
    if (!starts || !read_id(text, end, mention.first)) {
      ++at;
      continue;
    }
    if (RowId last; read_range_end(text, end, mention.first, last)) mention.last = last;
    mention.offset = at;
    mention.length = end - at;
    mentions.push_back(std::move(mention));
    at = end;
  }
  return mentions;
}

std::string listed_in_short(const std::vector<std::string>& ids) {
  std::string text;
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t end = i + 1;
    while (end < ids.size() && follows(ids[end - 1], ids[end])) ++end;
    if (!text.empty()) text += ", ";
    if (end - i < 3) end = i + 1;
    text += ids[i];
    if (end - i >= 3) text += fmt::format("..{:02}", parse_row_id(ids[end - 1])->number);
    i = end;
  }
  return text;
}

}  // namespace elblab::catalogue
