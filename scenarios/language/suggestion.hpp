// The known name that someone who wrote an unknown one probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace elblab::language {

// Smallest number of insertions, deletions, substitutions and swaps of neighbours that turn a into
// b (optimal string alignment). O(|a|·|b|); lengths over 64 count as far apart.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known` within a third of its length (at least one edit), or empty. The first of
// equally near ones wins.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace elblab::language
