// The one place where the program meets signals.
//
// What asks it to end: Ctrl-C (INT), Ctrl-\ (QUIT), a closed terminal (HUP), a service manager
// (TERM), a limit of processor time (XCPU). While a StopSignals lives, these set a flag instead of
// ending the program, so that runs finish their traces, namespaces and temporary folders go away,
// and half a file is removed. The third signal ends the program as it stands: something hangs.
// Where none lives there is nothing to put in order, and a signal does what it always does.
//
// What tells of a write that failed is no reason to die without a word: PIPE and XFSZ are ignored
// from the beginning, and the write says EPIPE or EFBIG. What live runs start gets them back
// (live/child_command.cpp); a shell in a live topology has signals of its own
// (live/shell_signals.hpp).
#pragma once

#include <sys/types.h>

#include <atomic>

namespace elblab::cli {

// Once, before anything else: PIPE and XFSZ.
void ignore_signals_of_writing();

class StopSignals {
 public:
  // They may be nested; what came while an outer one lives counts for the inner one, too.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // True from the first signal on. Also in a child (below).
  static const std::atomic<bool>& flag();
  static bool came() { return flag().load(std::memory_order_relaxed); }
  // How often somebody asked; HUP and XCPU count only when nobody did before.
  static int times();
  // XCPU was among them.
  static bool cpu_limit_met();
};

// In a child process that a terminal's signals reach, too: its parent decides what they mean, and
// asks with TERM. Sees to it that the child stops when `parent` ends in whatever way, in order if
// it can within kPatienceOfOrphanS. Call right after fork().
void obey_parent_only(pid_t parent);
inline constexpr unsigned kPatienceOfOrphanS = 5;

}  // namespace elblab::cli
