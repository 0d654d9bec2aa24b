// FTC-01: two connections reach a server with one 5-tuple, because their client's address and port
// are kept and they lead to the same server port. The server knows one connection: the later SYN
// meets the earlier one's socket, and its answers go to one of the two balancers only (FTC-15).
// What becomes of either depends on the socket's state (FTC-14).
//
// An operator sees it by laying the connection tables of the balancers side by side: one client
// address and port towards one server twice.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// At most as many failures as connections that a conflict ended about then.
Curve ended_by_conflicts(const Case& run, const Curve& failures) {
  Curve claim = trailing(run.where.conflicts.broken, 1);
  for (std::size_t i = 0; i < claim.size(); ++i) claim[i] = std::min(claim[i], failures[i]);
  return claim;
}

class FiveTupleConflict final : public Cause {
  static constexpr std::size_t kMostExamples = 5;

 public:
  CauseId id() const override { return CauseId::five_tuple_conflict; }

  Claims claims(const Case& run) const override {
    Claims claims = claims_on_the_network(run, id());
    claims.reset = ended_by_conflicts(run, run.load.failures.reset);
    claims.rejected = ended_by_conflicts(run, run.load.failures.rejected);
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const Conflicts& conflicts = run.where.conflicts;
    if (!run.seen.is_complete()) {
      return not_observable(std::move(finding), "they are looked for when a trace is complete");
    }
    if (conflicts.all.empty()) {
      return ruled_out(std::move(finding), "no two connections shared one");
    }
    if (!granted.material) {
      return ruled_out(std::move(finding),
                       fmt::format("{} of them, to little harm",
                                   count_text(static_cast<double>(conflicts.all.size()))));
    }
    finding.standing = Standing::found;
    finding.explains = granted.share;
    finding.confidence = granted.share >= 0.5 ? Confidence::certain : Confidence::likely;
    finding.evidence.push_back(pairs(conflicts));
    if (total(conflicts.disputed) > 0) finding.evidence.push_back(disputes(run));
    return finding;
  }

 private:
  static Evidence pairs(const Conflicts& conflicts) {
    const auto& told = conflicts.harmful.empty() ? conflicts.all : conflicts.harmful;
    const trace::ConflictRow& first = told.front();
    Evidence evidence;
    evidence.text = fmt::format(
        "{} times two connections shared a tuple, {} of them harmful; at {} {} -> {} by {} and by "
        "{}",
        count_text(static_cast<double>(conflicts.all.size())),
        count_text(static_cast<double>(conflicts.harmful.size())), time_text(first.at),
        first.client, first.server, way(first.earlier_node, first.earlier_destination),
        way(first.later_node, first.later_destination));
    evidence.query = "SELECT * FROM conflicts_view";
    evidence.from = first.at;
    evidence.to = told.back().at;
    for (const trace::ConflictRow& conflict : told) {
      if (evidence.connections.size() + 2 > kMostExamples) break;
      evidence.connections.push_back(conflict.earlier_connection);
      evidence.connections.push_back(conflict.later_connection);
    }
    return evidence;
  }

  static std::string way(const std::string& node, const std::string& destination) {
    return fmt::format("{} ({})", destination, node);
  }

  static Evidence disputes(const Case& run) {
    const Curve& disputed = run.where.conflicts.disputed;
    const Span span = span_of(disputed, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format("{} answers of servers could belong to either, from {} on",
                                count_text(total(disputed)), time_text(span.from));
    evidence.measures = {"disputed(network)"};
    evidence.query = sum_query("disputed(network)");
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }
};

}  // namespace

const Cause& five_tuple_conflict() {
  static const FiveTupleConflict kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
