// A chart of curves over time as one SVG element, to stand in a page or a file of its own.
//
// Text and lines carry classes, so that a page colours them for light and dark, and plain colours
// beside them, so that the SVG is right without a page. Widths of text are estimated, generously:
// labels and legend do not overlap whatever font the reader has.
#pragma once

#include <string>
#include <string_view>

#include "analysis/reports/document.hpp"

namespace elblab::reports {

// Text as it may stand in HTML and XML: markup escaped, characters that XML does not allow left
// out.
std::string markup_escaped(std::string_view text);
// The colour of a curve: readable on white and on dark, told apart by the colour-blind.
std::string_view curve_colour(std::size_t index);

// O(points). A chart without points says so.
std::string svg_of(const Chart& chart);

}  // namespace elblab::reports
