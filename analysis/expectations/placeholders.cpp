#include <array>
#include <string_view>
#include <utility>

#include "analysis/expectations/evaluate.hpp"
#include "analysis/expectations/text.hpp"

namespace elblab::expectations {
namespace {

using language::Stat;

constexpr std::array<std::pair<std::string_view, Stat>, 5> kStats{{{"total", Stat::total},
                                                                   {"mean", Stat::mean},
                                                                   {"max", Stat::max},
                                                                   {"min", Stat::min},
                                                                   {"last", Stat::last}}};

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "c1" of "time_wait(c1)": name and object; an object may itself have parentheses.
language::Measure parse_measure(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return {std::string(text), ""};
  const std::string_view object = text.substr(open + 1, text.size() - open - 2);
  return {std::string(trim(text.substr(0, open))), std::string(trim(object))};
}

// The text for what stands between the braces, nullopt when it names no recorded value.
std::optional<std::string> value_text(std::string_view inside, const trace::Reader& trace) {
  inside = trim(inside);
  const std::size_t space = inside.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  for (const auto& [name, stat] : kStats) {
    if (inside.substr(0, space) != name) continue;
    const auto measure = parse_measure(trim(inside.substr(space)));
    if (const auto value = statistic(trace, measure, stat, kStart, kNever)) {
      return number_text(*value);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string fill_placeholders(const std::string& text, const trace::Reader& trace) {
  std::string filled;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('}', open);
    if (close == std::string_view::npos) break;
    filled.append(rest.substr(0, open));
    const auto value = value_text(rest.substr(open + 1, close - open - 1), trace);
    // What is no placeholder stays, and one may still begin inside it: "{a {max b(c)}".
    const std::size_t used = value ? close + 1 : open + 1;
    filled.append(value ? *value : std::string("{"));
    rest.remove_prefix(used);
  }
  return filled.append(rest);
}

}  // namespace elblab::expectations
