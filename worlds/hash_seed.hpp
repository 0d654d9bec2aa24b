// The seed of a balancer's tables in a run; the same in every world, so that equal packets meet equal
// decisions.
#pragma once

#include <cstdint>
#include <string>

namespace elblab::worlds {

std::uint64_t hash_seed_of(std::uint64_t run_seed, const std::string& balancer = "balancer");

}  // namespace elblab::worlds
