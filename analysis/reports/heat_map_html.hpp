// A heat map as a table of a page: its figures stay text, which can be read, searched and copied.
//
// One hue from pale to strong, nine steps of even lightness: told apart by the colour-blind, on
// light and dark, and in grey. Its colours are the classes k0 … k8 of html_style.hpp.
#pragma once

#include <string>

#include "analysis/reports/document.hpp"

namespace elblab::reports {

// O(cells).
std::string html_of(const HeatMap& map);

}  // namespace elblab::reports
