// States over time as one SVG element, a lane below the other. Colours are told apart by height as
// well: what is bad is drawn low.
#pragma once

#include <string>

#include "analysis/reports/document.hpp"

namespace elblab::reports {

// O(spans).
std::string svg_of(const Lanes& lanes);

}  // namespace elblab::reports
