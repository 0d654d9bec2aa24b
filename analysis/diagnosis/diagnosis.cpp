#include "analysis/diagnosis/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagnosis/blame.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/symptoms.hpp"

namespace elblab::diagnosis {
namespace {

bool is_harm(const Symptom& symptom) { return symptom.name != "uneven_traffic"; }

std::vector<Granted> grant(const Case& run) {
  std::vector<Claims> claims;
  for (const Cause* cause : causes()) claims.push_back(cause->claims(run));
  std::vector<Granted> granted = divide(run, claims, answers_are_slow(run.load));
  if (!run.harmed) {
    for (Granted& one : granted) one.material = false;
  }
  return granted;
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
  if (run.load.sessions && total(failures.broken) >= failures.total() / 2) {
    return ": connections were established and ended before an answer; look at the servers, at "
           "their CPU and accept queues (BW-05, BW-08)";
  }
  if (!run.where.silent.empty()) {
    const auto& [server, when] = *run.where.silent.begin();
    return fmt::format(
        ": {} got connections and received nothing from {} on; is it up, and is the "
        "way to it open (DIAG-02)?",
        server, time_text(span_of(when, run.seen.grid()).from));
  }
  if (total(failures.rejected) >= failures.total() / 2) {
    return fmt::format(
        ": {} connects were refused by RST; does every server listen on its port "
        "(DIAG-02)?",
        count_text(total(failures.rejected)));
  }
  return {};
}

std::string verdict_of(const Case& run, const Diagnosis& diagnosis) {
  const bool likely =
      std::any_of(diagnosis.found.begin(), diagnosis.found.end(),
                  [](const Finding& f) { return f.confidence != Confidence::possible; });
  if (diagnosis.nothing_wrong()) return "nothing wrong";
  if (diagnosis.symptoms.empty()) {
    return "nothing failed, but not far from it: " + diagnosis.found.front().title;
  }
  if (!likely || diagnosis.unexplained > 0.95) return "no known cause explains it" + hint(run);
  std::vector<std::string> titles;
  for (const Finding& finding : diagnosis.found) titles.push_back(finding.title);
  std::string what = fmt::format("{}", fmt::join(titles, "; "));
  if (diagnosis.unexplained <= Diagnosis::kChance) return what;
  return fmt::format("{}; {} of what went wrong is not explained{}", what,
                     percent_text(diagnosis.unexplained), hint(run));
}

}  // namespace

Diagnosis diagnose(const trace::Reader& trace) {
  const Observations seen(trace);
  const Load load = observe_load(seen);
  const Whereabouts where = locate(seen, load);
  Case run{seen, load, where};
  Diagnosis diagnosis;
  diagnosis.symptoms = find_symptoms(run);
  run.harmed = std::any_of(diagnosis.symptoms.begin(), diagnosis.symptoms.end(), is_harm);
  const std::vector<Granted> granted = grant(run);
  for (std::size_t i = 0; i < granted.size(); ++i) {
    Finding finding = causes()[i]->finding(run, granted[i]);
    if (finding.standing != Standing::found) finding.title = causes()[i]->subject();
    sort_into(diagnosis, std::move(finding));
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
