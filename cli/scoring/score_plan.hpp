// Which seeds hide what: the runs of one `elblab score`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/runs/run_plan.hpp"
#include "models/contract/expected.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::cli {

// Seeds below are for those who tune a diagnosis, from it on for those who score it: no run counts
// that somebody may have looked at while changing it.
inline constexpr std::uint64_t kFirstScoringSeed = 1'000'000;

using HiddenCauses = std::vector<language::CauseId>;

struct ScoreCase {
  std::uint64_t seed = 0;
  HiddenCauses causes;
};

struct ScoreOptions {
  unsigned runs = 300;                // with one hidden cause; a fifth as many with none, with two
  std::optional<std::uint64_t> seed;  // the first; nullopt: the first of its range
  bool tuning = false;
  std::vector<std::string> causes;  // of --causes; empty: all
  std::filesystem::path folder;     // for scenarios and traces
};

// "client_ports", "none", "client_ports+bandwidth", "single", "pairs", or a tree of the catalogue,
// "DIAG-06": its causes. Each once.
Expected<std::vector<HiddenCauses>> read_causes(const std::vector<std::string>& words);

// The runs in the order they are made and told.
Expected<std::vector<ScoreCase>> plan_score(const ScoreOptions& options);

// One job per case: the run with the symptom. Throws std::logic_error if a drawn scenario is not
// one, which would be a defect of the program.
RunPlan runs_of_score(const std::vector<ScoreCase>& cases, const std::filesystem::path& folder);

}  // namespace elblab::cli
