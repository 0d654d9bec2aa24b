// SCH-03, DIAG-10: a server's weight is its share of the group's new connections. Weights that
// differ make traffic uneven; that is what they are for, and no failure comes of it by itself. The
// source hash does not look at them (SCH-07); sticky sessions do at the first connection of a
// client, and are a cause of their own beside them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/uneven_parts.hpp"

namespace elblab::diagnosis {
namespace {

class UnevenWeights final : public Cause {
 public:
  CauseId id() const override { return CauseId::uneven_weights; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    const auto groups = uneven_groups(run.seen);
    if (groups.empty()) return ruled_out(std::move(finding), "servers got like shares");
    std::vector<std::string> by_weights;
    std::vector<std::string> others;
    std::string why;
    bool unknown = false;
    bool sure = true;  // a source hash may give shares that look like those of weights
    double explains = 0;
    for (const Unevenness& group : groups) {
      const auto parts = parts_of(run.seen, group);
      const std::string because = why_not(group, parts);
      if (because.empty()) {
        by_weights.push_back(group.group);
        explains += parts->part_of_weights();
        sure = sure && parts->rules.known;
        finding.evidence.push_back(evidence_of(run, group, *parts));
      } else {
        others.push_back(group.group);
        why += (why.empty() ? "" : "; ") + because;
        unknown = unknown || !parts;
      }
    }
    if (by_weights.empty()) {
      return unknown ? not_observable(std::move(finding), why) : ruled_out(std::move(finding), why);
    }
    if (!others.empty()) {
      finding.title = fmt::format("traffic of group {} uneven because the weights are, not of {}",
                                  list_text(by_weights), list_text(others));
      Evidence evidence;
      evidence.text = why;
      finding.evidence.push_back(std::move(evidence));
    }
    finding.standing = Standing::found;
    finding.confidence = sure ? Confidence::certain : Confidence::likely;
    // Of failures and slow answers it explains nothing.
    finding.explains = run.has_worse_than_unevenness() ? 0 : explains / uneven_complaints(run);
    return finding;
  }

 private:
  // Why a group's weights do not make it uneven; empty: they do.
  static std::string why_not(const Unevenness& group, const std::optional<UnevenParts>& parts) {
    if (!parts) return fmt::format("the trace has no weights of group {}", group.group);
    if (!parts->weights_differ) {
      return total(parts->rules.hashed) > 0
                 ? fmt::format("the source hash of group {} does not look at weights", group.group)
                 : fmt::format("the weights of group {} are alike", group.group);
    }
    if (parts->follows || parts->is_of_addresses) return {};
    return fmt::format("shares do not follow the weights of group {}", group.group);
  }

  // The last one that it had, or what it was changed from and to.
  static std::string weight_text(const Level& weight) {
    double first = 0;
    double last = 0;
    for (const double value : weight.high) {
      if (value <= 0) continue;
      if (first <= 0) first = value;
      last = value;
    }
    return first == last ? fmt::format("{:.4g}", last)
                         : fmt::format("{:.4g} → {:.4g}", first, last);
  }

  static Evidence evidence_of(const Case& run, const Unevenness& group, const UnevenParts& parts) {
    Evidence evidence;
    std::vector<std::string> weights;
    for (const std::string& server : group.servers) {
      const Level* weight = run.seen.gauge("weight", MeasureScope::server, server);
      if (weights.size() < 6) weights.push_back(weight_text(*weight));
    }
    evidence.measures = scheduled_measures(group);
    if (weights.size() < group.servers.size()) weights.emplace_back("…");
    evidence.text =
        fmt::format("{}; weights {}", shares_text(group, parts.due), fmt::join(weights, ", "));
    evidence.query = fmt::format(
        "SELECT measure, max(value) FROM samples_view WHERE measure LIKE "
        "'weight({}/%' GROUP BY measure",
        group.group);
    evidence.to = run.seen.grid().end(run.seen.grid().columns - 1);
    return evidence;
  }
};

}  // namespace

const Cause& uneven_weights() {
  static const UnevenWeights kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
