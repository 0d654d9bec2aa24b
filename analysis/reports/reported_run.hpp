// One trace of a report, with what is asked of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/expectations/evaluate.hpp"
#include "analysis/metrics/metrics.hpp"
#include "analysis/trace/reader.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::reports {

struct ReportedRun {
  std::string path;
  std::string label;  // "symptom", "symptom, seed 2": different within a report
  const trace::Reader* trace = nullptr;
  // As it was run, with every default, out of the trace; none when this program cannot read it.
  std::optional<language::Scenario> scenario;
  std::vector<expectations::Verdict> verdicts;
  diagnosis::Diagnosis diagnosis;
  std::vector<metrics::Occupancy> occupancies;  // the fullest first; asked for often

  bool holds() const;   // every expectation, at least one
  bool judged() const;  // there are expectations and the run came to its end
};

struct ReportedTrace {
  std::string path;
  const trace::Reader* trace = nullptr;
};

// Judges and diagnoses every trace. Expectations that are relative to another run are judged
// against the trace of that run, of the same seed where there is one, if it is among them.
std::vector<ReportedRun> read_runs(const std::vector<ReportedTrace>& traces);

}  // namespace elblab::reports
