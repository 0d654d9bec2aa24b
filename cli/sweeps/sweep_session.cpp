#include "cli/sweeps/sweep_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "analysis/trace/reader.hpp"
#include "cli/signals/stop_signals.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kRunsAtOnce = 512;  // planned, not under way
constexpr std::size_t kMostComplaints = 10;

}  // namespace

SweepSession::SweepSession(const Sweep& sweep, SweepFile& file, const SweepSessionOptions& options,
                           Terminal& err)
    : sweep_(sweep),
      file_(file),
      options_(options),
      err_(err),
      progress_(sweep.size(), file.table().size(), err, options.quiet) {}

ExitCode SweepSession::run() {
  const StopSignals signals;  // between two supervisors nobody else would hear of them
  const auto all = runs_to_make();
  bool interrupted = false;
  for (std::size_t from = 0; from < all.size() && !problem_ && !interrupted; from += kRunsAtOnce) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(kRunsAtOnce, all.size() - from);
    interrupted = !make_runs({begin, begin + static_cast<std::ptrdiff_t>(count)});
    interrupted = interrupted || StopSignals::came();
  }
  progress_.clear();
  if (problem_) {
    err_.write(problem_->message + "\n");
    return ExitCode::could_not_run;
  }
  if (!file_.table().is_whole()) return incomplete(interrupted);
  if (const auto finished = file_.finish(); !finished) {
    err_.write(finished.error().message + "\n");
    return ExitCode::could_not_run;
  }
  return ExitCode::holds;
}

ExitCode SweepSession::incomplete(bool interrupted) {
  const SweepTable& table = file_.table();
  if (failed_ > kMostComplaints) {
    err_.write(fmt::format("… and {} runs more that failed\n", failed_ - kMostComplaints));
  }
  err_.write(fmt::format("{}: {} of {} runs are in {}; the same command goes on from there\n",
                         interrupted ? "stopped" : "incomplete", table.size(), sweep_.size(),
                         file_.path().string()));
  return interrupted ? ExitCode::interrupted : ExitCode::could_not_run;
}

std::vector<SweepRun> SweepSession::runs_to_make() const {
  std::vector<SweepRun> runs;
  for (std::size_t cell = 0; cell < sweep_.grid().size(); ++cell) {
    for (const std::uint64_t seed : sweep_.seeds()) {
      if (!file_.table().has(cell, seed)) runs.push_back({cell, seed});
    }
  }
  return runs;
}

// false: interrupted
bool SweepSession::make_runs(const std::vector<SweepRun>& runs) {
  runs_ = runs;
  plan_ = sweep_.plan(runs, options_.folder);
  RunSupervisor supervisor(plan_, {options_.jobs, 1}, *this);
  supervisor.run();
  return !supervisor.was_interrupted();
}

void SweepSession::started(std::size_t) {}
void SweepSession::progressed(std::size_t, const worlds::Progress&) {}
void SweepSession::ticked() { progress_.redraw(); }

void SweepSession::ended(std::size_t job, const JobOutcome& outcome) {
  const std::filesystem::path& trace = plan_.jobs[job].trace;
  take_row(runs_[job], outcome, trace);
  if (options_.keep_traces) return;
  std::error_code ignored;
  std::filesystem::remove(trace, ignored);
}

void SweepSession::take_row(const SweepRun& run, const JobOutcome& outcome,
                            const std::filesystem::path& trace) {
  using State = JobOutcome::State;
  if (outcome.state == State::stopped || outcome.state == State::not_started || problem_) return;
  if (!outcome.problem.empty()) return complain(run, outcome.problem);
  const auto reader = trace::Reader::open(trace);
  if (!reader) return complain(run, reader.error().message);
  SweepRow row{run.cell, run.seed, {}};
  for (const Figure& figure : sweep_.figures()) row.values.push_back(value_of(figure, **reader));
  if (const auto problem = (*reader)->problem()) return complain(run, problem->message);
  if (auto added = file_.add(row); !added) {
    problem_ = added.error();
    return;
  }
  progress_.ended();
}

void SweepSession::complain(const SweepRun& run, const std::string& text) {
  if (++failed_ > kMostComplaints) return;
  progress_.clear();
  err_.write(fmt::format("cell {}, {}, seed {}: {}\n", run.cell + 1,
                         sweep_.grid().name_of(run.cell), run.seed, text));
}

}  // namespace elblab::cli
