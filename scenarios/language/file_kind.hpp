// What a tree is meant to be, told by its top-level keys.
#pragma once

#include <cstdint>

#include "scenarios/language/tree.hpp"

namespace elblab::language {

enum class FileKind : std::uint8_t {
  scenario,  // has something that only a scenario has, such as hosts
  balancer,  // has a `balancer`, and nothing that only a scenario has
  unknown,
};
FileKind kind_of(const Node& tree);

}  // namespace elblab::language
