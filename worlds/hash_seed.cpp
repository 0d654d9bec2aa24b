#include "worlds/hash_seed.hpp"

#include "models/random/stream.hpp"

namespace elblab::worlds {

std::uint64_t hash_seed_of(std::uint64_t run_seed, const std::string& balancer) {
  return random::Stream(run_seed, balancer + "/hash").next();
}

}  // namespace elblab::worlds
