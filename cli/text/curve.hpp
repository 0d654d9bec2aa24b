// A series as a line of block characters: ▁▂▃▄▅▆▇█.
#pragma once

#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::cli {

// One cell per bucket: its mean, in eighths of the largest one. A bucket without samples repeats
// its left neighbour. Blank when nothing is above zero, so that a zero reads as nothing.
// O(buckets).
std::string curve(const std::vector<trace::Bucket>& buckets);

}  // namespace elblab::cli
