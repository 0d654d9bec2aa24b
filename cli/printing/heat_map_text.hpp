// A heat map as lines of text: figures behind a shade where they fit, shades alone where they do
// not, parts below each other where even those are too many.
#pragma once

#include <cstddef>
#include <string>

#include "analysis/reports/document.hpp"

namespace elblab::cli {

// The title, the map, and what its shades stand for; no line is wider than `columns` (at least 40)
// unless a name or a value alone is.
std::string heat_map_text(const reports::HeatMap& map, std::size_t columns);

}  // namespace elblab::cli
