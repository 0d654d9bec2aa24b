// What stands in a trace, one line each: the tables and the views of rows. (The metrics have a
// table of their own, metric_views.hpp.) For someone who is about to ask; docs/trace-schema.md has
// the columns.
#pragma once

#include <span>
#include <string_view>

namespace elblab::trace {

struct Relation {
  std::string_view name;
  std::string_view what;
};

// Views first, as they are easier to ask, then tables.
std::span<const Relation> relations();

}  // namespace elblab::trace
