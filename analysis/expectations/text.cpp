#include "analysis/expectations/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace elblab::expectations {
namespace {

using language::Expectation;
using language::Stat;

// Beyond 2^53 every double is whole, and its digits mean nothing.
constexpr double kWholeNumbers = 9007199254740992.0;

// "-1234.5" -> "-1,234.5"
std::string with_separators(std::string_view digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > first && i < point && (point - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

std::string_view label(Stat stat) {
  switch (stat) {
    case Stat::total:
      return "";
    case Stat::mean:
      return "mean ";
    case Stat::max:
      return "peak ";
    case Stat::min:
      return "lowest ";
    case Stat::last:
      return "at the end ";
  }
  return "";
}

std::string range_text(const std::string& low, const std::string& high) {
  return low == high ? low : fmt::format("{} … {}", low, high);
}

std::string relation(const Expectation& expectation) {
  return expectation.relative_to.empty() ? "" : fmt::format(" × {}", expectation.relative_to);
}

}  // namespace

std::string number_text(double value) {
  if (std::isnan(value)) return "not a number";
  if (std::isinf(value)) return value > 0 ? "infinite" : "minus infinite";
  const double size = std::abs(value);
  if (size >= kWholeNumbers) return fmt::format("{:.4g}", value);
  const double whole = std::round(value);
  if (std::abs(value - whole) <= 1e-9 * std::max(1.0, size)) {
    return with_separators(fmt::format("{}", static_cast<std::int64_t>(whole)));
  }
  if (size >= 1e6) return with_separators(fmt::format("{:.0f}", value));
  if (size >= 100) return with_separators(fmt::format("{:.1f}", value));
  if (size >= 1) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3g}", value);
}

std::string count_text(std::uint64_t count) { return number_text(static_cast<double>(count)); }

std::string signed_text(double value) { return (value > 0 ? "+" : "") + number_text(value); }

std::string unit_of(const Expectation& expectation, const trace::SeriesInfo& series) {
  if (!expectation.relative_to.empty()) return "";
  if (!expectation.unit.empty()) return expectation.unit;
  const bool counts_things = series.unit != "B" && series.unit != "ms";
  const bool is_rate = expectation.stat == Stat::mean && series.kind == trace::SeriesKind::counter;
  if (is_rate) return counts_things ? "/s" : series.unit + "/s";
  return counts_things ? "" : series.unit;
}

std::string with_unit(const std::string& number, const std::string& unit) {
  if (unit.empty()) return number;
  return unit.starts_with('/') || unit == "%" ? number + unit : fmt::format("{} {}", number, unit);
}

std::string duration_text(Duration duration) { return number_text(to_seconds(duration)) + " s"; }

std::string measured_text(const Expectation& expectation, const std::string& unit, double low,
                          double high) {
  const std::string numbers = range_text(number_text(low), number_text(high));
  std::string text =
      std::string(label(expectation.stat)) + with_unit(numbers, unit) + relation(expectation);
  if (expectation.window) text += " in every " + duration_text(*expectation.window);
  return text;
}

std::string expected_text(const Expectation& expectation, const std::string& unit) {
  const Expectation& e = expectation;
  if (!e.expected_text.empty()) return e.expected_text;
  const auto bound = [&](const char* words, const std::optional<double>& value) {
    if (!value) return std::string();
    return fmt::format("{} {}{}", words, with_unit(number_text(*value), unit), relation(e));
  };
  const std::string from = bound(e.low_exclusive ? "above" : "at least", e.low);
  const std::string to = bound(e.high_exclusive ? "below" : "at most", e.high);
  if (!e.low || !e.high) return from + to;
  if (e.low_exclusive || e.high_exclusive) return from + " and " + to;
  return with_unit(range_text(number_text(*e.low), number_text(*e.high)), unit) +
         relation(expectation);
}

}  // namespace elblab::expectations
