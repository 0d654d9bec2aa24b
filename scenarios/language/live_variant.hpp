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

// Changes `tree`, to which the run's `set` was applied, as the `set` of the live section and that
// of its run say. run: nullptr where the section says nothing of this one.
void apply_live(Node& tree, const LiveEntry& live, const LiveRunEntry* run,
                Diagnostics& diagnostics);

}  // namespace elblab::language
