// States over time as lines of text, of one character per stretch of time.
#pragma once

#include <cstddef>
#include <string>

#include "analysis/reports/document.hpp"

namespace elblab::reports {

// A line for each lane: its label, `columns` characters of states, its figure; below them the time
// axis and which character is which state. Where a stretch holds several states the worst is
// shown: Tone::bad before warning before the rest.
std::string lanes_text(const Lanes& lanes, std::size_t columns);

}  // namespace elblab::reports
