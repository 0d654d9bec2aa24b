#include "cli/runs/cause_curve.hpp"

#include "cli/text/curve.hpp"

namespace elblab::cli {

std::optional<trace::SeriesInfo> series_named(const trace::Reader& trace,
                                              const std::string& measure) {
  const auto open = measure.find('(');
  if (open == std::string::npos || !measure.ends_with(')')) return std::nullopt;
  return trace.find_series(measure.substr(0, open),
                           measure.substr(open + 1, measure.size() - open - 2));
}

std::string cause_curve(const diagnosis::Finding& finding, const trace::Reader& trace,
                        std::size_t columns) {
  if (columns == 0) return {};
  std::string counts;
  for (const auto& evidence : finding.evidence) {
    for (const std::string& measure : evidence.measures) {
      const auto series = series_named(trace, measure);
      if (!series) continue;
      std::string line = curve(trace.buckets(series->id, kStart, kNever, columns)) + "  " + measure;
      if (series->kind == trace::SeriesKind::gauge) return line;
      if (counts.empty()) counts = line;
    }
  }
  return counts;
}

}  // namespace elblab::cli
