#include "analysis/reports/svg_lanes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/reports/axis.hpp"
#include "analysis/reports/svg_chart.hpp"

namespace elblab::reports {
namespace {

constexpr double kLanesWidth = 960;
constexpr double kLanesFont = 11;
constexpr double kLane = 18;
constexpr double kPart = 13;
constexpr double kLanesBelow = 24;
constexpr double kFigure = 70;  // room beside the lanes
constexpr double kLanesLabelRoom = 90;

std::string_view lane_colour(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "#009e73";
    case Tone::bad:
      return "#d55e00";
    case Tone::warning:
      return "#e69f00";
    case Tone::plain:
    case Tone::dim:
      break;
  }
  return "#9a9a9a";
}

// Of the lane's height.
double lane_height(Tone tone) { return tone == Tone::good ? 0.8 : tone == Tone::bad ? 0.35 : 0.2; }

class LanesDrawing {
 public:
  explicit LanesDrawing(const Lanes& lanes)
      : lanes_(lanes),
        time_(Axis::of_time(0, lanes.end_s,
                            static_cast<std::size_t>(kLanesWidth / kLanesLabelRoom))) {
    std::size_t widest = 0;
    for (const Lane& lane : lanes.lanes) {
      widest = std::max(widest, lane.label.size() + (lane.is_part ? 2 : 0));
      height_ += lane.is_part ? kPart : kLane;
    }
    left_ = 0.62 * kLanesFont * static_cast<double>(widest) + 14;
  }

  std::string text() {
    svg_ = fmt::format(
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" "
        "font-family=\"system-ui, sans-serif\" font-size=\"{}\" role=\"img\" aria-label=\"{}\">\n",
        kLanesWidth, height_ + kLanesBelow, kLanesFont, markup_escaped(lanes_.title));
    double top = 0;
    for (const Lane& lane : lanes_.lanes) {
      const double height = lane.is_part ? kPart : kLane;
      draw(lane, top, height);
      top += height;
    }
    for (const Tick& tick : time_.ticks()) {
      text_at(x(tick.at), top + 14, "middle", tick.label);
    }
    return svg_ + "</svg>\n";
  }

 private:
  double x(double seconds) const {
    return left_ + time_.share_of(seconds) * (kLanesWidth - left_ - kFigure);
  }

  void text_at(double at, double y, std::string_view anchor, std::string_view text) {
    svg_ += fmt::format(
        "<text class=\"t\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"#555\">{}</text>\n",
        at, y, anchor, markup_escaped(text));
  }

  void draw(const Lane& lane, double top, double height) {
    text_at(left_ - 8, top + height - 4, "end", lane.label);
    for (const LaneSpan& span : lane.spans) {
      const double from = x(std::clamp(span.from_s, 0.0, lanes_.end_s));
      const double to = x(std::clamp(span.to_s, 0.0, lanes_.end_s));
      const double high = lane_height(span.tone) * (height - 3);
      svg_ += fmt::format(
          "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\">"
          "<title>{} {:.1f} – {:.1f} s</title></rect>\n",
          from, top + height - 2 - high, std::max(to - from, 0.5), high, lane_colour(span.tone),
          markup_escaped(span.state), span.from_s, span.to_s);
    }
    text_at(kLanesWidth - kFigure + 6, top + height - 4, "start", lane.figure);
  }

  const Lanes& lanes_;
  Axis time_;
  double left_ = 0;
  double height_ = 0;
  std::string svg_;
};

}  // namespace

std::string svg_of(const Lanes& lanes) { return LanesDrawing(lanes).text(); }

}  // namespace elblab::reports
