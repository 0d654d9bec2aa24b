#include "cli/sweeps/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace elblab::cli {
namespace {

constexpr std::int64_t kMostChosen = 9;  // steps of a range that names none
constexpr std::int64_t kFewestEven = 4;  // below, they need not divide the range evenly
constexpr std::int64_t kChosenOtherwise = 7;
constexpr std::size_t kMostDigits = 15;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "2.5s": 25 of 10^-1 s. Whole numbers, so that 0.1 + 0.2 is 0.3.
struct Amount {
  std::int64_t number = 0;
  std::size_t decimals = 0;
  std::string unit;

  void use_decimals(std::size_t more) {
    for (; decimals < more; ++decimals) number *= 10;
  }
};

std::string text_of(const Amount& amount) {
  const bool negative = amount.number < 0;
  std::string digits = fmt::format("{:0{}}", negative ? -amount.number : amount.number,
                                   static_cast<int>(amount.decimals + 1));
  if (amount.decimals > 0) {
    digits.insert(digits.size() - amount.decimals, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return (negative ? "-" : "") + digits + amount.unit;
}

// Letters or %, or the /s of a rate.
std::size_t unit_length(std::string_view text) {
  if (text.starts_with("/s") && (text.size() == 2 || text[2] == '/')) return 2;
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    return c != '%' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z');
  });
  return static_cast<std::size_t>(end - text.begin());
}

// Takes a number with its unit off the front of `text`.
std::optional<Amount> take_amount(std::string_view& text) {
  Amount amount;
  const bool negative = text.starts_with('-');
  std::size_t at = negative ? 1 : 0;
  std::size_t digits = 0;
  bool after_point = false;
  for (; at < text.size(); ++at) {
    const bool point = text[at] == '.' && !after_point && digits > 0;
    if (!is_digit(text[at]) && !point) break;
    after_point = after_point || point;
    if (point) continue;
    amount.number = 10 * amount.number + (text[at] - '0');
    if (after_point) ++amount.decimals;
    if (++digits > kMostDigits) return std::nullopt;
  }
  if (digits == 0 || text[at - 1] == '.') return std::nullopt;
  if (negative) amount.number = -amount.number;
  text.remove_prefix(at);
  amount.unit = text.substr(0, unit_length(text));
  text.remove_prefix(amount.unit.size());
  return amount;
}

struct Range {
  Amount from;
  Amount to;
  std::optional<Amount> step;
};

std::string no_amount(std::string_view text) {
  return fmt::format("'{}' is no number with its unit, as in 1s..50s, 1s..50s/7s or 1..10", text);
}

// The ends of "A..B"; a list may hold two points too, in a text or an address.
bool looks_like_range(std::string_view spec) {
  const std::size_t dots = spec.find("..");
  if (dots == std::string_view::npos || dots + 2 == spec.size()) return false;
  const auto begins_a_number = [](std::string_view text) {
    return !text.empty() && (is_digit(text.front()) || text.front() == '-');
  };
  return begins_a_number(spec) && begins_a_number(spec.substr(dots + 2)) &&
         spec.find(',') == std::string_view::npos;
}

Expected<Range> read_range(std::string_view spec) {
  const std::size_t dots = spec.find("..");
  std::string_view first = spec.substr(0, dots);
  std::string_view rest = spec.substr(dots + 2);
  Range range;
  const auto from = take_amount(first);
  if (!from || !first.empty()) return Error{no_amount(spec.substr(0, dots))};
  const auto to = take_amount(rest);
  if (!to || (!rest.empty() && rest.front() != '/')) return Error{no_amount(spec.substr(dots + 2))};
  range.from = *from;
  range.to = *to;
  if (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view written = rest;
    range.step = take_amount(rest);
    if (!range.step || !rest.empty()) return Error{no_amount(written)};
  }
  return range;
}

// One unit, one number of decimals, and something between the ends.
Expected<void> prepare(Range& range) {
  std::vector<Amount*> all{&range.from, &range.to};
  if (range.step) all.push_back(&*range.step);
  std::size_t decimals = 0;
  for (const Amount* amount : all) {
    decimals = std::max(decimals, amount->decimals);
    if (amount->unit != range.to.unit) {
      return Error{fmt::format("'{}' and '{}' have two units; write both with one, as in 0.5s..2s",
                               text_of(*amount), text_of(range.to))};
    }
  }
  for (Amount* amount : all) {
    if (std::to_string(amount->number).size() + decimals > kMostDigits + 2) {
      return Error{fmt::format("'{}' has too many digits", text_of(*amount))};
    }
    amount->use_decimals(decimals);
  }
  if (range.step && range.step->number <= 0) return Error{"the step must be above 0"};
  if (range.from.number > range.to.number) {
    return Error{
        fmt::format("the range is empty: {} is above {}", text_of(range.from), text_of(range.to))};
  }
  return {};
}

// Into how many steps a range is cut that names none.
std::int64_t chosen_steps(std::int64_t span) {
  if (span <= kMostChosen) return span;
  for (std::int64_t steps = kMostChosen; steps >= kFewestEven; --steps) {
    if (span % steps == 0) return steps;
  }
  return kChosenOtherwise;
}

Expected<std::vector<std::string>> values_of(const Range& range) {
  const std::int64_t span = range.to.number - range.from.number;
  const std::int64_t steps = range.step ? span / range.step->number : chosen_steps(span);
  if (steps >= static_cast<std::int64_t>(kMostCells)) {
    return Error{fmt::format("{} values; a grid has at most {} cells, so take a longer step",
                             steps + 1, kMostCells)};
  }
  std::vector<std::string> values;
  for (std::int64_t i = 0; i <= steps; ++i) {
    Amount value = range.from;
    // Without a step the ones in between are rounded; there are few, nothing overflows for them.
    value.number +=
        range.step
            ? i * range.step->number
            : (steps == 0 ? 0 : span / steps * i + (span % steps * i * 2 + steps) / (2 * steps));
    values.push_back(text_of(value));
  }
  return values;
}

// At the commas that stand outside of brackets and quotes.
std::vector<std::string> split_list(std::string_view spec) {
  std::vector<std::string> values(1);
  int depth = 0;
  char quote = 0;
  for (const char c : spec) {
    if (quote == 0 && depth == 0 && c == ',') {
      values.emplace_back();
      continue;
    }
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    }
    values.back() += c;
  }
  for (std::string& value : values) {
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(' ') + 1);
  }
  return values;
}

Expected<std::vector<std::string>> read_values(std::string_view spec) {
  if (looks_like_range(spec)) {
    auto range = read_range(spec);
    if (!range) return range.error();
    if (const auto prepared = prepare(*range); !prepared) return prepared.error();
    return values_of(*range);
  }
  std::vector<std::string> values = split_list(spec);
  if (values.size() > kMostCells) {
    return Error{fmt::format("{} values; a grid has at most {} cells", values.size(), kMostCells)};
  }
  for (auto value = values.begin(); value != values.end(); ++value) {
    if (value->empty()) return Error{"a value is missing: write V,V,… or A..B"};
    if (std::find(values.begin(), value, *value) != value) {
      return Error{fmt::format("'{}' stands there twice", *value)};
    }
  }
  return values;
}

}  // namespace

Expected<Axis> read_axis(std::string_view text) {
  const auto fail = [&](std::string_view why) {
    return Error{fmt::format("--over {}: {}", text, why)};
  };
  const std::size_t equals = text.find('=');
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (control) return Error{"--over: control characters have no place in a setting"};
  if (equals == std::string_view::npos || equals == 0) {
    return fail(
        "expected path=values, for example balancer.groups.app.health_check.interval=1s..50s");
  }
  auto values = read_values(text.substr(equals + 1));
  if (!values) return fail(values.error().message);
  return Axis{std::string(text.substr(0, equals)), std::move(*values)};
}

}  // namespace elblab::cli
