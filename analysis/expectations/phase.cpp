#include "analysis/expectations/phase.hpp"

#include <algorithm>
#include <deque>
#include <functional>

namespace elblab::expectations {
namespace {

using language::Stat;
using trace::SeriesKind;

// Sums over a run of stretches that grows at its end and shrinks at its start.
struct Sums {
  long double values = 0;
  long double values_by_time = 0;  // value × nanoseconds
  std::int64_t nanoseconds = 0;
  std::size_t samples = 0;

  void add(const Stretch& s, int sign) {
    values += sign * static_cast<long double>(s.value);
    values_by_time +=
        sign * static_cast<long double>(s.value) * static_cast<long double>(s.length.count());
    nanoseconds += sign * s.length.count();
    samples += static_cast<std::size_t>(sign);
  }

  double mean(SeriesKind kind) const {
    // One sample at the start of the run speaks for no time: its level is the mean, and a counter
    // has no rate yet.
    if (nanoseconds == 0) {
      return kind == SeriesKind::counter
                 ? 0
                 : static_cast<double>(values / static_cast<long double>(samples));
    }
    const auto time = static_cast<long double>(nanoseconds);
    return static_cast<double>(kind == SeriesKind::counter ? values * 1e9L / time
                                                           : values_by_time / time);
  }
};

std::vector<double> sliding_sums(std::span<const Stretch> phase, std::size_t length, Stat stat,
                                 SeriesKind kind) {
  std::vector<double> result;
  Sums sums;
  for (std::size_t i = 0; i < phase.size(); ++i) {
    sums.add(phase[i], 1);
    if (i >= length) sums.add(phase[i - length], -1);
    if (i + 1 < length) continue;
    result.push_back(stat == Stat::total ? static_cast<double>(sums.values) : sums.mean(kind));
  }
  return result;
}

// The extreme of each window: positions whose value could still become the extreme, best first.
template <class Better>
std::vector<double> sliding_extreme(std::span<const Stretch> phase, std::size_t length,
                                    Better better) {
  std::vector<double> result;
  std::deque<std::size_t> candidates;
  for (std::size_t i = 0; i < phase.size(); ++i) {
    while (!candidates.empty() && !better(phase[candidates.back()].value, phase[i].value)) {
      candidates.pop_back();
    }
    candidates.push_back(i);
    if (candidates.front() + length <= i) candidates.pop_front();
    if (i + 1 >= length) result.push_back(phase[candidates.front()].value);
  }
  return result;
}

std::vector<double> sliding_last(std::span<const Stretch> phase, std::size_t length) {
  std::vector<double> result;
  for (std::size_t i = length; i <= phase.size(); ++i) result.push_back(phase[i - 1].value);
  return result;
}

bool belongs(Instant at, Instant from, Instant to) {
  return (at > from || (at == kStart && from == kStart)) && at <= to;
}

}  // namespace

std::vector<Stretch> read_phase(const trace::Reader& trace, const trace::SeriesInfo& series,
                                Instant from, Instant to) {
  std::vector<Stretch> phase;
  const Instant end = to == kNever ? kNever : to + Duration(1);
  Instant previous = kStart;
  for (const trace::Point& point : trace.samples(series.id, kStart, end)) {
    if (belongs(point.at, from, to)) {
      if (!phase.empty() && point.at == previous) {
        double& value = phase.back().value;
        value = series.kind == SeriesKind::counter ? value + point.value : point.value;
      } else {
        phase.push_back({point.at, point.at - previous, point.value});
      }
    }
    previous = point.at;
  }
  return phase;
}

double statistic_of(std::span<const Stretch> phase, Stat stat, SeriesKind kind) {
  // The last window of the phase's own length is the only one.
  return sliding_statistic(phase, phase.size(), stat, kind).back();
}

std::vector<double> sliding_statistic(std::span<const Stretch> phase, std::size_t length, Stat stat,
                                      SeriesKind kind) {
  switch (stat) {
    case Stat::total:
    case Stat::mean:
      return sliding_sums(phase, length, stat, kind);
    case Stat::max:
      return sliding_extreme(phase, length, std::greater<>());
    case Stat::min:
      return sliding_extreme(phase, length, std::less<>());
    case Stat::last:
      return sliding_last(phase, length);
  }
  return {};
}

}  // namespace elblab::expectations
