#include "analysis/diagnosis/conflicts.hpp"

#include <algorithm>
#include <string_view>

namespace elblab::diagnosis {
namespace {

bool was_harmed(std::string_view outcome) {
  return outcome == "broken" || outcome == "reset" || outcome == "timed_out" ||
         outcome == "delayed";
}

bool was_ended(std::string_view outcome) { return outcome == "broken" || outcome == "reset"; }

class Finder {
 public:
  explicit Finder(const Observations& seen) : seen_(seen) {
    const Curve nothing(seen.grid().columns, 0.0);
    found_.broken = found_.disputed = found_.pressure = nothing;
  }

  Conflicts find() {
    if (const auto disputed = seen_.summed("disputed", MeasureScope::network)) {
      found_.disputed = *disputed;
    }
    found_.pressure = found_.disputed;
    found_.all = seen_.conflicts();
    for (const trace::ConflictRow& conflict : found_.all) {
      if (!was_harmed(conflict.outcome) && !was_harmed(conflict.earlier_outcome)) continue;
      found_.harmful.push_back(conflict);
      follow(conflict, conflict.outcome, conflict.later_connection);
      follow(conflict, conflict.earlier_outcome, conflict.earlier_connection);
    }
    return std::move(found_);
  }

 private:
  void follow(const trace::ConflictRow& conflict, std::string_view outcome, std::uint64_t id) {
    if (!was_harmed(outcome)) return;
    const Grid& grid = seen_.grid();
    const auto connection = seen_.connection(id);
    const Instant end = connection ? std::max(connection->closed_at, conflict.at) : conflict.at;
    const std::size_t last = grid.column_of(end);
    const std::size_t first = grid.column_of(conflict.at);
    for (std::size_t i = first; i <= last; ++i) found_.pressure[i] += 1;
    if (!was_ended(outcome)) return;
    found_.broken[first] += 1;
    if (last != first) found_.broken[last] += 1;
  }

  const Observations& seen_;
  Conflicts found_;
};

}  // namespace

Conflicts find_conflicts(const Observations& seen) { return Finder(seen).find(); }

}  // namespace elblab::diagnosis
