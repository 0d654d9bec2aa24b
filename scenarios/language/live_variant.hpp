// The live variant of a scenario: its tree with the changes of the `live` section.
//
// A kernel's TIME_WAIT is 60 s whatever a scenario would like, and a live run takes as long as it
// says: the live section scales a scenario to that, and says what it must show then.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/scenario.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

// In file order; empty without a live section.
std::vector<std::string> live_run_names(const Document& document);

// Whether the runs that the live section names exist, and are compared among themselves.
void check_live_section(const Document& document, const Node& tree, Diagnostics& diagnostics);

// Changes `tree`, to which the run's `set` was applied, as the live section of `document` says.
void apply_live(Node& tree, const Document& document, const std::string& run,
                Diagnostics& diagnostics);

// What no Linux host can be made to do, at its place in the changed tree.
void check_possible_live(const Scenario& scenario, const Node& tree, Diagnostics& diagnostics);

}  // namespace elblab::language
