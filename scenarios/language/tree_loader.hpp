// Reads YAML text into a located tree, with yaml-cpp's event interface.
//
// A strict subset: one document, keys are single words, no duplicate keys, no anchors, aliases,
// merge keys or tags (a scenario repeats with b[1..4] and `runs`), at most 32 levels. yaml-cpp's
// exceptions end here.
#pragma once

#include <optional>

#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::language {

inline constexpr int kDeepestLevel = 32;
// Nodes a tree may have, also after names like b[1..4] were expanded.
inline constexpr std::size_t kMostNodes = 200'000;

// nullopt after an error that leaves no tree. An empty document gives a null node.
std::optional<Node> load_tree(const SourcePtr& source, Diagnostics& diagnostics);

}  // namespace elblab::language
