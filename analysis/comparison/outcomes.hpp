// How connections ended and what the schedulers decided, counted on both sides.
#pragma once

#include <vector>

#include "analysis/comparison/compare.hpp"

namespace elblab::comparison {

std::vector<OutcomeDifference> compare_outcomes(const trace::Reader& a, const trace::Reader& b,
                                                double share, bool other_chances);
std::vector<DecisionDifference> compare_decisions(const trace::Decisions& a,
                                                  const trace::Decisions& b, double share,
                                                  bool other_chances);
DecisionOrder compare_order(const trace::Decisions& a, const trace::Decisions& b);

}  // namespace elblab::comparison
