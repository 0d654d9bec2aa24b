#include "gui/timeline/layout.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::gui {
namespace {

constexpr double kGap = 8;
constexpr double kLeastPlot = 56;
constexpr double kRight = 14;
constexpr double kMark = 14;  // the colour in front of a name
constexpr int kMostLegendLines = 3;
constexpr double kNearLimit = 0.4;
constexpr double kFlatWeight = 0.35;

double line_height(const QFontMetrics& font) { return font.height() + 3; }

// Room for the value under the crosshair.
double value_width(const QFontMetrics& font) {
  return font.horizontalAdvance(QStringLiteral(" 888,888 "));
}

QString name_of(const Panel& panel, const Curve& curve) {
  QString name = QString::fromStdString(curve.key.measure);
  if (curve.unit != panel.unit && !curve.limit) name += QStringLiteral(" [%1]").arg(curve.unit);
  return curve.limit ? QStringLiteral("limit ") + name : name;
}

bool compared_too(const Panel& panel, std::size_t curve) {
  return curve + 1 < panel.curves.size() && panel.curves[curve + 1].compared &&
         panel.curves[curve + 1].key.measure == panel.curves[curve].key.measure;
}

// The unit first, then the curves as words flow; the compared trace's share the entry of their
// counterpart.
void lay_legend(const Panel& panel, PanelLayout& layout, const QFontMetrics& font) {
  const double unit = font.horizontalAdvance(panel.unit) + 2 * kGap;
  double x = layout.legend.left() + unit;
  double y = layout.legend.top();
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    if (panel.curves[i].compared && i > 0 &&
        panel.curves[i - 1].key.measure == panel.curves[i].key.measure) {
      continue;
    }
    if (panel.curves[i].compared && panel.curves[i].limit) continue;
    const QString name = name_of(panel, panel.curves[i]);
    const double values = compared_too(panel, i) ? 2 : 1;
    const double width = kMark + font.horizontalAdvance(name) + values * value_width(font) + kGap;
    if (x + width > layout.legend.right() && x > layout.legend.left() + unit) {
      x = layout.legend.left() + unit;
      y += line_height(font);
    }
    if (y + line_height(font) > layout.legend.bottom() + 1) {
      ++layout.left_out;
      continue;
    }
    layout.entries.push_back({i, QRectF(x, y, width - kGap, line_height(font)), name});
    x += width;
  }
}

int legend_lines(const Panel& panel, double width, const QFontMetrics& font) {
  PanelLayout trial;
  trial.legend = QRectF(0, 0, width, kMostLegendLines * line_height(font));
  lay_legend(panel, trial, font);
  double bottom = line_height(font);
  for (const LegendEntry& entry : trial.entries) bottom = std::max(bottom, entry.place.bottom());
  return std::max(1, static_cast<int>(std::lround(bottom / line_height(font))));
}

double left_of_plots(const QFontMetrics& font) {
  return font.horizontalAdvance(QStringLiteral("888,888")) + 2 * kGap;
}

double lane_height(const Scene& scene, const QFontMetrics& font) {
  return scene.markers.empty() ? 0 : font.height() + 4;
}

double styles_height(const Scene& scene, const QFontMetrics& font) {
  return scene.compared_label.isEmpty() ? 0 : font.height() + 4;
}

// A panel in which nothing happens gets little of the height.
double weight_of(const Panel& panel, const TimeRange& range) {
  for (const Curve& curve : panel.curves) {
    const auto extent = curve.limit ? std::nullopt : extent_of(curve, range);
    if (extent && (extent->low != 0 || extent->high != 0)) return 1;
  }
  return kFlatWeight;
}

double axis_height(const QFontMetrics& font) { return font.height() + 10; }

}  // namespace

Layout layout_of(const Scene& scene, QSizeF size, const QFontMetrics& font) {
  Layout layout;
  layout.whole = QRectF(QPointF(0, 0), size);
  layout.left = left_of_plots(font);
  layout.right = std::max(layout.left + 10, size.width() - kRight);
  const double width = layout.right - layout.left;
  double y = 4;
  layout.styles = QRectF(layout.left, y, width, styles_height(scene, font));
  y = layout.styles.bottom();
  layout.markers = QRectF(layout.left, y, width, lane_height(scene, font));
  y = layout.markers.bottom();
  layout.axis = QRectF(layout.left, size.height() - axis_height(font), width, axis_height(font));

  std::vector<int> lines;
  std::vector<double> weights;
  double fixed = 0;
  double weight = 0;
  for (const Panel& panel : scene.panels) {
    weights.push_back(weight_of(panel, scene.range));
    weight += weights.back();
    lines.push_back(legend_lines(panel, width, font));
    fixed += lines.back() * line_height(font) + kGap;
  }
  const double left_over = layout.axis.top() - y - fixed;
  const double per_weight = scene.panels.empty() ? 0 : left_over / weight;
  for (std::size_t i = 0; i < scene.panels.size(); ++i) {
    PanelLayout panel;
    const double plot = per_weight * weights[i];
    panel.legend = QRectF(layout.left, y, width, lines[i] * line_height(font));
    panel.plot = QRectF(layout.left, panel.legend.bottom() + 2, width, std::max(plot - 2, 10.0));
    lay_legend(scene.panels[i], panel, font);
    y = panel.plot.bottom() + kGap;
    layout.panels.push_back(std::move(panel));
  }
  return layout;
}

double least_height(const Scene& scene, const QFontMetrics& font) {
  const auto panels = static_cast<double>(scene.panels.size());
  return styles_height(scene, font) + lane_height(scene, font) + axis_height(font) + 4 +
         panels * (kLeastPlot + kGap + line_height(font));
}

ValueAxis value_axis_of(const Panel& panel, const TimeRange& range, const QRectF& plot) {
  Extent shown{0, 0};
  for (const Curve& curve : panel.curves) {
    const auto extent = curve.limit ? std::nullopt : extent_of(curve, range);
    if (!extent) continue;
    shown.low = std::min(shown.low, extent->low);
    shown.high = std::max(shown.high, extent->high);
  }
  double high = shown.high;
  for (const Curve& curve : panel.curves) {
    const auto extent = curve.limit ? extent_of(curve, range) : std::nullopt;
    if (extent && shown.high >= kNearLimit * extent->high) high = std::max(high, extent->high);
  }
  if (panel.unit == QStringLiteral("%") && shown.high >= kNearLimit * 100) {
    high = std::max(high, 100.0);
  }
  return {shown.low, high, plot.top(), plot.bottom()};
}

}  // namespace elblab::gui
