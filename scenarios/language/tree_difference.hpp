// Where two maps differ, as the language writes them.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language/dotted_path.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

struct Difference {
  DottedPath path;
  std::string before;  // empty: there was none
  std::string after;
};

// In the order of `before`, then of what came. A map that comes or goes as a whole is one
// difference.
std::vector<Difference> differences_of(const Node& before, const Node& after);

}  // namespace elblab::language
