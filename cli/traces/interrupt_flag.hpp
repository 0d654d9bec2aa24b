// Ctrl-C as a flag: while it lives, SIGINT and SIGTERM set the flag instead of ending the program,
// so that a long question or a long file can be left in order. One at a time.
#pragma once

#include <signal.h>

#include <atomic>

namespace elblab::cli {

class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  const std::atomic<bool>& flag() const;
  bool is_set() const { return flag(); }

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

}  // namespace elblab::cli
