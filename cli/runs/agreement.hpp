// Whether simulation and reality agree: every live run of a plan beside the simulated run of the
// same scenario, run and seed.
//
// A kernel's runs differ from each other by what else the machine does. So a difference that one
// live run shows is settled by two of three, the others made with the machine nearly to themselves.
#pragma once

#include <cstddef>
#include <functional>
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
  bool interrupted = false;                          // that is why
  std::optional<comparison::Comparison> comparison;  // with the last live run
  unsigned live_runs = 1;                            // that were compared
  unsigned agreeing = 0;                             // of those
  // What each live run that differed was beyond its bounds in, also where the others outvoted it.
  std::vector<std::string> differences;
  // Open while there is a comparison, to draw curves.
  std::unique_ptr<trace::Reader> simulated_trace;
  std::unique_ptr<trace::Reader> live_trace;

  ExitCode code() const;
  bool differs() const { return code() == ExitCode::expectation_failed; }
};

// One pair per live job, in the plan's order. outcomes: one per job of the plan. tolerance: instead
// of the scenario's own.
std::vector<AgreementPair> compare_worlds(const RunPlan& plan,
                                          const std::vector<JobOutcome>& outcomes,
                                          std::optional<double> tolerance);

// Jobs of the plan, made anew; one outcome per job of the plan.
using RunAgain = std::function<std::vector<JobOutcome>(const std::vector<std::size_t>& jobs)>;

// Has live runs that differ made again, once, and a second time where the two say different things:
// what two of three say is the pair's verdict, and its comparison is with one that says it.
void settle_differences(const RunPlan& plan, std::vector<JobOutcome>& outcomes,
                        std::optional<double> tolerance, const RunAgain& run_again,
                        std::vector<AgreementPair>& pairs);

}  // namespace elblab::cli
