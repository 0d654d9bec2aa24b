// How packets find the hosts of a scenario: host i is behind port i of the fabric.
#pragma once

#include <string>
#include <vector>

#include "models/network/route.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::worlds {

// One route to each address of each host.
std::vector<network::Route> routes_to(const std::vector<language::HostSpec>& hosts);

// The seed of a balancer's tables in a run of this seed; the same in every world, so that equal
// packets meet equal decisions.
std::uint64_t hash_seed_of(std::uint64_t run_seed, const std::string& balancer = "balancer");

}  // namespace elblab::worlds
