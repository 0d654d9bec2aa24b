// What a child process tells its parent over a pipe: lines of JSON, progress first, the outcome
// last. Both ends are this program; the parent nevertheless takes nothing for granted, because a
// child may die in the middle of a line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "worlds/run.hpp"

namespace elblab::cli {

std::string progress_line(const worlds::Progress& progress);
std::string outcome_line(const worlds::RunOutcome& outcome);

struct ChildReport {
  std::optional<worlds::Progress> progress;
  std::optional<worlds::RunOutcome> outcome;
};
// Neither is filled when the line is not one of ours.
ChildReport parse_report(std::string_view line);

}  // namespace elblab::cli
