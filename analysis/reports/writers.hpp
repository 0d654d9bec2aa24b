// A document as text, four ways.
#pragma once

#include <string>

#include "analysis/reports/document.hpp"

namespace elblab::reports {

// One self-contained page: CSS and SVG inside, no scripts, nothing loaded; light, dark and A4.
std::string html_of(const Document& document);
// For a ticket or a wiki: tables, no charts.
std::string markdown_of(const Document& document);
// An object with one member per section; tables are lists of objects, values without units, times
// in seconds; charts are lists of points.
std::string json_of(const Document& document);
// A line per cell of every table and map: section, table, row, column, value, text.
std::string csv_of(const Document& document);

}  // namespace elblab::reports
