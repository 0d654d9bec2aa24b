// A random world: a scenario file over the whole language that the language accepts.
//
// It follows from its seed alone: `elblab swarm --show SEED` makes it again. It has at most some
// 250 requests per second and 12 s, so that a run takes a tenth of a second.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/language/tree.hpp"

namespace elblab::swarm {

struct RandomWorld {
  std::uint64_t seed = 0;
  std::string id;                      // "swarm-17"
  std::vector<std::string> features;   // that are on
  std::vector<std::string> odd_paths;  // of fields drawn from the table of the language
  std::vector<std::string> refusals;   // of drawings before it that the language refused
  language::Node tree;
  std::string yaml;
};

RandomWorld random_world(std::uint64_t seed);
// The text of a file for such a tree.
std::string yaml_of(const language::Node& tree);
// Why the language refuses it; empty: it accepts it.
std::string refusal_of(const language::Node& tree);
inline bool is_accepted(const language::Node& tree) { return refusal_of(tree).empty(); }

}  // namespace elblab::swarm
