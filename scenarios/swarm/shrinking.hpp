// Makes the tree of a scenario smaller while it goes on showing something (A. Zeller, R.
// Hildebrandt: Simplifying and Isolating Failure-Inducing Input, TSE 2002; here on the tree, as
// hierarchical delta debugging: G. Misherghi, Z. Su, ICSE 2006).
#pragma once

#include <cstddef>
#include <functional>

#include "scenarios/language/tree.hpp"

namespace elblab::swarm {

struct Shrunk {
  language::Node tree;
  std::size_t tries = 0;    // how often `shows` was asked
  bool is_minimal = false;  // nothing more can be left out; else the tries were used up
};

using Question = std::function<bool(const language::Node&)>;

// Leaves out entries and items, the largest first, writes b[1..3] as b1, and makes numbers smaller.
// is_possible: whether a tree makes sense at all; cheap. shows: whether one that does still shows
// it; must say yes of `tree` itself, is expensive, and is asked at most `most_tries` times.
Shrunk shrink(language::Node tree, const Question& is_possible, const Question& shows,
              std::size_t most_tries);

// How many values a tree has: what shrinking makes smaller.
std::size_t size_of(const language::Node& tree);

}  // namespace elblab::swarm
