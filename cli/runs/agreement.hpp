// Whether simulation and reality agree: every live run of a plan beside the simulated run of the
// same scenario, run and seed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/comparison/compare.hpp"
#include "cli/exit_code.hpp"
#include "cli/runs/child_process.hpp"
#include "cli/runs/run_plan.hpp"

namespace elblab::cli {

// simulated, live: indices of the plan's jobs.
struct AgreementPair {
  std::size_t simulated = 0;
  std::size_t live = 0;
  comparison::Bounds bounds;
  // Why there is nothing to compare, or what is wrong with a run that came to its end; else empty.
  std::string problem;
  bool interrupted = false;  // that is why
  std::optional<comparison::Comparison> comparison;
  // Open while there is a comparison, to draw curves.
  std::unique_ptr<trace::Reader> simulated_trace;
  std::unique_ptr<trace::Reader> live_trace;

  ExitCode code() const;
};

// One pair per live job, in the plan's order. outcomes: one per job of the plan. tolerance: instead
// of the scenario's own.
std::vector<AgreementPair> compare_worlds(const RunPlan& plan,
                                          const std::vector<JobOutcome>& outcomes,
                                          std::optional<double> tolerance);

}  // namespace elblab::cli
