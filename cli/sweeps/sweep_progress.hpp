// Shows on stderr how far a sweep has come: runs done, how many per second, how long the rest will
// take. On a terminal a bar that is redrawn in place; otherwise a line after the first run, then
// every ten seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "cli/text/terminal.hpp"

namespace elblab::cli {

class SweepProgress {
 public:
  // Of `runs` runs `done` were made before. quiet: shows nothing. The terminal must outlive this.
  SweepProgress(std::size_t runs, std::size_t done, Terminal& terminal, bool quiet);
  ~SweepProgress();

  void ended();
  // Several times a second.
  void redraw();
  // Takes the bar off the terminal, so that other text can be written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string text() const;

  std::size_t runs_;
  std::size_t done_before_;
  std::size_t done_;
  Terminal& terminal_;
  bool quiet_;
  bool drawn_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point next_line_ = begin_;
};

}  // namespace elblab::cli
