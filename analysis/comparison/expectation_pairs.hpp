// Expectations of a run on two traces, side by side.
#pragma once

#include <vector>

#include "analysis/comparison/compare.hpp"

namespace elblab::comparison {

std::vector<ExpectationPair> compare_expectations(
    const trace::Reader& a, const trace::Reader& b,
    const std::vector<language::Expectation>& expectations, double share, bool other_chances);

}  // namespace elblab::comparison
