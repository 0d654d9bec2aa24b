// b[1..4] stands for b1, b2, b3, b4: in keys of maps, in lists of names and in override paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/contract/expected.hpp"
#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

inline constexpr int kMostNames = 1000;

// The names; one when there is no bracket. Fails when the bracket is malformed ("b[4..1]") or
// stands for more than kMostNames.
Expected<std::vector<std::string>> expand_name(std::string_view name);

// Expands every key of every map, except below keys that hold paths (`set`), which the overrides
// expand themselves.
void expand_keys(Node& root, Diagnostics& diagnostics);

}  // namespace elblab::language
