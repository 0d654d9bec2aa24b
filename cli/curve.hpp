// A series as a line of block characters: ▁▂▃▄▅▆▇█.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::cli {

// `columns` cells over [start, end]; each shows the mean of the samples that fall into it, in
// eighths of the largest cell. A cell without samples repeats its left neighbour. Blank when the
// series is zero throughout, so that a zero reads as nothing. O(samples).
std::string curve(const std::vector<trace::Point>& samples, Instant end, std::size_t columns);

}  // namespace elblab::cli
