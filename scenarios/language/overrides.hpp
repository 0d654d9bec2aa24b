// Changes the tree of a scenario before it is decoded: a run's `set`, and --set.
//
// A path names fields and names from the top, "workload.burst.short_connections"; b[1..4] stands
// for four paths; below `sysctl` the rest of the path is the setting's name. A map is merged into
// what stands there, ~ removes, anything else replaces. Setting one field of a choice (the kind of
// load) removes the others.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

// False after an error, which stands at `path_place`.
bool apply_override(Node& root, const std::string& path, const Place& path_place, const Node& value,
                    Diagnostics& diagnostics);

// Every entry of a run's `set`, in order.
void apply_set(Node& root, const Node& set, Diagnostics& diagnostics);
// As given on the command line.
void apply_override(Node& root, const Override& override_, Diagnostics& diagnostics);

}  // namespace elblab::language
