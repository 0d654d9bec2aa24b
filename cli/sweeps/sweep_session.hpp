// Makes the runs of a sweep that its table lacks, and writes a row for each as soon as it has
// ended.
//
// Runs are made some hundred at a time: a decoded scenario for every cell of a large grid would not
// fit into memory. A run that fails leaves no row, so that the next start tries it again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/runs/run_supervisor.hpp"
#include "cli/sweeps/sweep.hpp"
#include "cli/sweeps/sweep_file.hpp"
#include "cli/sweeps/sweep_progress.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

struct SweepSessionOptions {
  unsigned jobs = 1;
  std::filesystem::path folder;  // for traces
  bool keep_traces = false;      // else each is removed once it was measured
  bool quiet = false;
};

class SweepSession final : public RunObserver {
 public:
  // All must outlive the session.
  SweepSession(const Sweep& sweep, SweepFile& file, const SweepSessionOptions& options,
               Terminal& err);

  // holds: every row is there. What went wrong is said on `err`.
  ExitCode run();

  void started(std::size_t job) override;
  void progressed(std::size_t job, const worlds::Progress& progress) override;
  void ended(std::size_t job, const JobOutcome& outcome) override;
  void ticked() override;
  bool has_given_up() const override { return problem_.has_value(); }

 private:
  std::vector<SweepRun> runs_to_make() const;
  bool make_runs(const std::vector<SweepRun>& runs);
  void take_row(const SweepRun& run, const JobOutcome& outcome, const std::filesystem::path& trace);
  void complain(const SweepRun& run, const std::string& text);
  ExitCode incomplete(bool interrupted);

  const Sweep& sweep_;
  SweepFile& file_;
  SweepSessionOptions options_;
  Terminal& err_;
  SweepProgress progress_;
  // Those under way: what the jobs of the plan stand for.
  std::vector<SweepRun> runs_;
  RunPlan plan_;
  std::size_t failed_ = 0;
  std::optional<Error> problem_;  // the table cannot be written: nothing more is worth while
};

}  // namespace elblab::cli
