// Plays exchanges on the host model and on this machine's kernel, and judges where they differ.
//
// Many child processes play at once, each with a kernel machine of its own and one exchange after
// the other: an exchange is mostly waiting. The calling process must have one thread.
#pragma once

#include <string>
#include <vector>

#include "tests/exchanges/exchange.hpp"
#include "tests/exchanges/exchange_comparison.hpp"

namespace elblab::fidelity {

enum class Agreement : char {
  agrees = 'a',
  differs = 'd',   // in two of three runs of the kernel, which agree with each other
  unstable = 'u',  // in two of three runs of the kernel, which do not agree with each other either
  failed = 'f',    // could not be played
};

struct Verdict {
  Agreement agreement = Agreement::failed;
  bool outcome_agrees = false;
  exchanges::Comparison first;  // of the first run that differed
  std::string failure;
};

struct BatteryOptions {
  unsigned workers = 80;
  std::string congestion_control;  // of kernel and model
};

// One verdict per exchange, in their order.
std::vector<Verdict> judge(const std::vector<exchanges::Exchange>& exchanges,
                           const BatteryOptions& options);

// The transcripts of one exchange, the model's and those of three runs on the kernel one after the
// other. Plays in a child process; empty transcripts where it failed.
struct Transcripts {
  golden::Transcript model;
  std::vector<golden::Transcript> kernel;
};
Transcripts play_on_both(const exchanges::Exchange& exchange, const BatteryOptions& options);

}  // namespace elblab::fidelity
