// The one place that makes text safe to show: titles, names and reasons come from files, and a file
// may come from anybody.
//
// A terminal obeys control characters (C0, DEL, C1: ESC [ and its one-byte form), a spreadsheet
// calculates what begins like a formula, and characters that turn the direction of writing make a
// line read as what it is not. These, and bytes that are no UTF-8 (RFC 3629), are replaced by "?".
// Everything that leaves the program as text goes through here at its last step; see also
// csv_field() (csv.hpp) for spreadsheets and markup_escaped() for pages.
#pragma once

#include <string>
#include <string_view>

namespace elblab::exports {

// Keeps line breaks (\n, \r\n) and tabs.
std::string safe_text(std::string_view text);
// As one line: line breaks and tabs become one blank each.
std::string safe_line(std::string_view text);

}  // namespace elblab::exports
