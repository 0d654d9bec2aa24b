#include "gui/timeline/time_axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace elblab::gui {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array<std::int64_t, 11> kLongSteps{60,   120,  300,   600,   900,  1800,
                                                  3600, 7200, 14400, 43200, 86400};

Duration round_step(double least_ns) {
  for (std::int64_t decade = 1; decade < 100 * kSecond; decade *= 10) {
    for (const std::int64_t factor : {1, 2, 5}) {
      const std::int64_t step = decade * factor;
      if (step > 30 * kSecond) break;
      if (static_cast<double>(step) >= least_ns) return Duration(step);
    }
  }
  for (const std::int64_t seconds : kLongSteps) {
    if (static_cast<double>(seconds * kSecond) >= least_ns) return Duration(seconds * kSecond);
  }
  const std::int64_t day = 86400 * kSecond;
  return Duration(day * std::max<std::int64_t>(
                            1, static_cast<std::int64_t>(std::ceil(least_ns / double(day)))));
}

int decimals_of(Duration step) {
  int decimals = 0;
  for (std::int64_t unit = kSecond; decimals < 9 && step.count() % unit != 0; unit /= 10) {
    ++decimals;
  }
  return decimals;
}

}  // namespace

TimeAxis::TimeAxis(TimeRange range, double left, double right)
    : range_(range), left_(left), right_(std::max(right, left + 1)) {
  if (range_.length() < Duration(1)) range_.to = range_.from + Duration(1);
}

double TimeAxis::x_of(Instant at) const {
  const auto part = static_cast<double>((at - range_.from).count()) /
                    static_cast<double>(range_.length().count());
  return left_ + part * (right_ - left_);
}

Instant TimeAxis::at(double x) const {
  const double part = (x - left_) / (right_ - left_);
  const double ns = part * static_cast<double>(range_.length().count());
  return std::max(kStart, range_.from + Duration(std::llround(ns)));
}

Duration TimeAxis::per_pixel() const {
  return Duration(std::max<std::int64_t>(
      1, std::llround(static_cast<double>(range_.length().count()) / (right_ - left_))));
}

Duration TimeAxis::step(double spacing) const {
  return round_step(static_cast<double>(range_.length().count()) * spacing / (right_ - left_));
}

std::vector<Instant> TimeAxis::ticks(double spacing) const {
  std::vector<Instant> result;
  const Duration every = step(spacing);
  const std::int64_t first =
      (range_.from.time_since_epoch().count() + every.count() - 1) / every.count();
  for (Instant at = kStart + first * every; at <= range_.to; at += every) result.push_back(at);
  return result;
}

QString time_text(Instant at, Duration step) {
  const double seconds = to_seconds(at);
  const int decimals = decimals_of(step);
  if (seconds < 7200 || decimals > 0) {
    return QString::number(seconds, 'f', decimals) + QStringLiteral(" s");
  }
  const auto whole = static_cast<qint64>(seconds);
  return QStringLiteral("%1:%2:%3")
      .arg(whole / 3600)
      .arg(whole / 60 % 60, 2, 10, QLatin1Char('0'))
      .arg(whole % 60, 2, 10, QLatin1Char('0'));
}

TimeRange within(TimeRange range, TimeRange whole) {
  if (range.length() >= whole.length()) return whole;
  if (range.from < whole.from) return {whole.from, whole.from + range.length()};
  if (range.to > whole.to) return {whole.to - range.length(), whole.to};
  return range;
}

TimeRange scaled(TimeRange range, Instant fixed, double factor) {
  const auto part = [&](Duration length) {
    return Duration(std::llround(static_cast<double>(length.count()) * factor));
  };
  return {fixed - part(fixed - range.from), fixed + part(range.to - fixed)};
}

}  // namespace elblab::gui
