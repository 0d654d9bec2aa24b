// Shows on stderr how the runs are going. On a terminal: one bar per running job, redrawn in place.
// Otherwise: a line when a run starts and ends, and every ten seconds in between.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "cli/runs/run_supervisor.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

class ProgressDisplay {
 public:
  // plan and terminal must outlive the display. quiet: shows nothing.
  ProgressDisplay(const RunPlan& plan, Terminal& terminal, bool quiet);
  ~ProgressDisplay();

  void started(std::size_t job);
  void progressed(std::size_t job, const worlds::Progress& progress);
  void ended(std::size_t job, const JobOutcome& outcome);
  // Not over: it stalled, and will be started again.
  void repeats(std::size_t job, const JobOutcome& outcome);
  // It ended, showed something else than its counterpart, and will be started again. in: what was
  // beyond its bound; may be empty.
  void differs(std::size_t job, const std::string& in);
  void redraw();
  // Takes the bars off the terminal, so that other text can be written; redraw() brings them back.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    worlds::Progress progress;
    Clock::time_point next_line;
  };
  std::string bar_line(std::size_t job, const worlds::Progress& progress) const;
  void say(std::size_t job, const std::string& text);

  const RunPlan& plan_;
  Terminal& terminal_;
  bool quiet_;
  std::map<std::size_t, Running> running_;
  std::size_t ended_ = 0;
  std::size_t title_columns_ = 0;
  std::size_t lines_drawn_ = 0;
};

// "██████░░░░": `columns` cells, the share filled.
std::string bar(double share, std::size_t columns);
// "300 s simulated in 6.0 s (50×)   141,110 connections, 140,890 refused locally"; "120 s live   …"
std::string summary_of(const worlds::Progress& end, World world);

}  // namespace elblab::cli
