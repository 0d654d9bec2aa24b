// Every series of two traces, with its distance.
#pragma once

#include <vector>

#include "analysis/comparison/compare.hpp"

namespace elblab::comparison {

// Whether one of the two was run live and the other was not.
bool one_is_live(const trace::Reader& a, const trace::Reader& b);

std::vector<SeriesDifference> compare_series(const trace::Reader& a, const trace::Reader& b,
                                             double share, bool other_chances);

}  // namespace elblab::comparison
