#include "pcap/conversations/gap_statistics.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::pcap {
namespace {

constexpr double kJitter = 0.1;                // share of the mean
constexpr double kCriticalAt5Percent = 1.358;  // times 1 / sqrt(n), for large n

// gaps: in ascending order, in units of their mean.
double distance_to_exponential(const std::vector<double>& gaps) {
  const auto n = static_cast<double>(gaps.size());
  double distance = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const double expected = 1 - std::exp(-gaps[i]);
    const double below = static_cast<double>(i) / n;
    const double up_to = static_cast<double>(i + 1) / n;
    distance = std::max({distance, std::abs(expected - below), std::abs(up_to - expected)});
  }
  return distance;
}

double distance_to_even(const std::vector<double>& gaps) {
  const auto low = std::lower_bound(gaps.begin(), gaps.end(), 1 - kJitter);
  const auto high = std::upper_bound(gaps.begin(), gaps.end(), 1 + kJitter);
  const auto n = static_cast<double>(gaps.size());
  return std::max(static_cast<double>(low - gaps.begin()) / n,
                  static_cast<double>(gaps.end() - high) / n);
}

}  // namespace

GapStatistics gap_statistics(const std::vector<Duration>& arrivals) {
  GapStatistics statistics;
  if (arrivals.size() < 2) return statistics;
  statistics.gaps = arrivals.size() - 1;
  const Duration span = arrivals.back() - arrivals.front();
  statistics.mean = span / static_cast<Duration::rep>(statistics.gaps);
  if (span <= Duration{0}) return statistics;
  const double mean = to_seconds(span) / static_cast<double>(statistics.gaps);
  std::vector<double> gaps;
  gaps.reserve(statistics.gaps);
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    gaps.push_back(to_seconds(arrivals[i] - arrivals[i - 1]) / mean);
  }
  std::sort(gaps.begin(), gaps.end());
  statistics.distance_poisson = distance_to_exponential(gaps);
  statistics.distance_even = distance_to_even(gaps);
  statistics.critical = kCriticalAt5Percent / std::sqrt(static_cast<double>(statistics.gaps));
  return statistics;
}

}  // namespace elblab::pcap
