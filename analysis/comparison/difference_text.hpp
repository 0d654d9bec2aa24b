// What two traces differ in, a short line for each figure beyond its bound: for a log of many
// comparisons, where the whole tables would hide it.
#pragma once

#include <string>
#include <vector>

#include "analysis/comparison/compare.hpp"

namespace elblab::comparison {

// "series packets_in(s1): 120 | 183, gap 63 of 50"; empty when nothing is beyond its bound.
// Expectations first, then series, outcomes and decisions, each in the comparison's order.
std::vector<std::string> differences_of(const Comparison& comparison);

}  // namespace elblab::comparison
