#include "scenarios/language/quantities.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "scenarios/language/characters.hpp"

namespace elblab::language {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// Largest first: the order in which formatting tries them.
constexpr std::array kDurationUnits{
    Unit{"h", 3'600'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},           Unit{"ns", 1}};
constexpr std::array kRateUnits{Unit{"Gbps", 1'000'000'000}, Unit{"Mbps", 1'000'000},
                                Unit{"kbps", 1'000}, Unit{"bps", 1}};
constexpr std::array kSizeUnits{
    Unit{"GiB", 1 << 30}, Unit{"GB", 1'000'000'000}, Unit{"MiB", 1 << 20}, Unit{"MB", 1'000'000},
    Unit{"KiB", 1 << 10}, Unit{"KB", 1'000},         Unit{"B", 1}};
constexpr double kLargestInteger = 9.2e18;

// The part that is a number: -digits[.digits]
std::string_view number_part(std::string_view text) {
  std::size_t i = !text.empty() && text.front() == '-' ? 1 : 0;
  while (i < text.size() && (is_digit(text[i]) || text[i] == '.')) ++i;
  return text.substr(0, i);
}

std::string needs_unit(std::string_view text, std::string_view what, std::string_view examples) {
  return fmt::format("'{}' needs a unit: {} such as {}", text, what, examples);
}

std::string not_a(std::string_view text, std::string_view what, std::string_view examples) {
  return fmt::format("'{}' is not {}; write {}", text, what, examples);
}

// number + one of the units; the value in the smallest unit.
Expected<double> parse_with_unit(std::string_view text, std::span<const Unit> units,
                                 std::string_view what, std::string_view examples) {
  const std::string_view digits = number_part(text);
  const std::string_view rest = text.substr(digits.size());
  if (digits.empty() || digits == "-") {
    return Error{not_a(text, what, examples)};
  }
  const Expected<double> number = parse_number(digits);
  if (!number) return number;
  if (rest.empty()) return Error{needs_unit(text, what, examples)};
  for (const Unit& unit : units) {
    if (rest == unit.name) {
      return *number * static_cast<double>(unit.factor);
    }
  }
  std::string known;
  for (const Unit& unit : units) known += fmt::format("{}{}", known.empty() ? "" : ", ", unit.name);
  return Error{fmt::format("unknown unit '{}' in '{}': {} has {}", rest, text, what, known)};
}

// Exact for whole numbers, which a double would round above 2^53.
Expected<std::int64_t> parse_whole(std::string_view text, std::span<const Unit> units,
                                   std::string_view what, std::string_view examples) {
  const Expected<double> rough = parse_with_unit(text, units, what, examples);
  if (!rough) return rough.error();
  if (*rough < 0) {
    return Error{fmt::format("'{}' is negative", text)};
  }
  if (*rough > kLargestInteger) {
    return Error{fmt::format("'{}' is too large", text)};
  }
  const std::string_view digits = number_part(text);
  for (const Unit& unit : units) {
    if (text.substr(digits.size()) != unit.name) continue;
    const Expected<std::int64_t> whole = parse_integer(digits);
    if (whole) return *whole * unit.factor;
  }
  const double rounded = std::round(*rough);
  if (std::abs(*rough - rounded) > 1e-6 * std::max(1.0, rounded)) {
    return Error{fmt::format("'{}' is finer than 1 {}", text, units.back().name)};
  }
  return static_cast<std::int64_t>(rounded);
}

std::string format_whole(std::int64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return fmt::format("{}{}", value / unit.factor, unit.name);
    }
  }
  return fmt::format("{}{}", value, units.back().name);
}

constexpr std::string_view kDurationExamples = "30s, 200ms, 200us, 5min or 1h";
constexpr std::string_view kRateExamples = "10Mbps or 1Gbps";
constexpr std::string_view kSizeExamples = "200B, 1KB (1000 B), 1KiB (1024 B) or 10MB";

}  // namespace

Expected<std::int64_t> parse_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return Error{fmt::format("'{}' is not a whole number", text)};
  }
  if (digits.size() > 1 && digits.front() == '0') {
    return Error{
        fmt::format("'{}' begins with a zero, which some readers take for octal; write the plain "
                    "decimal number",
                    text)};
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return Error{fmt::format("'{}' is too large", text)};
  return value;
}

Expected<double> parse_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const std::size_t dot = digits.find('.');
  const std::string_view whole = digits.substr(0, dot);
  const std::string_view part = dot == std::string_view::npos ? "0" : digits.substr(dot + 1);
  if (whole.empty() || part.empty() ||
      whole.find_first_not_of("0123456789") != std::string_view::npos ||
      part.find_first_not_of("0123456789") != std::string_view::npos) {
    return Error{fmt::format("'{}' is not a number", text)};
  }
  if (whole.size() > 1 && whole.front() == '0') {
    return Error{
        fmt::format("'{}' begins with a zero, which some readers take for octal; write the plain "
                    "decimal number",
                    text)};
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) {
    return Error{fmt::format("'{}' is too large", text)};
  }
  return value;
}

Expected<Duration> parse_duration(std::string_view text) {
  const auto parsed = parse_whole(text, kDurationUnits, "a duration", kDurationExamples);
  if (!parsed) return parsed.error();
  return Duration(*parsed);
}

Expected<double> parse_bit_rate(std::string_view text) {
  return parse_with_unit(text, kRateUnits, "a rate", kRateExamples);
}

Expected<double> parse_per_second(std::string_view text) {
  if (!text.ends_with("/s")) {
    const Expected<double> bare = parse_number(text);
    return Error{bare ? needs_unit(text, "a number per second", "940/s")
                      : not_a(text, "a number per second", "940/s")};
  }
  return parse_number(text.substr(0, text.size() - 2));
}

Expected<std::uint64_t> parse_size(std::string_view text) {
  const auto parsed = parse_whole(text, kSizeUnits, "a size", kSizeExamples);
  if (!parsed) return parsed.error();
  return static_cast<std::uint64_t>(*parsed);
}

Expected<double> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  Expected<double> number = parse_number(percent ? text.substr(0, text.size() - 1) : text);
  if (!number) {
    return Error{not_a(text, "a share", "5% or 0.05")};
  }
  if (percent) *number /= 100;
  return number;
}

std::string format_number(double value) {
  std::array<char, 64> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc() ? std::string(text.data(), end) : fmt::format("{:f}", value);
}

// In seconds or less: 300s is easier to compare with other figures than 5min.
std::string format_duration(Duration value) {
  constexpr std::array kUnits{Unit{"s", 1'000'000'000}, Unit{"ms", 1'000'000}, Unit{"us", 1'000},
                              Unit{"ns", 1}};
  return value == Duration(0) ? "0s" : format_whole(value.count(), kUnits);
}

std::string format_bit_rate(double bits_per_second) {
  const bool whole =
      bits_per_second < kLargestInteger && bits_per_second == std::floor(bits_per_second);
  if (whole) return format_whole(static_cast<std::int64_t>(bits_per_second), kRateUnits);
  return format_number(bits_per_second) + "bps";
}

std::string format_per_second(double value) { return format_number(value) + "/s"; }

std::string format_size(std::uint64_t bytes) {
  // Decimal units only: 1024000B is rather 1024KB than 1000KiB.
  constexpr std::array kDecimal{Unit{"GB", 1'000'000'000}, Unit{"MB", 1'000'000}, Unit{"KB", 1'000},
                                Unit{"B", 1}};
  return format_whole(static_cast<std::int64_t>(bytes), kDecimal);
}

std::string format_share(double value) {
  // Percent only where it reads back as the same number.
  const std::string percent = format_number(value * 100) + "%";
  const auto back = parse_share(percent);
  return back && *back == value && percent.size() < 8 ? percent : format_number(value);
}

std::string format_for_people(double value) {
  std::string text = format_number(value);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::size_t begin = text.starts_with('-') ? 1 : 0;
  for (std::size_t i = dot; i > begin + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

}  // namespace elblab::language
