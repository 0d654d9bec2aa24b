// How well hidden causes were found: as text for the terminal, and as Markdown for
// docs/diagnosis.md.
#pragma once

#include <string>
#include <vector>

#include "analysis/scoring/score.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

struct ScoreTimes {
  double wall_seconds = 0;
  double diagnosis_seconds = 0;
};

std::string score_text(const std::vector<scoring::ScoredRun>& runs, const ScoreTimes& times,
                       double at_least, const Terminal& terminal);
// command: what makes the same score again, "elblab score --runs 210 --seed 1000000".
std::string score_markdown(const std::vector<scoring::ScoredRun>& runs, const std::string& command);

// Both the runs with one cause and those with none reach the share. Of two causes one may hide the
// other altogether, as the first of two bottlenecks does: those are told, not judged.
bool reaches(const std::vector<scoring::ScoredRun>& runs, double at_least);

// "client_ports+bandwidth", "none"
std::string hidden_text(const scoring::ScoredRun& run);

}  // namespace elblab::cli
