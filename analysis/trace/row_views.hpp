// The tables with names instead of numbers, endpoints as text and times in seconds: one view each.
// Listed in docs/trace-schema.md.
#pragma once

#include <string>

namespace elblab::trace {

// CREATE VIEW statements over the tables of schema.hpp.
std::string create_row_views_sql();

}  // namespace elblab::trace
