#include "analysis/comparison/series_differences.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/comparison/distance.hpp"
#include "models/telemetry/measures.hpp"

namespace elblab::comparison {
namespace {

using trace::Point;
using trace::Reader;
using trace::SeriesInfo;
using trace::SeriesKind;

// The nearest sample before, at and after a moment of the other run, jitter included: one and a
// half intervals of the coarser trace.
Duration shift_of(const Reader& a, const Reader& b) {
  return std::max(a.metadata().sample_interval, b.metadata().sample_interval) * 3 / 2;
}

double total_or_peak(const std::vector<Point>& points, SeriesKind kind) {
  double result = 0;
  for (const Point& point : points) {
    result = kind == SeriesKind::counter ? result + point.value : std::max(result, point.value);
  }
  return result;
}

// The balancer's own drops have the same name.
bool is_host_series(const std::string& measure) { return !measure.ends_with("(balancer)"); }

// Empty: this measure is no mean.
std::string_view what_it_is_the_mean_of(std::string_view name) {
  for (const telemetry::MeasureInfo& measure : telemetry::measures()) {
    if (measure.name == name && !measure.mean_of.empty()) return measure.mean_of;
  }
  return {};
}

// The samples of a counter that were taken together with these points; 0 where there is none.
std::vector<double> counts_at(const Reader& trace, std::string_view counter,
                              const std::string& object, const std::vector<Point>& points) {
  std::vector<double> counts(points.size(), 0);
  const auto series = trace.find_series(std::string(counter), object);
  if (!series) return counts;
  const std::vector<Point> samples = trace.samples(series->id, kStart, kNever);
  std::size_t next = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    while (next < samples.size() && samples[next].at < points[i].at) ++next;
    if (next < samples.size() && samples[next].at == points[i].at) counts[i] = samples[next].value;
  }
  return counts;
}

SeriesDifference described(const SeriesInfo& info) {
  SeriesDifference difference;
  difference.measure = info.object.empty() ? info.name : info.name + "(" + info.object + ")";
  difference.kind = info.kind;
  difference.unit = info.unit;
  difference.reason = allowance_of(info.name).reason;
  return difference;
}

class SeriesComparison {
 public:
  SeriesComparison(const Reader& a, const Reader& b, double share, bool other_chances)
      : a_(a),
        b_(b),
        share_(share),
        other_chances_(other_chances),
        one_live_(one_is_live(a, b)),
        shift_(shift_of(a, b)) {}

  SeriesDifference both(const SeriesInfo& in_a, const SeriesInfo& in_b) const {
    return compared(described(in_a), in_a, a_.samples(in_a.id, kStart, kNever),
                    b_.samples(in_b.id, kStart, kNever));
  }
  // A series that one trace lacks is held against nothing at all.
  SeriesDifference only_a(const SeriesInfo& info) const {
    auto difference = compared(described(info), info, a_.samples(info.id, kStart, kNever), {});
    return lacking(std::move(difference), "a");
  }
  SeriesDifference only_b(const SeriesInfo& info) const {
    auto difference = compared(described(info), info, {}, b_.samples(info.id, kStart, kNever));
    return lacking(std::move(difference), "b");
  }

 private:
  SeriesDifference compared(SeriesDifference difference, const SeriesInfo& info,
                            const std::vector<Point>& a, const std::vector<Point>& b) const {
    const std::string& name = info.name;
    difference.a = total_or_peak(a, difference.kind);
    difference.b = total_or_peak(b, difference.kind);
    difference.bound =
        bound_of(allowance_of(name), share_, difference.a, difference.b, other_chances_);
    const Gap gap = gap_of(info, a, b, difference.bound);
    difference.gap = gap.size;
    const double whole = std::max(std::abs(difference.a), std::abs(difference.b));
    difference.distance = whole > 0 ? gap.size / whole : 0;
    const std::string_view untold = untold_live(name, is_host_series(difference.measure));
    if (one_live_ && !untold.empty()) {
      difference.judged = false;
      difference.reason = untold;
    }
    difference.within = !difference.judged || gap.size <= difference.bound;
    difference.widest_at = gap.widest_at;
    difference.widest_a = gap.widest_a;
    difference.widest_b = gap.widest_b;
    // A gauge may be far off for a moment and near on the whole.
    if (!difference.within) difference.parts_at = gap.exceeds_at;
    return difference;
  }

  Gap gap_of(const SeriesInfo& info, const std::vector<Point>& a, const std::vector<Point>& b,
             double bound) const {
    if (info.kind == SeriesKind::counter) return counter_gap(a, b, shift_, bound);
    const std::string_view counter = what_it_is_the_mean_of(info.name);
    if (counter.empty()) return gauge_gap(a, b, shift_, bound);
    return mean_gap(a, counts_at(a_, counter, info.object, a), b,
                    counts_at(b_, counter, info.object, b), shift_, bound);
  }

  static SeriesDifference lacking(SeriesDifference difference, const char* only_in) {
    difference.only_in = only_in;
    difference.within = !difference.judged || difference.gap == 0;
    return difference;
  }

  const Reader& a_;
  const Reader& b_;
  double share_;
  bool other_chances_;
  bool one_live_;
  Duration shift_;
};

const SeriesInfo* find(const std::vector<SeriesInfo>& all, const SeriesInfo& wanted) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const SeriesInfo& info) {
    return info.name == wanted.name && info.object == wanted.object;
  });
  return found != all.end() ? &*found : nullptr;
}

}  // namespace

bool one_is_live(const Reader& a, const Reader& b) {
  return (a.metadata().world == "live") != (b.metadata().world == "live");
}

std::vector<SeriesDifference> compare_series(const Reader& a, const Reader& b, double share,
                                             bool other_chances) {
  const SeriesComparison comparison(a, b, share, other_chances);
  const auto in_a = a.series();
  const auto in_b = b.series();
  std::vector<SeriesDifference> differences;
  for (const SeriesInfo& info : in_a) {
    const SeriesInfo* other = find(in_b, info);
    differences.push_back(other != nullptr ? comparison.both(info, *other)
                                           : comparison.only_a(info));
  }
  for (const SeriesInfo& info : in_b) {
    if (find(in_a, info) == nullptr) differences.push_back(comparison.only_b(info));
  }
  return differences;
}

}  // namespace elblab::comparison
