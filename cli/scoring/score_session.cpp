#include "cli/scoring/score_session.hpp"

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <system_error>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/trace/reader.hpp"
#include "cli/printing/progress_display.hpp"
#include "cli/traces/output_file.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

void diagnose(const fs::path& trace, scoring::ScoredRun& run) {
  const auto reader = trace::Reader::open(trace);
  if (!reader) {
    run.problem = reader.error().message;
    return;
  }
  const diagnosis::Diagnosis diagnosis = diagnosis::diagnose(**reader);
  for (const auto& finding : diagnosis.found) run.found.push_back(finding.cause);
  run.nothing_wrong = diagnosis.nothing_wrong();
  if (const auto problem = (*reader)->problem()) run.problem = problem->message;
}

}  // namespace

ScoreSession::ScoreSession(const std::vector<ScoreCase>& cases, const RunPlan& plan,
                           Terminal& progress, bool keep, bool quiet)
    : cases_(cases),
      plan_(plan),
      terminal_(progress),
      keep_(keep),
      quiet_(quiet),
      runs_(cases.size()),
      ended_(cases.size(), false) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    runs_[i].seed = cases[i].seed;
    for (const auto cause : cases[i].causes) {
      runs_[i].hidden.emplace_back(language::known_cause(cause).name);
    }
  }
}

void ScoreSession::started(std::size_t) {}

void ScoreSession::progressed(std::size_t, const worlds::Progress&) {}

void ScoreSession::ended(std::size_t job, const JobOutcome& outcome) {
  const fs::path& trace = plan_.jobs[job].trace;
  scoring::ScoredRun& run = runs_[job];
  if (outcome.state == JobOutcome::State::finished) {
    const auto begin = Clock::now();
    run.problem = outcome.problem;
    if (run.problem.empty()) diagnose(trace, run);
    diagnosis_seconds_ += std::chrono::duration<double>(Clock::now() - begin).count();
  } else if (outcome.state == JobOutcome::State::could_not_run ||
             outcome.state == JobOutcome::State::crashed) {
    run.problem = outcome.problem;
  } else {
    return;
  }
  if (keep_) {
    const PlannedScenario& scenario = plan_.scenarios[job];
    OutputFile kept(scenario.file->file());
    kept.write(scenario.runs.front().source_text.str());
    if (auto written = kept.close(); !written) run.problem = written.error().message;
  } else {
    std::error_code ignored;
    fs::remove(trace, ignored);
  }
  ended_[job] = true;
  ++done_;
  if (!run.is_hit()) ++missed_;
  show(done_ == cases_.size());
}

void ScoreSession::ticked() {}

void ScoreSession::show(bool at_end) {
  constexpr std::size_t kBarColumns = 30;
  constexpr std::size_t kEvery = 50;
  if (quiet_) return;
  const std::string line = fmt::format("{} of {} runs, {} diagnosed otherwise than hidden", done_,
                                       cases_.size(), missed_);
  if (terminal_.is_interactive()) {
    const std::string drawn =
        fmt::format("{} {}", bar(double(done_) / double(cases_.size()), kBarColumns), line);
    terminal_.draw_over(0, at_end ? std::string() : drawn);
    terminal_.flush();
  } else if (done_ % kEvery == 0 || at_end) {
    terminal_.write(line + "\n");
  }
}

std::vector<scoring::ScoredRun> ScoreSession::take_runs() {
  std::vector<scoring::ScoredRun> made;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (ended_[i]) made.push_back(std::move(runs_[i]));
  }
  return made;
}

}  // namespace elblab::cli
