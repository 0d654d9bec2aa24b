#include "cli/printing/progress_display.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/expectations/text.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kProgressBarColumns = 20;
constexpr std::size_t kMostBars = 12;  // or they would scroll out of a small terminal
constexpr std::chrono::seconds kLineInterval{10};

using expectations::count_text;
using expectations::number_text;

double share_done(const worlds::Progress& progress) {
  if (progress.duration.count() <= 0) return 0;
  return std::clamp(to_seconds(progress.simulated) / to_seconds(progress.duration), 0.0, 1.0);
}

std::string speed_of(const worlds::Progress& progress) {
  if (progress.wall_seconds <= 0) return "–";
  return number_text(std::round(to_seconds(progress.simulated) / progress.wall_seconds)) + "×";
}

std::string counts_of(const worlds::Progress& progress) {
  std::string text = count_text(progress.connections) + " connections";
  if (progress.refused > 0)
    text += fmt::format(", {} refused locally", count_text(progress.refused));
  return text;
}

// A live run takes the time it takes; of a simulation the speed says more.
std::string pace_of(const worlds::Progress& progress, World world) {
  if (world == World::simulation) return speed_of(progress);
  const double left = to_seconds(progress.duration) - to_seconds(progress.simulated);
  return number_text(std::ceil(std::max(left, 0.0))) + " s left";
}

std::string state_of(const worlds::Progress& progress, World world) {
  return fmt::format("{} of {} s  {}  {}", number_text(std::floor(to_seconds(progress.simulated))),
                     number_text(to_seconds(progress.duration)), pace_of(progress, world),
                     counts_of(progress));
}

}  // namespace

std::string bar(double share, std::size_t columns) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(columns) + 1e-9);
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) text += i < filled ? "█" : "░";
  return text;
}

std::string summary_of(const worlds::Progress& end, World world) {
  if (world == World::live) {
    return fmt::format("{} s live   {}", number_text(to_seconds(end.simulated)), counts_of(end));
  }
  return fmt::format("{} s simulated in {} ({})   {}", number_text(to_seconds(end.simulated)),
                     wall_time_text(end.wall_seconds), speed_of(end), counts_of(end));
}

ProgressDisplay::ProgressDisplay(const RunPlan& plan, Terminal& terminal, bool quiet)
    : plan_(plan), terminal_(terminal), quiet_(quiet) {
  for (const auto& job : plan.jobs) {
    title_columns_ = std::max(title_columns_, columns_of(plan.title_of(job)));
  }
}

ProgressDisplay::~ProgressDisplay() { clear(); }

void ProgressDisplay::started(std::size_t job) {
  Running& entry = running_[job];
  entry.progress.duration = plan_.scenario_of(plan_.jobs[job]).duration;
  entry.next_line = Clock::now() + kLineInterval;
  say(job, "started");
}

void ProgressDisplay::progressed(std::size_t job, const worlds::Progress& progress) {
  Running& entry = running_[job];
  entry.progress = progress;
  if (Clock::now() < entry.next_line) return;
  entry.next_line = Clock::now() + kLineInterval;
  say(job, state_of(progress, plan_.jobs[job].world));
}

void ProgressDisplay::ended(std::size_t job, const JobOutcome& outcome) {
  running_.erase(job);
  ++ended_;
  switch (outcome.state) {
    case JobOutcome::State::finished:
      say(job, summary_of(outcome.result.end, plan_.jobs[job].world));
      break;
    case JobOutcome::State::stopped:
      say(job, "stopped");
      break;
    case JobOutcome::State::could_not_run:
      say(job, "could not run");
      break;
    case JobOutcome::State::crashed:
      say(job, "crashed");
      break;
    case JobOutcome::State::not_started:
      break;
  }
}

void ProgressDisplay::repeats(std::size_t job, const JobOutcome& outcome) {
  running_.erase(job);
  say(job, fmt::format("once more: came {:.1f} s late on this busy machine",
                       to_seconds(outcome.result.longest_delay)));
}

void ProgressDisplay::differs(std::size_t job, const std::string& in) {
  --ended_;
  say(job, fmt::format("differs{}: once more", in.empty() ? "" : " in " + in));
}

void ProgressDisplay::say(std::size_t job, const std::string& text) {
  if (quiet_ || terminal_.is_interactive()) return;
  terminal_.write(
      fmt::format("{}  {}\n", padded(plan_.title_of(plan_.jobs[job]), title_columns_), text));
  terminal_.flush();
}

std::string ProgressDisplay::bar_line(std::size_t job, const worlds::Progress& progress) const {
  return fmt::format("{}  {} {}", padded(plan_.title_of(plan_.jobs[job]), title_columns_),
                     bar(share_done(progress), kProgressBarColumns),
                     state_of(progress, plan_.jobs[job].world));
}

void ProgressDisplay::redraw() {
  if (quiet_ || !terminal_.is_interactive()) return;
  std::string text;
  const std::size_t drawn = std::exchange(lines_drawn_, 0);
  const std::size_t width = terminal_.width() - 1;  // a full last column would wrap
  for (const auto& [job, entry] : running_) {
    if (lines_drawn_ == kMostBars) break;
    text += fitted(bar_line(job, entry.progress), width) + "\n";
    ++lines_drawn_;
  }
  if (plan_.jobs.size() > running_.size() && !running_.empty()) {
    const std::string rest = fmt::format("{} of {} runs done", ended_, plan_.jobs.size());
    text += terminal_.styled(fitted(rest, width), Style::dim) + "\n";
    ++lines_drawn_;
  }
  terminal_.draw_over(drawn, text);
  terminal_.flush();
}

void ProgressDisplay::clear() {
  if (lines_drawn_ == 0) return;
  terminal_.draw_over(lines_drawn_, {});
  terminal_.flush();
  lines_drawn_ = 0;
}

}  // namespace elblab::cli
