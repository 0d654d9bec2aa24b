// What a run of a random world shows, judged in the process that made it: there a diagnosis or a
// report that crashes takes only this run along, and there is a run for each core.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/runs/world.hpp"

namespace elblab::cli {

// Something that must not be. kind: a law of analysis/invariants, or "diagnosis", "report",
// "crash", "no_end", "not_run", "not_conserved", "not_deterministic", "memory", "trace_size".
struct Finding {
  std::string kind;
  std::string text;
};

struct Judgement {
  std::uint64_t digest = 0;  // of the trace
  std::vector<Finding> findings;
};

// Runs, then judges the trace, makes its diagnosis and its report in every format, and leaves the
// judgement in a file beside the trace.
Runner judged(Runner runner);

// Of a run that judged() made. nullopt: it did not come to its end.
std::optional<Judgement> judgement_of(const std::filesystem::path& trace);
std::filesystem::path judgement_file(const std::filesystem::path& trace);

}  // namespace elblab::cli
