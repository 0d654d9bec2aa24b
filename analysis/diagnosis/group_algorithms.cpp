#include "analysis/diagnosis/group_algorithms.hpp"

#include <optional>

#include "analysis/trace/database.hpp"
#include "scenarios/language/dotted_path.hpp"

namespace elblab::diagnosis {
namespace {

using Spans = std::map<std::string, std::vector<AlgorithmSpan>>;

Spans at_the_beginning(const trace::Reader& trace) {
  Spans spans;
  trace::Statement rows(trace.database(),
                        "SELECT name, detail FROM objects_view WHERE kind = 'group' AND detail <> "
                        "''");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    spans[std::string(rows.text(0))] = {{kStart, std::string(rows.text(1))}};
  }
  trace.noted(step == trace::Step::done);
  return spans;
}

// Of balancer.groups.app.algorithm, or balancers.lb1.groups.app.algorithm; a balancer that is alone
// has no place in the names of its groups.
std::vector<AlgorithmSpan>* group_of_path(const std::string& path, Spans& spans) {
  const auto segments = language::segments_of(path);
  if (segments.size() < 4 || segments.back() != "algorithm") return nullptr;
  const std::string& group = segments[segments.size() - 2];
  auto found = spans.find(group);
  if (found == spans.end()) found = spans.find(segments[1] + "/" + group);
  return found == spans.end() ? nullptr : &found->second;
}

}  // namespace

GroupAlgorithms::GroupAlgorithms(const trace::Reader& trace) : spans_(at_the_beginning(trace)) {
  trace::Statement rows(trace.database(),
                        "SELECT applied_ns, path, coalesce(new_value, '') FROM operations WHERE "
                        "path LIKE '%.algorithm' ORDER BY applied_ns, id");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    auto* spans = group_of_path(std::string(rows.text(1)), spans_);
    if (spans == nullptr) continue;
    spans->push_back({Instant(Duration(rows.integer(0))), std::string(rows.text(2))});
  }
  trace.noted(step == trace::Step::done);
}

const std::vector<AlgorithmSpan>& GroupAlgorithms::of(const std::string& group) const {
  const auto found = spans_.find(group);
  return found == spans_.end() ? none_ : found->second;
}

}  // namespace elblab::diagnosis
