#include "analysis/reports/reported_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagnosis/expected.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::reports {
namespace {

std::optional<language::Scenario> scenario_of(const trace::RunMetadata& run) {
  const auto loaded = language::ScenarioFile::parse(run.effective_yaml, run.scenario);
  if (!loaded.file) return std::nullopt;
  return std::move(loaded.file->decode(run.run).scenario);
}

// The trace of the named run of the same scenario; the one of the same seed first.
const trace::Reader* find_reference(const std::vector<ReportedRun>& runs, const ReportedRun& of,
                                    const std::string& name) {
  const trace::Reader* found = nullptr;
  for (const ReportedRun& run : runs) {
    const auto& data = run.trace->metadata();
    if (data.scenario != of.trace->metadata().scenario || data.run != name) continue;
    if (data.seed == of.trace->metadata().seed) return run.trace;
    if (found == nullptr) found = run.trace;
  }
  return found;
}

void judge(const std::vector<ReportedRun>& runs, ReportedRun& run) {
  if (!run.scenario || !run.trace->complete()) return;
  for (const auto& expectation : run.scenario->expectations) {
    const trace::Reader* reference = nullptr;
    if (!expectation.relative_to.empty()) {
      reference = find_reference(runs, run, expectation.relative_to);
      if (reference == nullptr) {
        expectations::Verdict verdict;
        verdict.expectation = expectation;
        verdict.problem =
            fmt::format("needs the trace of run '{}' beside it", expectation.relative_to);
        verdict.expected_text = expectation.expected_text;
        run.verdicts.push_back(std::move(verdict));
        continue;
      }
    }
    run.verdicts.push_back(expectations::evaluate(expectation, *run.trace, reference));
  }
  for (const auto& expected : run.scenario->diagnoses) {
    run.verdicts.push_back(diagnosis::evaluate(expected, run.diagnosis));
  }
}

// As short as tells them apart: the run, then its seed and world, then the file.
std::string label_at(const ReportedRun& run, int detail) {
  const auto& data = run.trace->metadata();
  if (detail == 0) return data.run.empty() ? data.world : data.run;
  if (detail == 1) return fmt::format("{}, seed {}", label_at(run, 0), data.seed);
  if (detail == 2) return fmt::format("{}, {}", label_at(run, 1), data.world);
  if (detail == 3) return fmt::format("{} {}", data.scenario, label_at(run, 2));
  return run.path;
}

void name_runs(std::vector<ReportedRun>& runs) {
  for (int detail = 0; detail <= 4; ++detail) {
    for (auto& run : runs) run.label = label_at(run, detail);
    const bool different = std::all_of(runs.begin(), runs.end(), [&](const auto& run) {
      return std::count_if(runs.begin(), runs.end(),
                           [&](const auto& other) { return other.label == run.label; }) == 1;
    });
    if (different) return;
  }
  // The same file twice.
  for (std::size_t i = 0; i < runs.size(); ++i) runs[i].label += fmt::format(" ({})", i + 1);
}

}  // namespace

bool ReportedRun::judged() const { return !verdicts.empty(); }

bool ReportedRun::holds() const {
  return judged() &&
         std::all_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.holds; });
}

std::vector<ReportedRun> read_runs(const std::vector<ReportedTrace>& traces) {
  std::vector<ReportedRun> runs;
  for (const ReportedTrace& trace : traces) {
    ReportedRun run;
    run.path = trace.path;
    run.trace = trace.trace;
    run.scenario = scenario_of(trace.trace->metadata());
    run.diagnosis = diagnosis::diagnose(*trace.trace);
    run.occupancies = metrics::occupancies(*trace.trace);
    runs.push_back(std::move(run));
  }
  for (auto& run : runs) judge(runs, run);
  name_runs(runs);
  return runs;
}

}  // namespace elblab::reports
