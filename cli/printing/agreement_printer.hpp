// Pairs of runs that were held against each other, for a person, a document and a CI server.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/runs/agreement.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

// One block per pair: its expectations side by side; all of the comparison where the two differ.
// Ends with a line over all pairs. quiet: only what differs, and that line.
std::string agreement_text(const RunPlan& plan, const std::vector<AgreementPair>& pairs,
                           const Terminal& terminal, bool quiet);

// A table of Markdown: case, measure, simulated, live, difference, bound; per pair its
// expectations, the shares of its servers, and the series and the outcome widest apart.
std::string agreement_markdown(const RunPlan& plan, const std::vector<AgreementPair>& pairs);

// One test suite, one test case per pair.
std::string agreement_junit(const RunPlan& plan, const std::vector<AgreementPair>& pairs);

// Writes the table to `file`: between its lines "<!-- agreement: begin -->" and
// "<!-- agreement: end -->" if it is there and has them, else as the whole file. Empty, or why it
// could not be written.
std::string write_markdown(const std::filesystem::path& file, const std::string& table);

}  // namespace elblab::cli
