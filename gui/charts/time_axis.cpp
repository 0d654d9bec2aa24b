#include "gui/charts/time_axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace elblab::gui {
namespace {

QString time_text(double ns) {
  constexpr std::array<const char*, 4> kUnits{"ns", "µs", "ms", "s"};
  std::size_t unit = 0;
  while (ns >= 999.5 && unit + 1 < kUnits.size()) {
    ns /= 1000;
    ++unit;
  }
  return QStringLiteral("%1 %2").arg(ns, 0, 'g', 3).arg(QString::fromUtf8(kUnits[unit]));
}

std::vector<AxisLabel> labels_at(double low_ns, double high_ns,
                                 std::initializer_list<double> multiples, int decades) {
  std::vector<AxisLabel> labels;
  const int first = static_cast<int>(std::floor(std::log10(low_ns)));
  const int last = static_cast<int>(std::ceil(std::log10(high_ns)));
  for (int decade = first; decade <= last; ++decade) {
    if (((decade - first) % decades) != 0) continue;
    for (const double multiple : multiples) {
      const double ns = multiple * std::pow(10.0, decade);
      // Powers of ten are not exact: an edge must not lose its label to rounding.
      if (ns < low_ns * (1 - 1e-9) || ns > high_ns * (1 + 1e-9)) continue;
      labels.push_back({std::log10(ns), time_text(ns)});
    }
  }
  return labels;
}

}  // namespace

std::vector<AxisLabel> time_axis_labels(double low_ns, double high_ns, std::size_t most) {
  low_ns = std::max(low_ns, 1.0);
  high_ns = std::max(high_ns, low_ns);
  std::vector<AxisLabel> labels = labels_at(low_ns, high_ns, {1.0, 2.0, 5.0}, 1);
  for (int decades = 1; labels.size() > most && decades < 32; ++decades) {
    labels = labels_at(low_ns, high_ns, {1.0}, decades);
  }
  return labels;
}

}  // namespace elblab::gui
