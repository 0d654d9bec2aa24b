// Signals while a program of the user's has the terminal: Ctrl-C and Ctrl-\ are its own affair,
// SIGTERM, SIGHUP and SIGXCPU are taken note of. One at a time per process; what was before comes back.
#pragma once

#include <array>
#include <csignal>

namespace elblab::live {

class ShellSignals {
 public:
  ShellSignals();
  ~ShellSignals();
  ShellSignals(const ShellSignals&) = delete;
  ShellSignals& operator=(const ShellSignals&) = delete;

  // One of the three came.
  static bool end_wanted();

 private:
  std::array<struct sigaction, 5> before_{};
};

}  // namespace elblab::live
