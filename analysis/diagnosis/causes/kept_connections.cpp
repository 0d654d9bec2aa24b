// SCH-14, SCH-15d, GEN-07, DIAG-10: the balancer shares out connections. Where they are kept and
// some carry far more requests than others, requests are uneven while connections are even.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/symptoms.hpp"
#include "analysis/diagnosis/uneven_requests.hpp"

namespace elblab::diagnosis {
namespace {

class KeptConnections final : public Cause {
 public:
  CauseId id() const override { return CauseId::kept_connections; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    if (!run.seen.summed("served", MeasureScope::host)) {
      return not_observable(std::move(finding), "the trace does not count servers' requests");
    }
    const auto groups = unevenly_asked_groups(run);
    if (groups.empty()) {
      return ruled_out(std::move(finding), "connections carried like numbers of requests");
    }
    for (const UnevenRequests& group : groups) {
      finding.evidence.push_back(evidence_of(run, group));
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::certain;
    finding.explains = run.has_worse_than_unevenness()
                           ? 0
                           : static_cast<double>(groups.size()) / uneven_complaints(run);
    return finding;
  }

 private:
  static Evidence evidence_of(const Case& run, const UnevenRequests& group) {
    constexpr std::size_t kMost = 6;
    Evidence evidence;
    std::vector<std::string> each;
    for (std::size_t i = 0; i < group.servers.size(); ++i) {
      if (i < kMost) {
        each.push_back(fmt::format("{} {} on {}", group.servers[i], count_text(group.requests[i]),
                                   count_text(group.connections[i])));
      }
      evidence.measures.push_back(measure_text("served", host_of(group.servers[i])));
    }
    evidence.text = fmt::format("requests on connections: {}{}", fmt::join(each, ", "),
                                group.servers.size() > kMost ? ", …" : "");
    evidence.query =
        "SELECT measure, sum(value) FROM samples_view WHERE measure LIKE 'served(%' OR measure "
        "LIKE 'scheduled(%' GROUP BY measure";
    evidence.to = run.seen.grid().end(run.seen.grid().columns - 1);
    return evidence;
  }
};

}  // namespace

const Cause& kept_connections() {
  static const KeptConnections kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
