#include "analysis/reports/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace elblab::reports {
namespace {

// The smallest of 1, 2, 5 times a power of ten that is at least `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    // A hair's breadth below counts as reached: 0.1 * 3 is a little more than 0.3.
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

double round_time_step(double least) {
  constexpr std::array kSteps{1.0,   2.0,   5.0,   10.0,   15.0,   30.0,   60.0,    120.0,
                              300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0};
  if (least < 1) return round_step(least);
  for (const double step : kSteps) {
    if (step >= least) return step;
  }
  return 86'400 * round_step(least / 86'400);
}

// 1.50 -> "1.5", 2.00 -> "2"
std::string trimmed(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

int decimals_of(double step) {
  return step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
}

// A scale that serves the largest of them serves all: "0.5k" beside "10k".
struct Scale {
  double factor = 1;
  std::string suffix;
};

Scale scale_of(double high) {
  if (high >= 2e9) return {1e9, "G"};
  if (high >= 2e6) return {1e6, "M"};
  if (high >= 1e4) return {1e3, "k"};
  return {};
}

std::string value_label(double value, double step, const Scale& scale) {
  if (value == 0) return "0";
  const int decimals = std::min(decimals_of(step / scale.factor), 9);
  return trimmed(fmt::format("{:.{}f}", value / scale.factor, decimals)) + scale.suffix;
}

std::string time_label(double seconds, double step) {
  if (seconds == 0) return "0";
  if (step < 1) return trimmed(fmt::format("{:.{}f}", seconds, decimals_of(step))) + " s";
  if (step < 60) return trimmed(fmt::format("{:.0f}", seconds)) + " s";
  if (step < 3600) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.0f} h", seconds / 3600);
}

bool is_usable(double low, double high) {
  return std::isfinite(low) && std::isfinite(high) && high > low && high - low > 1e-300;
}

}  // namespace

Axis Axis::of_values(double low, double high, std::size_t ticks) {
  Axis axis;
  low = std::isfinite(low) ? std::min(low, 0.0) : 0;
  if (!is_usable(low, high)) high = low + 1;
  const double step =
      round_step((high - low) / static_cast<double>(std::max<std::size_t>(ticks, 1)));
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  axis.low_ = first * step;
  axis.high_ = last * step;
  const Scale scale = scale_of(std::max(std::fabs(axis.low_), std::fabs(axis.high_)));
  const auto steps = static_cast<std::size_t>(last - first);
  for (std::size_t i = 0; i <= steps; ++i) {
    const double value = (first + static_cast<double>(i)) * step;
    axis.ticks_.push_back({value, value_label(value, step, scale)});
  }
  return axis;
}

Axis Axis::of_time(double from, double to, std::size_t ticks) {
  Axis axis;
  if (!is_usable(from, to)) {
    from = 0;
    to = 1;
  }
  axis.low_ = from;
  axis.high_ = to;
  const double step =
      round_time_step((to - from) / static_cast<double>(std::max<std::size_t>(ticks, 1)));
  const double first = std::ceil(from / step - 1e-9);
  const double last = std::floor(to / step + 1e-9);
  const auto steps = static_cast<std::size_t>(std::max(last - first + 1, 0.0));
  for (std::size_t i = 0; i < steps; ++i) {
    const double time = (first + static_cast<double>(i)) * step;
    axis.ticks_.push_back({time, time_label(time, step)});
  }
  return axis;
}

}  // namespace elblab::reports
