// One run in a forked child: ns-3's simulator is a process-wide singleton, a live run moves between
// network namespaces, and a crash of one run must not take the others along.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "cli/runs/child_report.hpp"
#include "cli/runs/world.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

// How a run ended, as its parent saw it.
struct JobOutcome {
  enum class State : std::uint8_t {
    not_started,
    finished,       // to the planned end; the trace is complete
    stopped,        // asked to stop; the trace is readable and marked incomplete
    could_not_run,  // the world said why
    crashed,        // died of a signal or without a word
  };
  State state = State::not_started;
  worlds::RunResult result;  // as far as it came
  std::string problem;       // for could_not_run and crashed; also a broken packet balance
  // Of the child at its largest, what it shared with its parent included; 0: there was no child.
  std::uint64_t peak_memory_bytes = 0;
};

class ChildProcess {
 public:
  // Forks; the child calls run(scenario, options) and exits. The caller must be single-threaded.
  // on_progress of the options is replaced. nullopt with errno set when the system gives no process
  // or pipe.
  static std::optional<ChildProcess> start(const Runner& run, const language::Scenario& scenario,
                                           worlds::RunOptions options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  // Kills the child if it still runs.
  ~ChildProcess();

  // Two descriptors to poll; each is -1 once its end was reached.
  int report_descriptor() const { return report_; }
  int diagnostics_descriptor() const { return diagnostics_; }

  // Reads what is there without blocking. Returns the newest progress, if any came.
  std::optional<worlds::Progress> read_reports();
  void read_diagnostics();
  bool has_ended() const { return report_ < 0 && diagnostics_ < 0; }
  // Waits for the child, which has closed its ends, and says how it went.
  JobOutcome collect();

  // Of its memory, what is in use now; 0: it has ended.
  std::uint64_t resident_bytes() const;

  void ask_to_stop() const;
  void kill_now() const;

 private:
  ChildProcess(pid_t pid, int report, int diagnostics);
  JobOutcome outcome_of(int wait_status);
  std::string last_words() const;

  pid_t pid_;
  int report_;
  int diagnostics_;
  std::string pending_;  // the beginning of a report line
  std::string words_;    // end of what the child wrote to stderr
  std::optional<worlds::RunOutcome> outcome_;
};

}  // namespace elblab::cli
