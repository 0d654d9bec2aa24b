#include "analysis/diagnosis/group_rules.hpp"

namespace elblab::diagnosis {
namespace {

// The connection ID of QUIC is not known before a server gave it out: until then the address
// decides (SCH-02).
bool is_by_address(const std::string& algorithm) {
  return algorithm == "source_ip_hash" || algorithm == "connection_id";
}

// Of the column in which it changes, the algorithm before.
Curve hashed_of(const Grid& grid, const std::vector<AlgorithmSpan>& spans) {
  Curve hashed(grid.columns, 0.0);
  for (const AlgorithmSpan& span : spans) {
    const bool first = span.from <= kStart;
    const std::size_t from = first ? 0 : grid.column_of(span.from) + 1;
    for (std::size_t i = from; i < hashed.size(); ++i) {
      hashed[i] = is_by_address(span.algorithm) ? 1 : 0;
    }
  }
  return hashed;
}

// Where nobody came, as before.
Curve sticky_of(const Observations& seen, const std::string& group, const Curve& arrivals) {
  Curve asked(arrivals.size(), 0.0);
  for (const char* measure : {"sticky_new", "sticky_kept", "sticky_expired", "sticky_server_out"}) {
    const Curve* counter = seen.counter(measure, MeasureScope::sticky_group, group);
    if (counter != nullptr) add(asked, *counter);
  }
  Curve sticky(arrivals.size(), 0.0);
  for (std::size_t i = 0; i < sticky.size(); ++i) {
    const bool unseen = i > 0 && arrivals[i] <= 0;
    sticky[i] = unseen ? sticky[i - 1] : asked[i] > 0 ? 1 : 0;
  }
  return sticky;
}

}  // namespace

bool GroupRules::changes(std::size_t column) const {
  const auto differs = [&](std::size_t other) {
    return hashed[other] != hashed[column] || sticky[other] != sticky[column];
  };
  return (column > 0 && differs(column - 1)) || (column + 1 < hashed.size() && differs(column + 1));
}

GroupRules rules_of(const Observations& seen, const std::string& group, const Curve& arrivals) {
  GroupRules rules;
  const auto& spans = seen.algorithms().of(group);
  rules.known = !spans.empty();
  rules.hashed = hashed_of(seen.grid(), spans);
  rules.sticky = sticky_of(seen, group, arrivals);
  rules.decided = Curve(arrivals.size(), 0.0);
  const Curve* kept = seen.counter("sticky_kept", MeasureScope::sticky_group, group);
  for (std::size_t i = 0; i < rules.decided.size(); ++i) {
    if (rules.hashed[i] > 0) {
      rules.decided[i] = arrivals[i];
    } else if (kept != nullptr) {
      rules.decided[i] = (*kept)[i];
    }
  }
  return rules;
}

}  // namespace elblab::diagnosis
