#include "gui/timeline/value_axis.hpp"

#include <QLocale>
#include <algorithm>
#include <cmath>

#include "analysis/expectations/text.hpp"

namespace elblab::gui {
namespace {

constexpr double kPixelsPerTick = 28;

double round_step(double least) {
  if (!(least > 0) || !std::isfinite(least)) return 1;
  const double decade = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (decade * factor >= least * (1 - 1e-9)) return decade * factor;
  }
  return decade * 10;
}

}  // namespace

ValueAxis::ValueAxis(double low, double high, double top, double bottom)
    : top_(top), bottom_(std::max(bottom, top + 1)) {
  if (!std::isfinite(low) || low > 0) low = 0;
  if (!std::isfinite(high) || high < 0) high = 0;
  if (high <= low) high = low + 1;
  const double most_ticks = std::clamp(std::floor((bottom_ - top_) / kPixelsPerTick), 1.0, 5.0);
  step_ = round_step((high - low) / most_ticks);
  low_ = std::floor(low / step_ + 1e-9) * step_;
  high_ = std::ceil(high / step_ - 1e-9) * step_;
}

double ValueAxis::y_of(double value) const {
  const double part = (value - low_) / (high_ - low_);
  // Far outside is as good as outside: painters dislike huge coordinates.
  return std::clamp(bottom_ - part * (bottom_ - top_), top_ - 1e4, bottom_ + 1e4);
}

std::vector<double> ValueAxis::ticks() const {
  std::vector<double> result;
  const auto count = static_cast<int>(std::lround((high_ - low_) / step_));
  for (int i = 0; i <= count; ++i) result.push_back(low_ + i * step_);
  return result;
}

QString ValueAxis::label(double tick) const {
  const double size = std::max(std::abs(low_), std::abs(high_));
  if (size < 1e6) {
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step_) - 1e-9)), 0, 9);
    return QLocale(QLocale::English).toString(tick, 'f', decimals);
  }
  return tick == 0 ? QStringLiteral("0") : value_text(tick);
}

QString value_text(double value) {
  struct Prefix {
    double size;
    const char* text;
  };
  for (const Prefix& prefix : {Prefix{1e12, " T"}, Prefix{1e9, " G"}, Prefix{1e6, " M"}}) {
    if (std::abs(value) < prefix.size) continue;
    return QString::number(value / prefix.size, 'g', 3) + QString::fromUtf8(prefix.text);
  }
  return QString::fromStdString(expectations::number_text(value));
}

}  // namespace elblab::gui
