// One random world, or a few of them side by side, put to the proof: run, judged, some of them run
// again under the same and under the other event scheduler, some live.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/runs/run_plan.hpp"
#include "cli/swarm/judgement.hpp"
#include "models/contract/sanitizers.hpp"

namespace elblab::cli {

// What is tried.
struct TriedWorld {
  std::uint64_t seed = 1;
  std::string name;  // "swarm-17"; names the traces
  std::string yaml;
  bool repeated = false;  // for determinism
  bool live = false;
};

// What a world of the drawn size (12 s, some 250 requests per second) may take. Stated in
// docs/limits.md.
struct TrialLimits {
  std::chrono::seconds wall_time{60};
  // Several times as much where every byte has its shadow.
  std::uint64_t memory_bytes = (contract::kUnderAddressSanitizer ? 2048ULL : 512ULL) << 20;
  std::uint64_t trace_bytes = 64ULL << 20;
};

struct Trial {
  std::vector<Finding> findings;  // empty: nothing that must not be
  // Why it was not run, in a world's words: it asks for what that world does not have.
  std::string not_for_simulation;
  std::string not_for_live;
  std::uint64_t connections = 0;
  std::uint64_t packets = 0;  // through the balancers
  bool interrupted = false;
};

struct TrialOptions {
  unsigned jobs = 1;
  std::filesystem::path folder;  // for traces, removed afterwards
  TrialLimits limits;
};

// One trial per subject, in their order. ended: called with each subject's index when its last run
// ended; may be empty.
std::vector<Trial> try_worlds(const std::vector<TriedWorld>& subjects, const TrialOptions& options,
                              const std::function<void(std::size_t)>& ended);

}  // namespace elblab::cli
