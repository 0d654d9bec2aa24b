#include "analysis/reports/svg_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/export/safe_text.hpp"
#include "analysis/reports/axis.hpp"

namespace elblab::reports {
namespace {

constexpr double kWidth = 480;
constexpr double kPlotHeight = 150;
constexpr double kFont = 11;
constexpr double kLegendRow = 18;
constexpr double kBelow = 24;
constexpr double kRight = 14;
constexpr std::size_t kValueTicks = 4;
constexpr double kTimeLabelRoom = 70;  // of a label and its distance from the next

// Okabe and Ito's colours, the yellow left out: too pale on white.
constexpr std::array<std::string_view, 7> kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                   "#56b4e9", "#e69f00", "#7a7a7a"};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

double width_of(std::string_view text) {
  return 0.62 * kFont * static_cast<double>(characters(text));
}

std::string text_element(double x, double y, std::string_view anchor, std::string_view text,
                         std::string_view css = "t") {
  return fmt::format(
      "<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"#555\">{}</text>\n",
      css, x, y, anchor, markup_escaped(text));
}

class ChartDrawing {
 public:
  explicit ChartDrawing(const Chart& chart)
      : chart_(chart),
        values_(value_axis(chart)),
        time_(Axis::of_time(0, chart.end_s, static_cast<std::size_t>(kWidth / kTimeLabelRoom))) {
    place_legend();
    double widest = 0;
    for (const Tick& tick : values_.ticks()) widest = std::max(widest, width_of(tick.label));
    left_ = widest + 12;
    top_ = kLegendRow * static_cast<double>(legend_rows_) + 10;
  }

  std::string text() {
    const double height = top_ + kPlotHeight + kBelow;
    svg_ = fmt::format(
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" "
        "font-family=\"system-ui, sans-serif\" font-size=\"{}\" role=\"img\" aria-label=\"{}\">\n",
        kWidth, height, kFont, markup_escaped(chart_.title));
    draw_bands();
    draw_axes();
    for (const Curve& curve : chart_.curves) draw_curve(curve);
    draw_legend();
    return svg_ + "</svg>\n";
  }

 private:
  static Axis value_axis(const Chart& chart) {
    double low = 0;
    double high = 0;
    for (const Curve& curve : chart.curves) {
      for (const CurvePoint& point : curve.points) {
        low = std::min({low, point.low, point.value});
        high = std::max({high, point.high, point.value});
      }
    }
    for (const Band& band : chart.bands) {
      if (band.high) high = std::max(high, *band.high);
    }
    return Axis::of_values(low, high, kValueTicks);
  }

  double x(double seconds) const {
    return left_ + time_.share_of(seconds) * (kWidth - left_ - kRight);
  }
  double y(double value) const { return top_ + (1 - values_.share_of(value)) * kPlotHeight; }

  void draw_bands() {
    for (const Band& band : chart_.bands) {
      const double from = x(std::clamp(band.from_s, time_.low(), time_.high()));
      const double to = x(std::clamp(band.to_s, time_.low(), time_.high()));
      const double upper = y(std::min(band.high.value_or(values_.high()), values_.high()));
      const double lower = y(std::max(band.low.value_or(values_.low()), values_.low()));
      // What allows one value only is a line that can be seen.
      svg_ += fmt::format(
          "<rect class=\"band\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
          "fill=\"#009e73\" fill-opacity=\"0.18\"/>\n",
          from, upper, std::max(to - from, 0.0), std::max(lower - upper, 2.0));
    }
  }

  void draw_axes() {
    for (const Tick& tick : values_.ticks()) {
      const double at = y(tick.at);
      svg_ += fmt::format(
          "<line class=\"grid\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
          "stroke=\"#ddd\"/>\n",
          left_, at, kWidth - kRight, at);
      svg_ += text_element(left_ - 6, at + 4, "end", tick.label);
    }
    const double bottom = top_ + kPlotHeight;
    for (const Tick& tick : time_.ticks()) {
      const double at = x(tick.at);
      svg_ += fmt::format(
          "<line class=\"axis\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
          "stroke=\"#999\"/>\n",
          at, bottom, at, bottom + 4);
      // A label at the very end would stick out of the picture.
      const bool is_last = at + width_of(tick.label) / 2 > kWidth;
      svg_ +=
          text_element(is_last ? kWidth : at, bottom + 17, is_last ? "end" : "middle", tick.label);
    }
    svg_ += fmt::format(
        "<line class=\"axis\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
        "stroke=\"#999\"/>\n",
        left_, bottom, kWidth - kRight, bottom);
  }

  void draw_curve(const Curve& curve) {
    if (curve.points.empty()) return;
    draw_range(curve, curve_colour(curve.colour));
    const double longest = longest_step(curve);
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= curve.points.size(); ++i) {
      const bool breaks =
          i == curve.points.size() || curve.points[i].at_s - curve.points[i - 1].at_s > longest;
      if (breaks) draw_line(curve, begin, i);
      if (breaks) begin = i;
    }
  }

  // Where nothing was measured for a while there is no line: it would say that something was.
  static double longest_step(const Curve& curve) {
    std::vector<double> steps;
    for (std::size_t i = 1; i < curve.points.size(); ++i) {
      steps.push_back(curve.points[i].at_s - curve.points[i - 1].at_s);
    }
    if (steps.empty()) return 0;
    const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return 3 * *middle;
  }

  // The points begin … end - 1.
  void draw_line(const Curve& curve, std::size_t begin, std::size_t end) {
    const auto colour = curve_colour(curve.colour);
    svg_ += fmt::format(
        "<polyline class=\"curve c{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" "
        "stroke-linejoin=\"round\"{} points=\"",
        curve.colour % kColours.size(), colour, curve.is_bound ? 1.2 : 1.6,
        curve.is_bound ? " stroke-dasharray=\"5 4\"" : "");
    for (std::size_t i = begin; i < end; ++i) {
      const CurvePoint& point = curve.points[i];
      svg_ += fmt::format("{:.1f},{:.1f} ", x(point.at_s), y(point.value));
    }
    svg_ += "\"/>\n";
  }

  // What a point of a coarse curve hides.
  void draw_range(const Curve& curve, std::string_view colour) {
    const bool has_range = std::any_of(curve.points.begin(), curve.points.end(),
                                       [](const CurvePoint& p) { return p.low != p.high; });
    if (!has_range) return;
    svg_ += fmt::format("<polygon class=\"f{}\" fill=\"{}\" fill-opacity=\"0.2\" points=\"",
                        curve.colour % kColours.size(), colour);
    for (const CurvePoint& p : curve.points)
      svg_ += fmt::format("{:.1f},{:.1f} ", x(p.at_s), y(p.high));
    for (auto p = curve.points.rbegin(); p != curve.points.rend(); ++p) {
      svg_ += fmt::format("{:.1f},{:.1f} ", x(p->at_s), y(p->low));
    }
    svg_ += "\"/>\n";
  }

  struct LegendEntry {
    double x = 0;
    std::size_t row = 0;
  };

  // Curves and, where there is one, the band; rows break where the next entry has no room.
  void place_legend() {
    double at = 0;
    const auto place = [&](std::string_view label) {
      const double width = 24 + width_of(label) + 14;
      if (at > 0 && at + width > kWidth) {
        at = 0;
        ++legend_rows_;
      }
      legend_.push_back({at, legend_rows_ - 1});
      at += width;
    };
    for (const Curve& curve : chart_.curves) place(curve.label);
    if (!chart_.bands.empty()) place(chart_.bands.front().label);
  }

  void draw_legend() {
    for (std::size_t i = 0; i < legend_.size(); ++i) {
      const double left = legend_[i].x;
      const double middle = kLegendRow * static_cast<double>(legend_[i].row) + 9;
      if (i < chart_.curves.size()) {
        const Curve& curve = chart_.curves[i];
        svg_ += fmt::format(
            "<line class=\"curve c{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
            "stroke=\"{}\" stroke-width=\"2\"{}/>\n",
            curve.colour % kColours.size(), left, middle, left + 18, middle,
            curve_colour(curve.colour), curve.is_bound ? " stroke-dasharray=\"5 4\"" : "");
        svg_ += text_element(left + 24, middle + 4, "start", curve.label);
      } else {
        svg_ += fmt::format(
            "<rect class=\"band\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"18\" height=\"10\" "
            "fill=\"#009e73\" fill-opacity=\"0.18\"/>\n",
            left, middle - 5);
        svg_ += text_element(left + 24, middle + 4, "start", chart_.bands.front().label);
      }
    }
  }

  const Chart& chart_;
  Axis values_;
  Axis time_;
  std::vector<LegendEntry> legend_;
  std::size_t legend_rows_ = 1;
  double left_ = 0;
  double top_ = 0;
  std::string svg_;
};

}  // namespace

std::string markup_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : exports::safe_text(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string_view curve_colour(std::size_t index) { return kColours[index % kColours.size()]; }

std::string svg_of(const Chart& chart) { return ChartDrawing(chart).text(); }

}  // namespace elblab::reports
