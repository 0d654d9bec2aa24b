// SCH-03, DIAG-10: a server's weight is its share of the group's new connections. Weights that
// differ make traffic uneven; that is what they are for, and no failure comes of it by itself.
#include <fmt/format.h>

#include <cmath>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/symptoms.hpp"

namespace elblab::diagnosis {
namespace {

// Shares follow the weights when none is further from its weight's share than that, chance apart.
constexpr double kFollows = 0.05;

// Connections that each server should have got by the weights of the moment; nullopt: a weight is
// not recorded.
std::optional<std::vector<double>> by_weight(const Observations& seen, const Unevenness& group) {
  const std::size_t columns = seen.grid().columns;
  Curve arrivals(columns, 0.0);
  Curve weights(columns, 0.0);
  for (const std::string& server : group.servers) {
    const Level* weight = seen.gauge("weight", MeasureScope::server, server);
    const Curve* scheduled = seen.counter("scheduled", MeasureScope::server, server);
    if (weight == nullptr) return std::nullopt;
    add(weights, weight->mean);
    if (scheduled != nullptr) add(arrivals, *scheduled);
  }
  std::vector<double> expected;
  for (const std::string& server : group.servers) {
    const Level* weight = seen.gauge("weight", MeasureScope::server, server);
    double sum = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      sum += arrivals[i] * ratio(weight->mean[i], weights[i]);
    }
    expected.push_back(sum);
  }
  return expected;
}

bool are_alike(const std::vector<double>& expected) {
  const auto [least, most] = std::minmax_element(expected.begin(), expected.end());
  return *most <= kUneven * *least;
}

bool follows(const Unevenness& group, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double chance = 4 * std::sqrt(std::max(1.0, expected[i]));
    const double off = std::abs(group.connections[i] - expected[i]);
    if (off > kFollows * group.all + chance) return false;
  }
  return true;
}

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
    for (const Unevenness& group : groups) {
      const auto expected = by_weight(run.seen, group);
      const std::string because = why_not(group, expected);
      if (because.empty()) {
        by_weights.push_back(group.group);
        finding.evidence.push_back(evidence_of(run, group, *expected));
      } else {
        others.push_back(group.group);
        why += (why.empty() ? "" : "; ") + because;
        unknown = unknown || !expected;
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
    finding.confidence = Confidence::certain;
    // Of failures and slow answers it explains nothing.
    const double share =
        static_cast<double>(by_weights.size()) / static_cast<double>(groups.size());
    finding.explains = run.harmed ? 0 : share;
    return finding;
  }

 private:
  // Why a group's weights do not make it uneven; empty: they do.
  static std::string why_not(const Unevenness& group,
                             const std::optional<std::vector<double>>& expected) {
    if (!expected) return fmt::format("the trace has no weights of group {}", group.group);
    if (are_alike(*expected)) return fmt::format("the weights of group {} are alike", group.group);
    if (follows(group, *expected)) return {};
    return fmt::format("shares do not follow the weights of group {}", group.group);
  }

  static Evidence evidence_of(const Case& run, const Unevenness& group,
                              const std::vector<double>& expected) {
    Evidence evidence;
    std::vector<std::string> shares;
    for (std::size_t i = 0; i < group.servers.size(); ++i) {
      const std::string& server = group.servers[i];
      const Level* weight = run.seen.gauge("weight", MeasureScope::server, server);
      if (i < 6) {
        shares.push_back(fmt::format("{} {} ({} by weight {:.4g})", server,
                                     percent_text(ratio(group.connections[i], group.all)),
                                     percent_text(ratio(expected[i], group.all)),
                                     weight->mean.back()));
      }
      evidence.measures.push_back(measure_text("scheduled", server));
    }
    evidence.text = fmt::format("{}", fmt::join(shares, ", "));
    if (group.servers.size() > shares.size()) evidence.text += ", …";
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
