// Makes the runs of a score and diagnoses each trace as soon as it is there.
#pragma once

#include <chrono>
#include <vector>

#include "analysis/scoring/score.hpp"
#include "cli/runs/run_supervisor.hpp"
#include "cli/scoring/score_plan.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

class ScoreSession final : public RunObserver {
 public:
  // All must outlive the session. keep: scenarios and traces stay in their folder; else a trace is
  // deleted when it was diagnosed.
  ScoreSession(const std::vector<ScoreCase>& cases, const RunPlan& plan, Terminal& progress,
               bool keep, bool quiet);

  void started(std::size_t job) override;
  void progressed(std::size_t job, const worlds::Progress& progress) override;
  void ended(std::size_t job, const JobOutcome& outcome) override;
  void ticked() override;

  // By case; those that an interrupt kept from ending are not among them.
  std::vector<scoring::ScoredRun> take_runs();
  double diagnosis_seconds() const { return diagnosis_seconds_; }

 private:
  void show(bool at_end);

  const std::vector<ScoreCase>& cases_;
  const RunPlan& plan_;
  Terminal& terminal_;
  bool keep_;
  bool quiet_;
  std::vector<scoring::ScoredRun> runs_;
  std::vector<bool> ended_;
  std::size_t done_ = 0;
  std::size_t missed_ = 0;
  double diagnosis_seconds_ = 0;
};

}  // namespace elblab::cli
