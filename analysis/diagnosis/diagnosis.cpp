#include "analysis/diagnosis/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagnosis/balance.hpp"
#include "analysis/diagnosis/blame.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/symptoms.hpp"

namespace elblab::diagnosis {
namespace {

bool is_harm(const Symptom& symptom) {
  return symptom.name == "failed_requests" || symptom.name == "slow_answers";
}

bool has(const Diagnosis& diagnosis, std::string_view symptom) {
  return std::any_of(diagnosis.symptoms.begin(), diagnosis.symptoms.end(),
                     [&](const Symptom& one) { return one.name == symptom; });
}

std::vector<Granted> grant(const Case& run) {
  std::vector<Claims> claims;
  for (const Cause* cause : causes()) claims.push_back(cause->claims(run));
  std::vector<Granted> granted = divide(run, claims, answers_are_slow(run.load));
  if (!run.harmed) {
    for (Granted& one : granted) one.material = false;
  }
  return granted;
}

Finding finding_of(const Cause& cause, const Case& run, const Granted& granted) {
  const language::KnownCause& known = language::known_cause(cause.id());
  Finding finding;
  finding.cause = known.name;
  finding.title = known.title;
  finding.facts.assign(known.facts.begin(), known.facts.end());
  finding.remedies.assign(known.remedies.begin(), known.remedies.end());
  finding = cause.finding(run, granted, std::move(finding));
  if (finding.standing == Standing::found) return finding;
  finding.title = known.subject;
  finding.facts.clear();
  finding.remedies.clear();
  return finding;
}

double unexplained_by(const Case& run, const std::vector<Granted>& granted) {
  if (!run.harmed) return 0;
  double explained = 0;
  for (const Granted& one : granted) explained += one.material ? one.share : 0;
  return std::max(0.0, 1 - explained);
}

void sort_into(Diagnosis& diagnosis, Finding finding) {
  switch (finding.standing) {
    case Standing::found:
      diagnosis.found.push_back(std::move(finding));
      break;
    case Standing::ruled_out:
      diagnosis.ruled_out.push_back(std::move(finding));
      break;
    case Standing::not_observable:
      diagnosis.not_observable.push_back(std::move(finding));
      break;
  }
}

// What stands out where no cause was found.
std::string hint(const Case& run) {
  const Failures& failures = run.load.failures;
  if (run.load.sessions && !run.load.sessions->both_directions) {
    return ": the capture holds only one direction, so that no answer can be seen";
  }
  const auto stands_out = [&](const Curve& kind) {
    return total(kind) >= 1 && total(kind) >= failures.total() / 2;
  };
  if (run.load.sessions && stands_out(failures.broken)) {
    return ": connections were established and ended before an answer; look at the servers, at "
           "their CPU and accept queues (BW-05, BW-08)";
  }
  if (stands_out(failures.rejected)) {
    return fmt::format(": {} connects were refused by RST, by nobody that is seen",
                       count_text(total(failures.rejected)));
  }
  const double held = total(run.where.in_accept_queues) + total(run.where.at_busy_cpus);
  const double slow = total(run.load.slow);
  if (run.seen.has_hosts() && slow > failures.total() && held == 0 && run.where.lost == 0) {
    return ": no sample shows a queue that held requests up, and no packet is missing; servers may "
           "take that long to answer, or the way to them";
  }
  return {};
}

// Of failures and slow answers.
std::string unexplained_text(const Diagnosis& diagnosis) {
  const bool failed = has(diagnosis, "failed_requests");
  const bool slow = has(diagnosis, "slow_answers");
  const std::string_view what = failed && slow ? "what went wrong"
                                : failed       ? "the failed requests"
                                               : "the slow answers";
  if (diagnosis.unexplained > 0.95) return fmt::format("no known cause explains {}", what);
  return fmt::format("{} of what went wrong is not explained", percent_text(diagnosis.unexplained));
}

std::string verdict_of(const Case& run, const Diagnosis& diagnosis) {
  const bool likely =
      std::any_of(diagnosis.found.begin(), diagnosis.found.end(),
                  [](const Finding& f) { return f.confidence != Confidence::possible; });
  if (diagnosis.nothing_wrong()) return "nothing wrong";
  if (diagnosis.symptoms.empty()) {
    return "nothing failed, but not far from it: " + diagnosis.found.front().title;
  }
  if (!likely) return "no known cause explains it" + hint(run);
  std::vector<std::string> titles;
  for (const Finding& finding : diagnosis.found) titles.push_back(finding.title);
  std::string what = fmt::format("{}", fmt::join(titles, "; "));
  const double sessions = ratio(run.users.of(SwitchCause::other).count, run.users.lost());
  if (sessions > Diagnosis::kChance) {
    what += fmt::format("; {} of the lost sessions are not explained", percent_text(sessions));
  }
  if (diagnosis.unexplained <= Diagnosis::kChance) return what;
  return fmt::format("{}; {}{}", what, unexplained_text(diagnosis), hint(run));
}

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::found:
      return "found";
    case Standing::ruled_out:
      return "ruled_out";
    case Standing::not_observable:
      return "not_observable";
  }
  return {};
}

std::string_view to_string(Confidence confidence) {
  switch (confidence) {
    case Confidence::possible:
      return "possible";
    case Confidence::likely:
      return "likely";
    case Confidence::certain:
      return "certain";
  }
  return {};
}

std::string_view Diagnosis::complaint() const {
  if (std::any_of(symptoms.begin(), symptoms.end(), is_harm)) return "what went wrong";
  if (has(*this, "lost_sessions")) return "the lost sessions";
  const bool uneven = has(*this, "uneven_traffic") || has(*this, "uneven_requests");
  return uneven ? "the unevenness" : "what the checks show";
}

Diagnosis diagnose(const trace::Reader& trace) {
  const Observations seen(trace);
  const SessionBook sessions = read_sessions(seen);
  const QuicBook quic = read_quic(seen);
  const Load load = observe_load(seen, sessions, quic);
  const Whereabouts where = locate(seen, load, sessions);
  const UserBook users = read_users(seen);
  Case run{seen, load, where, sessions, users, quic};
  Diagnosis diagnosis;
  diagnosis.symptoms = find_symptoms(run);
  diagnosis.balanced = balanced_groups(run);
  run.harmed = std::any_of(diagnosis.symptoms.begin(), diagnosis.symptoms.end(), is_harm);
  run.sessions_lost = sessions_are_lost(run.users);
  const std::vector<Granted> granted = grant(run);
  run.unexplained = unexplained_by(run, granted);
  for (std::size_t i = 0; i < granted.size(); ++i) {
    if (causes()[i]->applies(run)) {
      sort_into(diagnosis, finding_of(*causes()[i], run, granted[i]));
    }
  }
  if (run.harmed) {
    double explained = 0;
    for (const Finding& finding : diagnosis.found) explained += finding.explains;
    diagnosis.unexplained = std::max(0.0, 1 - explained);
  }
  std::stable_sort(diagnosis.found.begin(), diagnosis.found.end(),
                   [](const Finding& a, const Finding& b) { return a.explains > b.explains; });
  diagnosis.verdict = verdict_of(run, diagnosis);
  return diagnosis;
}

}  // namespace elblab::diagnosis
