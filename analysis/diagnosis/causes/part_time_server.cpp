// SCH-15b, LIFE-24, DIAG-10: a server that joined later, or was taken out for a while, got nothing
// meanwhile, and is not given more afterwards: what it missed stays missing.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/uneven_parts.hpp"

namespace elblab::diagnosis {
namespace {

// Below that share of the connections missed a server was there all the time, as far as shares go.
constexpr double kNoticed = 0.1;

class PartTimeServer final : public Cause {
 public:
  CauseId id() const override { return CauseId::part_time_server; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    const auto groups = uneven_groups(run.seen);
    if (groups.empty()) return ruled_out(std::move(finding), "servers got like shares");
    double explains = 0;
    bool follows = true;
    bool unknown = true;
    std::vector<std::string> away;
    for (const Unevenness& group : groups) {
      const auto parts = parts_of(run.seen, group);
      if (!parts) continue;
      unknown = false;
      if (!parts->service_differs) continue;
      for (std::size_t i = 0; i < group.servers.size(); ++i) {
        if (parts->away[i] < kNoticed || parts->away[i] >= 1) continue;
        away.push_back(group.servers[i]);
        finding.evidence.push_back(evidence_of(run, group, *parts, i));
      }
      explains += parts->part_of_service();
      follows = follows && parts->follows;
    }
    if (away.empty()) {
      return unknown ? not_observable(std::move(finding), "the trace has no weights")
                     : ruled_out(std::move(finding), "every server was in service alike");
    }
    finding.title = fmt::format("traffic uneven because {} {} in service for a part of the time",
                                list_text(away), away.size() == 1 ? "was" : "were");
    finding.standing = Standing::found;
    finding.confidence = follows ? Confidence::certain : Confidence::likely;
    finding.explains = run.harmed ? 0 : explains / uneven_complaints(run);
    return finding;
  }

 private:
  static Evidence evidence_of(const Case& run, const Unevenness& group, const UnevenParts& parts,
                              std::size_t server) {
    const std::string& name = group.servers[server];
    const Curve& weight = run.seen.gauge("weight", MeasureScope::server, name)->mean;
    const Span in_service = span_of(weight, run.seen.grid());
    Evidence evidence;
    evidence.from = in_service.from;
    evidence.to = in_service.to;
    const double got = group.connections[server];
    const double missed = parts.away[server] * group.all;
    evidence.text = fmt::format(
        "{} was in service from {} to {} and got {} of the {} connections that came meanwhile; {} "
        "came while it was not",
        name, time_text(in_service.from), time_text(in_service.to),
        percent_text(ratio(got, group.all - missed)), count_text(group.all - missed),
        count_text(missed));
    evidence.measures = {measure_text("weight", name), measure_text("scheduled", name)};
    evidence.query =
        fmt::format("SELECT at_s, value FROM samples_view WHERE measure = '{}' ORDER BY at_s",
                    measure_text("weight", name));
    return evidence;
  }
};

}  // namespace

const Cause& part_time_server() {
  static const PartTimeServer kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
