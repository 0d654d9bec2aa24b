#include "analysis/comparison/series_differences.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/comparison/distance.hpp"

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
    return compared(described(in_a), in_a.name, a_.samples(in_a.id, kStart, kNever),
                    b_.samples(in_b.id, kStart, kNever));
  }
  // A series that one trace lacks is held against nothing at all.
  SeriesDifference only_a(const SeriesInfo& info) const {
    auto difference = compared(described(info), info.name, a_.samples(info.id, kStart, kNever), {});
    return lacking(std::move(difference), "a");
  }
  SeriesDifference only_b(const SeriesInfo& info) const {
    auto difference = compared(described(info), info.name, {}, b_.samples(info.id, kStart, kNever));
    return lacking(std::move(difference), "b");
  }

 private:
  SeriesDifference compared(SeriesDifference difference, const std::string& name,
                            const std::vector<Point>& a, const std::vector<Point>& b) const {
    difference.a = total_or_peak(a, difference.kind);
    difference.b = total_or_peak(b, difference.kind);
    difference.bound =
        bound_of(allowance_of(name), share_, difference.a, difference.b, other_chances_);
    const auto measure = difference.kind == SeriesKind::counter ? counter_gap : gauge_gap;
    const Gap gap = measure(a, b, shift_, difference.bound);
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
