// Rows as comma-separated values (RFC 4180): a line per row, fields quoted where they must be.
//
// Numbers are exact and have a decimal point whatever the locale; NULL is an empty field, an empty
// text "". Lines end with \n, as every program reads that takes them.
//
// A spreadsheet calculates a text that begins with = + - or @, even one from a file of a
// stranger's; such a text, unless it is a number, is given a ' in front, which csv_fields() takes
// off again. Control characters are replaced (safe_text.hpp).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/query.hpp"

namespace elblab::exports {

std::string csv_field(std::string_view text);
std::string csv_line(std::span<const std::string> names);
std::string csv_line(std::span<const trace::QueryCell> cells);

// The fields of one line, without its line break; at least one. nullopt: a quote that is not closed
// or stands inside a field.
std::optional<std::vector<std::string>> csv_fields(std::string_view line);

}  // namespace elblab::exports
