#include "analysis/diagnosis/open_connections.hpp"

#include <algorithm>

namespace elblab::diagnosis {
namespace {

// Of each server on average: with fewer, ties and their turns decide, as by new connections.
constexpr double kLeastOpen = 5;

}  // namespace

std::optional<std::vector<double>> shared_out_open(const Observations& seen,
                                                   const std::string& group,
                                                   const std::vector<std::string>& servers) {
  const auto& spans = seen.algorithms().of(group);
  const bool by_load = std::all_of(spans.begin(), spans.end(), [](const AlgorithmSpan& span) {
    return span.algorithm == "weighted_least_connections";
  });
  if (spans.empty() || !by_load) return std::nullopt;
  Curve all(seen.grid().columns, 0.0);
  std::vector<double> open;
  for (const std::string& server : servers) {
    const Level* active = seen.gauge("active_connections", MeasureScope::server, server);
    if (active == nullptr) return std::nullopt;
    add(all, active->mean);
    open.push_back(total(active->mean));
  }
  const auto busy = static_cast<double>(
      std::count_if(all.begin(), all.end(), [](double column) { return column > 0; }));
  for (double& mean : open) mean = ratio(mean, busy);
  const bool enough = ratio(total(open), static_cast<double>(open.size())) >= kLeastOpen;
  return enough ? std::optional(std::move(open)) : std::nullopt;
}

}  // namespace elblab::diagnosis
