#include "gui/timeline/curve_shape.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::gui {
namespace {

constexpr double kDifference = 0.05;
constexpr double kDifferenceStep = 2;  // pixels
constexpr double kLooks = 64;          // places at which two curves are held against each other
constexpr double kAlike = 0.9;

class StretchMaker {
 public:
  StretchMaker(const Curve& curve, const TimeAxis& time, const ValueAxis& values)
      : curve_(curve), time_(time), values_(values) {}

  void add(const trace::Bucket& bucket) {
    if (before_ && bucket.from - before_->to > curve_.sample_interval * 5 / 2) end();
    const double x = time_.x_of(bucket.from + (bucket.to - bucket.from) / 2);
    line_ << QPointF(x, y_of(bucket.mean()));
    upper_ << QPointF(x, y_of(bucket.max));
    lower_ << QPointF(x, y_of(bucket.min));
    several_ |= bucket.count > 1;
    before_ = bucket;
  }

  std::vector<CurveStretch> take() {
    end();
    return std::move(stretches_);
  }

 private:
  double y_of(double value) const { return values_.y_of(value * curve_.scale); }

  void end() {
    if (line_.isEmpty()) return;
    CurveStretch stretch;
    stretch.line = std::move(line_);
    if (several_ && !curve_.limit) {
      stretch.band = std::move(upper_);
      for (auto it = lower_.crbegin(); it != lower_.crend(); ++it) stretch.band << *it;
    }
    stretches_.push_back(std::move(stretch));
    line_.clear();
    upper_.clear();
    lower_.clear();
    several_ = false;
  }

  const Curve& curve_;
  const TimeAxis& time_;
  const ValueAxis& values_;
  QPolygonF line_;
  QPolygonF upper_;
  QPolygonF lower_;
  bool several_ = false;
  std::optional<trace::Bucket> before_;
  std::vector<CurveStretch> stretches_;
};

}  // namespace

std::vector<CurveStretch> stretches_of(const Curve& curve, const TimeAxis& time,
                                       const ValueAxis& values) {
  if (curve.data == nullptr) return {};
  const auto& buckets = curve.data->buckets;
  auto from = std::partition_point(buckets.begin(), buckets.end(), [&](const trace::Bucket& b) {
    return b.to <= time.range().from;
  });
  auto to = std::partition_point(from, buckets.end(),
                                 [&](const trace::Bucket& b) { return b.from < time.range().to; });
  // One more on each side: the line enters and leaves the picture.
  if (from != buckets.begin()) --from;
  if (to != buckets.end()) ++to;
  StretchMaker maker(curve, time, values);
  std::for_each(from, to, [&](const trace::Bucket& bucket) { maker.add(bucket); });
  return maker.take();
}

std::vector<Difference> differences_of(const Curve& a, const Curve& b, const TimeAxis& time,
                                       const ValueAxis& values) {
  std::vector<Difference> result;
  const double least = kDifference * (values.high() - values.low());
  // Steps of pixels. NOLINTNEXTLINE(*-FloatLoopCounter)
  for (double x = time.left(); x < time.right(); x += kDifferenceStep) {
    const auto left = value_at(a, time.at(x));
    const auto right = value_at(b, time.at(x));
    if (!left || !right || std::abs(*left - *right) <= least) continue;
    if (!result.empty() && result.back().to >= x) {
      result.back().to = x + kDifferenceStep;
    } else {
      result.push_back({x, x + kDifferenceStep});
    }
  }
  return result;
}

bool run_together(const Curve& a, const Curve& b, const TimeAxis& time, const ValueAxis& values) {
  const double step = std::max((time.right() - time.left()) / kLooks, 1.0);
  int seen = 0;
  int alike = 0;
  // Steps of pixels. NOLINTNEXTLINE(*-FloatLoopCounter)
  for (double x = time.left(); x < time.right(); x += step) {
    const auto left = value_at(a, time.at(x));
    const auto right = value_at(b, time.at(x));
    if (!left || !right) continue;
    ++seen;
    if (std::abs(values.y_of(*left) - values.y_of(*right)) < 1) ++alike;
  }
  return seen > 0 && alike >= kAlike * seen;
}

}  // namespace elblab::gui
