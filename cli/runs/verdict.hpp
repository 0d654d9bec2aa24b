// The verdict on one scenario: every expectation of every run, over all its seeds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/expectations/evaluate.hpp"
#include "analysis/reports/document.hpp"
#include "cli/exit_code.hpp"
#include "cli/runs/child_process.hpp"
#include "cli/runs/run_plan.hpp"

namespace elblab::cli {

// One expectation on the trace of one seed.
struct SeedVerdict {
  std::uint64_t seed = 0;
  expectations::Verdict verdict;
};

// One expectation over the seeds that ran; it holds when it holds for each of them.
struct ExpectationVerdict {
  std::vector<SeedVerdict> seeds;
  std::string curve;  // of the worst seed

  bool holds() const;
  // The seed that fails, or comes nearest to failing.
  const SeedVerdict& worst() const;
};

// A measure that the scenario wants drawn without judging it; of the first seed.
struct DrawnMeasure {
  std::string label;
  std::string curve;
  std::string value;  // the peak of a gauge, the mean rate of a counter
};

struct RunVerdict {
  std::string run;
  std::string title;
  std::vector<std::size_t> jobs;  // main passes, seed by seed
  std::vector<ExpectationVerdict> expectations;
  std::vector<DrawnMeasure> drawn;
  // Of the first seed that ran, as it is told; empty: none was asked for, or none ran.
  std::vector<reports::Block> diagnosis;
};

// Something that is wrong with the measurement, not with the load balancer.
struct Problem {
  std::size_t job = 0;
  std::string text;
  ExitCode code = ExitCode::could_not_run;
};

struct ScenarioVerdict {
  std::size_t scenario = 0;
  std::vector<RunVerdict> runs;
  std::vector<Problem> problems;
  std::size_t compared = 0;  // pairs of traces found equal, for --check-determinism
  std::string why;           // placeholders filled
  std::string remedy;

  std::size_t expectation_count() const;
  std::size_t failed_count() const;
  ExitCode code() const;
};

struct JudgeOptions {
  std::size_t curve_columns = 0;  // 0: no curves
  bool diagnose = true;           // say why requests failed, whatever is expected
};

// Judges the finished jobs of one scenario. outcomes: one per job of the plan.
// Traces written only for comparison are deleted when they are equal.
ScenarioVerdict judge(const RunPlan& plan, const std::vector<JobOutcome>& outcomes,
                      std::size_t scenario, const JudgeOptions& options);

}  // namespace elblab::cli
