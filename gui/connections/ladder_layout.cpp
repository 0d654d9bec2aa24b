#include "gui/connections/ladder_layout.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::gui {
namespace {

constexpr double kSlope = 8;  // an arrow falls by this, whatever time it takes
constexpr double kMargin = 8;
constexpr double kLabelMargin = 14;  // between a label and the lanes
constexpr Duration kShortPause = std::chrono::milliseconds(20);

// The legs between two lanes: from the first up to the last.
struct Legs {
  std::size_t first = 0;
  std::size_t last = 0;
};
Legs legs_of(const LadderHop& hop) {
  return {std::min(hop.from, hop.to), std::max(hop.from, hop.to) - 1};
}

class Page {
 public:
  Page(const Ladder& ladder, double width, const QFontMetricsF& metrics)
      : ladder_(ladder), metrics_(metrics), line_(std::ceil(metrics.height()) + 2) {
    const std::size_t lanes = ladder.lanes.size();
    width = std::max(width, least_ladder_width(lanes));
    const double times = metrics.horizontalAdvance(QStringLiteral("+000.000 000 s")) + 2 * kMargin;
    const double first = times + kMargin;
    const double last = width - 3 * kMargin;
    const auto legs = static_cast<double>(std::max<std::size_t>(lanes, 2) - 1);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto at = static_cast<double>(lane);
      layout_.lanes.push_back((first * (legs - at) + last * at) / legs);
    }
    leg_free_.assign(lanes, kMargin);
    layout_.size = QSizeF(width, 0);
  }

  LadderLayout take() {
    std::size_t mark = 0;
    for (std::size_t hop = 0; hop < ladder_.hops.size(); ++hop) {
      while (mark < ladder_.marks.size() && ladder_.marks[mark].at <= ladder_.hops[hop].departed) {
        add_note(mark++);
      }
      add_arrow(hop);
    }
    while (mark < ladder_.marks.size()) add_note(mark++);
    layout_.size.setHeight(bottom_ + line_);
    return std::move(layout_);
  }

 private:
  // What arrived by `at`: later departures stand below it.
  void pass_arrivals(Instant at) {
    for (auto one = arrivals_.begin(); one != arrivals_.end();) {
      if (one->at > at) {
        ++one;
        continue;
      }
      now_ = std::max(now_, one->y);
      latest_ = std::max(latest_, one->at);
      one = arrivals_.erase(one);
    }
  }

  void pass_pause(Instant at) {
    const Duration pause = at - latest_;
    const bool first = layout_.arrows.empty() && layout_.notes.empty();
    // What is on one line happened at one moment.
    if (!first && at > row_at_) {
      now_ = std::max(now_, row_ + (pause > Duration::zero() ? line_ : kSlope));
    }
    row_at_ = at;
    latest_ = std::max(latest_, at);
    if (first || pause < kShortPause || pause < 4 * longest_way_) return;
    // The band keeps clear of every arrow above, also of those still under way.
    const double top = std::max(now_, bottom_) + 4;
    const double left = layout_.lanes.front();
    const QRectF band(left - kMargin, top, layout_.lanes.back() - left + 2 * kMargin, line_);
    layout_.pauses.push_back({band, span_text(pause)});
    now_ = band.bottom() + 4;
    bottom_ = now_;
    std::fill(leg_free_.begin(), leg_free_.end(), now_);
  }

  void add_arrow(std::size_t index) {
    const LadderHop& hop = ladder_.hops[index];
    pass_arrivals(hop.departed);
    pass_pause(hop.departed);
    const Legs legs = legs_of(hop);
    // The label stands above the arrow.
    double y = now_;
    for (std::size_t leg = legs.first; leg <= legs.last; ++leg) {
      y = std::max(y, leg_free_[leg] + line_);
    }
    now_ = row_ = y;
    for (std::size_t leg = legs.first; leg <= legs.last; ++leg) leg_free_[leg] = y + kSlope + 2;
    bottom_ = std::max(bottom_, y + kSlope + 2);
    const double from = layout_.lanes[hop.from];
    const double to = layout_.lanes[hop.to];
    const double part = hop.fate == Fate::lost ? lost_at(hop) : 1.0;
    layout_.arrows.push_back({index,
                              QLineF(from, y, from + (to - from) * part, y + kSlope * part),
                              label_at(from, to, y),
                              {}});
    LadderArrow& arrow = layout_.arrows.back();
    arrow.text = metrics_.elidedText(label_of(hop), Qt::ElideRight, arrow.label.width());
    add_time(y, hop.departed);
    arrivals_.push_back({hop.arrived, y + kSlope});
    longest_way_ = std::max(longest_way_, hop.arrived - hop.departed);
  }

  // What never left stops at once, what got lost on the way halfway.
  static double lost_at(const LadderHop& hop) {
    return hop.reason.starts_with("link_") || hop.reason == "not_seen_to_arrive" ? 0.55 : 0.12;
  }

  QRectF label_at(double from, double to, double y) const {
    const double left = std::min(from, to) + kLabelMargin;
    return {left, y - line_ + 1, std::abs(to - from) - 2 * kLabelMargin, line_ - 1};
  }

  static QString label_of(const LadderHop& hop) {
    QString text = QString::fromStdString(hop_text(hop));
    if (!hop.reason.empty()) {
      text = QString::fromStdString(hop.reason).replace(QLatin1Char('_'), QLatin1Char(' ')) +
             QStringLiteral(":  ") + text;
    }
    if (hop.other_endpoints)
      text += QStringLiteral("  → ") + QString::fromStdString(hop.destination);
    if (hop.retransmission) text = QStringLiteral("again:  ") + text;
    return text;
  }

  void add_note(std::size_t index) {
    const LadderMark& mark = ladder_.marks[index];
    pass_arrivals(mark.at);
    pass_pause(mark.at);
    // Notes of the last lane stand on its left, in the space of the last leg.
    const std::size_t lane = mark.lane;
    const bool last = lane + 1 == layout_.lanes.size();
    const std::size_t leg = last ? lane - 1 : lane;
    const double y = std::max(now_, leg_free_[leg] + line_ / 2);
    now_ = row_ = y;
    leg_free_[leg] = y + line_ / 2 + 2;
    bottom_ = std::max(bottom_, leg_free_[leg]);
    const double x = layout_.lanes[lane];
    const double width = layout_.lanes[1] - layout_.lanes[0] - 2 * kLabelMargin;
    const double left = last ? x - kLabelMargin - width : x + kLabelMargin;
    const QRectF label(left, y - line_ / 2, width, line_);
    const QString text = QString::fromStdString(mark.text) + QStringLiteral("  ") +
                         since_text(mark.at - ladder_.begin);
    layout_.notes.push_back(
        {index, QPointF(x, y), label, metrics_.elidedText(text, Qt::ElideRight, width)});
    add_time(y, mark.at);
  }

  // Beside every line that has room for it.
  void add_time(double y, Instant at) {
    const QRectF label(kMargin, y - line_ / 2, layout_.lanes[0] - 3 * kMargin, line_);
    if (!layout_.times.empty() && layout_.times.back().label.bottom() > label.top()) return;
    layout_.times.push_back({label, since_text(at - ladder_.begin)});
  }

  struct Arrival {
    Instant at;
    double y = 0;
  };

  const Ladder& ladder_;
  const QFontMetricsF& metrics_;
  const double line_;  // height
  LadderLayout layout_;
  double now_ = kMargin;     // nothing later stands higher
  double bottom_ = kMargin;  // of all there is
  double row_ = kMargin;     // of the latest departure or mark, at row_at_
  Instant row_at_ = kStart;
  std::vector<double> leg_free_;   // from where each has room
  std::vector<Arrival> arrivals_;  // of what is under way
  Instant latest_ = kStart;        // moment that stands on the page
  Duration longest_way_{};
};

}  // namespace

double least_ladder_width(std::size_t lanes) {
  constexpr double kThreeLanes = 420;
  constexpr double kLane = 150;
  return kThreeLanes + kLane * static_cast<double>(std::max<std::size_t>(lanes, 3) - 3);
}

LadderLayout lay_out(const Ladder& ladder, double width, const QFontMetricsF& metrics) {
  return Page(ladder, width, metrics).take();
}

QString since_text(Duration since) {
  const double seconds = std::chrono::duration<double>(since).count();
  if (std::abs(seconds) < 1) {
    return QStringLiteral("+%1 ms").arg(seconds * 1e3, 0, 'f', 3);
  }
  return QStringLiteral("+%1 s").arg(seconds, 0, 'f', seconds < 100 ? 6 : 3);
}

QString span_text(Duration span) {
  const double seconds = std::chrono::duration<double>(span).count();
  if (seconds >= 1) return QStringLiteral("%1 s").arg(seconds, 0, 'g', 4);
  if (seconds >= 1e-3) return QStringLiteral("%1 ms").arg(seconds * 1e3, 0, 'g', 3);
  return QStringLiteral("%1 µs").arg(seconds * 1e6, 0, 'g', 3);
}

}  // namespace elblab::gui
