// What the command tells the shell. Documented in --help and README.md.
#pragma once

#include <initializer_list>

namespace elblab::cli {

enum class ExitCode : int {
  holds = 0,  // every expectation of every run and seed holds
  expectation_failed = 1,
  bad_input = 2,         // command line or scenario file
  not_reproducible = 3,  // --check-determinism found two traces that differ
  could_not_run = 4,     // trace unwritable, disk full, a run crashed, packets not conserved
  interrupted = 130,     // asked to stop by a signal, most often Ctrl-C: 128 + SIGINT
  reader_gone = 141,     // who read standard output has seen enough: 128 + SIGPIPE
};

// What one command reports when several things went wrong: the one that says least about the
// load balancer and most about the measurement itself.
constexpr ExitCode graver(ExitCode a, ExitCode b) {
  for (ExitCode code : {ExitCode::interrupted, ExitCode::bad_input, ExitCode::could_not_run,
                        ExitCode::not_reproducible, ExitCode::expectation_failed}) {
    if (a == code || b == code) return code;
  }
  return ExitCode::holds;
}

}  // namespace elblab::cli
