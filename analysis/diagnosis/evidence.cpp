#include "analysis/diagnosis/evidence.hpp"

#include <fmt/format.h>

#include <cmath>

#include "analysis/expectations/text.hpp"

namespace elblab::diagnosis {

std::string count_text(double count) { return expectations::number_text(std::round(count)); }

std::string percent_text(double share) {
  const double percent = 100 * share;
  if (percent > 0 && percent < 0.1) return "less than 0.1 %";
  if (percent < 10 && std::abs(percent - std::round(percent)) > 0.05) {
    return fmt::format("{:.1f} %", percent);
  }
  return fmt::format("{:.0f} %", percent);
}

std::string time_text(Instant when) { return fmt::format("{:.1f} s", to_seconds(when)); }

std::string list_text(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 3;
  if (names.empty()) return "none";
  if (names.size() == 1) return names.front();
  if (names.size() > kNamed) {
    return fmt::format("{}, {} and {} more", names[0], names[1], names.size() - 2);
  }
  std::string text = names.front();
  for (std::size_t i = 1; i + 1 < names.size(); ++i) text += ", " + names[i];
  return text + " and " + names.back();
}

Span span_of(const Curve& curve, const Grid& grid) {
  const auto is_something = [](double value) { return value > 0; };
  const auto first = std::find_if(curve.begin(), curve.end(), is_something);
  if (first == curve.end()) return {};
  const auto last = std::find_if(curve.rbegin(), curve.rend(), is_something);
  return {grid.begin(static_cast<std::size_t>(first - curve.begin())),
          grid.end(static_cast<std::size_t>(curve.rend() - last) - 1)};
}

std::string measure_text(std::string_view measure, const std::string& object) {
  return fmt::format("{}({})", measure, object);
}

std::string sum_query(const std::string& measure) {
  return fmt::format("SELECT sum(value) FROM samples_view WHERE measure = '{}'", measure);
}

std::string max_query(const std::string& measure) {
  return fmt::format("SELECT max(value) FROM samples_view WHERE measure = '{}'", measure);
}

std::vector<Share> shares_of(const Observations& seen, std::string_view measure,
                             MeasureScope scope) {
  std::vector<Share> shares;
  for (const std::string& object : seen.objects(scope)) {
    const Curve* curve = seen.counter(measure, scope, object);
    if (curve != nullptr && total(*curve) > 0) shares.push_back({object, total(*curve)});
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const Share& a, const Share& b) { return a.amount > b.amount; });
  return shares;
}

std::vector<std::string> names_of(const std::vector<Share>& shares) {
  std::vector<std::string> names;
  names.reserve(shares.size());
  for (const Share& share : shares) names.push_back(share.object);
  return names;
}

std::vector<std::uint64_t> some_connections(const Observations& seen,
                                            const ConnectionFilter& filter) {
  std::vector<std::uint64_t> ids;
  for (const auto& row : seen.connections(filter, 5)) ids.push_back(row.id);
  return ids;
}

std::vector<std::uint64_t> some_given_up(const Observations& seen, Instant from) {
  ConnectionFilter given_up;
  given_up.role = "client";
  given_up.reasons = {"reset_by_local", "timed_out"};
  given_up.from = from;
  return some_connections(seen, given_up);
}

bool may_hide_between_samples(const Case& run, double share) {
  if (run.unexplained <= Diagnosis::kChance) return false;
  double slow = 0;
  double late_ms = 0;
  for (const std::string& workload : run.seen.objects(MeasureScope::workload)) {
    const Curve* answers = run.seen.counter("slow_responses", MeasureScope::workload, workload);
    const Level* time = run.seen.gauge("response_time", MeasureScope::workload, workload);
    for (std::size_t i = 0; answers != nullptr && time != nullptr && i < answers->size(); ++i) {
      slow += (*answers)[i];
      late_ms += (*answers)[i] * time->mean[i];
    }
  }
  const double late = ratio(late_ms, slow) / 1000;
  const double interval = to_seconds(run.seen.sample_interval());
  return slow > 0 && late < interval && share * interval >= late / 2;
}

Finding ruled_out(Finding finding, std::string because) {
  finding.standing = Standing::ruled_out;
  finding.because = std::move(because);
  return finding;
}

Finding not_observable(Finding finding, std::string because) {
  finding.standing = Standing::not_observable;
  finding.because = std::move(because);
  return finding;
}

}  // namespace elblab::diagnosis
