// Every series of two traces, with its distance.
#pragma once

#include <vector>

#include "analysis/comparison/compare.hpp"

namespace elblab::comparison {

std::vector<SeriesDifference> compare_series(const trace::Reader& a, const trace::Reader& b,
                                             double share, bool other_chances);

}  // namespace elblab::comparison
