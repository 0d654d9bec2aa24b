#include "analysis/diagnosis/causes/lost_sessions.hpp"

#include <fmt/format.h>

#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/symptoms.hpp"

namespace elblab::diagnosis {
namespace {

constexpr std::string_view kCauseNames[]{"stickiness_off", "bound_server_out", "address_change",
                                         "stickiness_over"};

// Of hosts, those that met most strangers.
std::vector<std::string> curves_of(const Observations& seen) {
  std::vector<std::string> measures;
  for (const std::string& workload : seen.objects(MeasureScope::workload)) {
    const Curve* lost = seen.counter("sessions_lost", MeasureScope::user_workload, workload);
    if (lost != nullptr && total(*lost) > 0) {
      measures.push_back(measure_text("sessions_lost", workload));
    }
  }
  return measures;
}

}  // namespace

bool loses_sessions(const Case& run, SwitchCause cause) {
  const double lost = run.users.lost();
  return run.sessions_lost && run.users.of(cause).count >= kLeastOfLost * lost &&
         run.users.of(cause).count >= 1;
}

Finding no_sessions_lost(const Case& run, Finding finding, SwitchCause cause,
                         const std::string& untouched) {
  if (run.load.sessions) {
    return not_observable(std::move(finding), "a capture does not tell users");
  }
  if (!run.users.has_users()) return ruled_out(std::move(finding), "no user has a session");
  if (run.users.lost() == 0) return ruled_out(std::move(finding), "no session was lost");
  const double count = run.users.of(cause).count;
  if (count == 0) return ruled_out(std::move(finding), untouched);
  return ruled_out(std::move(finding),
                   fmt::format("{} of {} lost sessions, too few", count_text(count),
                               count_text(run.users.lost())));
}

Finding sessions_lost(const Case& run, Finding finding, SwitchCause cause, const std::string& how) {
  const LostSessions& lost = run.users.of(cause);
  finding.standing = Standing::found;
  finding.confidence = Confidence::certain;
  finding.explains = run.harmed ? 0 : ratio(lost.count, run.users.lost());
  const Span span = span_of(lost.when, run.seen.grid());
  Evidence evidence;
  evidence.text = fmt::format("{} of {} lost sessions, of {} user{}, the first at {}: {}",
                              count_text(lost.count), count_text(run.users.lost()),
                              count_text(static_cast<double>(lost.users.size())),
                              lost.users.size() == 1 ? "" : "s", time_text(span.from), how);
  evidence.query = fmt::format("SELECT lost, users, switch FROM switch_causes WHERE cause = '{}'",
                               kCauseNames[static_cast<std::size_t>(cause)]);
  evidence.measures = curves_of(run.seen);
  evidence.from = span.from;
  evidence.to = span.to;
  finding.evidence.push_back(std::move(evidence));
  return finding;
}

}  // namespace elblab::diagnosis
