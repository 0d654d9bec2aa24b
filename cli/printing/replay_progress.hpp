// Shows on stderr how far a replay has come, and tells it to stop at Ctrl-C. On a terminal a bar
// redrawn in place, otherwise a line every ten seconds; nothing for the first second.
#pragma once

#include <chrono>
#include <cstdint>

#include "cli/signals/stop_signals.hpp"
#include "cli/text/terminal.hpp"
#include "pcap/replay/replay.hpp"

namespace elblab::cli {

class ReplayProgressDisplay {
 public:
  // total_bytes: of all passes over the file.
  ReplayProgressDisplay(Terminal& terminal, std::uint64_t total_bytes, bool quiet);
  ~ReplayProgressDisplay();
  ReplayProgressDisplay(const ReplayProgressDisplay&) = delete;
  ReplayProgressDisplay& operator=(const ReplayProgressDisplay&) = delete;

  // False: stop.
  bool show(const replay::ReplayProgress& progress);
  void clear();
  double wall_seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  Terminal& terminal_;
  std::uint64_t total_bytes_;
  bool quiet_;
  bool drawn_ = false;
  Clock::time_point begun_;
  Clock::time_point next_;
  StopSignals signals_;
};

}  // namespace elblab::cli
