// SCH-15b, LIFE-24, DIAG-10: a server that joined later, or was taken out for a while or again and
// again, got nothing meanwhile, and is not given more afterwards: what it missed stays missing.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/uneven_parts.hpp"

namespace elblab::diagnosis {
namespace {

// Below that share of the connections missed a server was there all the time, as far as shares go.
constexpr double kNoticed = 0.1;

struct Absences {
  std::size_t count = 0;
  Span first;
};

// Stretches without weight.
Absences absences_of(const Curve& weight, const Grid& grid) {
  Absences absences;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (weight[i] > 0) continue;
    if (i == 0 || weight[i - 1] > 0) ++absences.count;
    if (absences.count > 1) continue;
    if (i == 0 || weight[i - 1] > 0) absences.first.from = grid.begin(i);
    absences.first.to = grid.end(i);
  }
  return absences;
}

class PartTimeServer final : public Cause {
 public:
  CauseId id() const override { return CauseId::part_time_server; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    const auto groups = uneven_groups(run.seen);
    if (groups.empty()) return ruled_out(std::move(finding), "servers got like shares");
    double explains = 0;
    bool sure = true;
    bool unknown = true;
    std::vector<std::string> away;
    std::vector<std::string> found_out;
    for (const Unevenness& group : groups) {
      const auto parts = parts_of(run.seen, group);
      if (!parts) continue;
      unknown = false;
      if (!parts->service_differs) continue;
      for (std::size_t i = 0; i < group.servers.size(); ++i) {
        if (parts->away[i] < kNoticed || parts->away[i] >= 1) continue;
        if (was_found_unhealthy(run, group.servers[i])) {
          found_out.push_back(group.servers[i]);
          continue;
        }
        away.push_back(group.servers[i]);
        finding.evidence.push_back(evidence_of(run, group, *parts, i));
      }
      explains += parts->part_of_service();
      sure = sure && (parts->follows || parts->is_of_addresses);
    }
    if (away.empty() && !found_out.empty()) {
      return ruled_out(std::move(finding),
                       fmt::format("the health check took {} out, which is no cause of its own",
                                   list_text(found_out)));
    }
    if (away.empty()) {
      return unknown ? not_observable(std::move(finding), "the trace has no weights")
                     : ruled_out(std::move(finding), "every server was in service alike");
    }
    finding.title = fmt::format("traffic uneven because {} {} in service for a part of the time",
                                list_text(away), away.size() == 1 ? "was" : "were");
    finding.standing = Standing::found;
    finding.confidence = sure ? Confidence::certain : Confidence::likely;
    finding.explains = run.has_worse_than_unevenness() ? 0 : explains / uneven_complaints(run);
    return finding;
  }

 private:
  // All that kept it away was a health check that found it unhealthy: why it did is the cause, and
  // the shares follow from it. One that goes back and forth is told nevertheless: who looks at
  // shares alone sees no reason (IMB-04).
  static bool was_found_unhealthy(const Case& run, const std::string& name) {
    const CheckedServer* server = run.where.health.server(name);
    if (server == nullptr || is_flapping(*server)) return false;
    const Curve out = run.where.health.away(name);
    const Level* weight = run.seen.gauge("weight", MeasureScope::server, name);
    if (out.empty() || weight == nullptr) return false;
    double absent = 0;
    double by_check = 0;
    const Curve around = trailing(out, 1);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (weight->mean[i] > 0) continue;
      ++absent;
      by_check += around[i] > 0 ? 1 : 0;
    }
    return absent > 0 && by_check >= (1 - kNoticed) * absent;
  }

  static Evidence evidence_of(const Case& run, const Unevenness& group, const UnevenParts& parts,
                              std::size_t server) {
    const std::string& name = group.servers[server];
    const Curve& weight = run.seen.gauge("weight", MeasureScope::server, name)->mean;
    const Absences absences = absences_of(weight, run.seen.grid());
    const double missed = parts.away[server] * group.all;
    Evidence evidence;
    evidence.from = absences.first.from;
    evidence.to = absences.first.to;
    evidence.text = fmt::format(
        "{} was out of service {}{} to {}: {} of {} connections came meanwhile; of the others it "
        "got {}",
        name, absences.count == 1 ? "from " : fmt::format("{} times, first from ", absences.count),
        time_text(absences.first.from), time_text(absences.first.to), count_text(missed),
        count_text(group.all), percent_text(ratio(group.connections[server], group.all - missed)));
    const CheckedServer* checked = run.where.health.server(name);
    if (checked != nullptr && is_flapping(*checked)) {
      evidence.text += "; it was its health check that took it out, again and again";
    }
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
