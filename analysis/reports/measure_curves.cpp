#include "analysis/reports/measure_curves.hpp"

#include <algorithm>

namespace elblab::reports {
namespace {

CurvePoint exact_point(double at_s, double value) { return {at_s, value, value, value}; }

std::vector<CurvePoint> exact_points(const std::vector<trace::Point>& samples, bool is_counter) {
  std::vector<CurvePoint> points;
  Instant before = kStart;
  for (const auto& sample : samples) {
    const double seconds = to_seconds(sample.at - before);
    before = sample.at;
    if (!is_counter) {
      points.push_back(exact_point(to_seconds(sample.at), sample.value));
    } else if (seconds > 0) {
      points.push_back(exact_point(to_seconds(sample.at), sample.value / seconds));
    }
  }
  return points;
}

// `interval`: of the samples, for what the lowest and highest increments are as rates.
std::vector<CurvePoint> coarse_points(const std::vector<trace::Bucket>& buckets, bool is_counter,
                                      Duration interval) {
  std::vector<CurvePoint> points;
  for (const auto& bucket : buckets) {
    if (bucket.count == 0) continue;
    const double middle = (to_seconds(bucket.from) + to_seconds(bucket.to)) / 2;
    const double seconds = to_seconds(interval);
    const double scale = is_counter && seconds > 0 ? 1 / seconds : 1;
    points.push_back({middle, bucket.mean() * scale, bucket.min * scale, bucket.max * scale});
  }
  return points;
}

}  // namespace

std::optional<language::Measure> parse_measure(const std::string& text) {
  const auto open = text.find('(');
  if (open == std::string::npos || open == 0 || !text.ends_with(')')) return std::nullopt;
  return language::Measure{text.substr(0, open), text.substr(open + 1, text.size() - open - 2)};
}

std::optional<Curve> curve_of(const trace::Reader& trace, const language::Measure& measure) {
  const auto series = trace.find_series(measure.name, measure.object);
  if (!series) return std::nullopt;
  const bool is_counter = series->kind == trace::SeriesKind::counter;
  const Instant end = trace.end_of_run() + Duration(1);
  const auto interval = trace.metadata().sample_interval;
  const bool is_short =
      interval.count() > 0 && (end - kStart) / interval <= static_cast<std::int64_t>(kMostPoints);
  Curve curve;
  curve.label = measure.to_string();
  curve.points = is_short ? exact_points(trace.samples(series->id, kStart, end), is_counter)
                          : coarse_points(trace.buckets(series->id, kStart, end, kMostPoints),
                                          is_counter, interval);
  return curve;
}

std::string unit_of(const trace::Reader& trace, const language::Measure& measure) {
  const auto series = trace.find_series(measure.name, measure.object);
  if (!series) return {};
  return series->unit + (series->kind == trace::SeriesKind::counter ? "/s" : "");
}

}  // namespace elblab::reports
