// Writes a tree as YAML that reads back as the same tree.
#pragma once

#include <string>

#include "scenarios/language/tree.hpp"

namespace elblab::language {

// Maps of the first `block_levels` levels take a line per entry; deeper ones stand in braces where
// that fits a line.
std::string to_yaml(const Node& node, int block_levels);
// {a: 1, b: [2, 3]}
std::string inline_yaml(const Node& node);

}  // namespace elblab::language
