// Checks a configuration against the catalogue. O(objects).
#pragma once

#include <string>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/config/nat.hpp"

namespace elblab::config {

// One thing that does not fit. `field` is the path from the balancer, or the box, in the spelling
// of the scenario language ("listeners.web.port", "groups.app.servers.b1.weight"), so that a loader
// can point at the line; `message` names the value and the allowed range; `fact` the catalogue ID.
struct Problem {
  std::string field;
  std::string message;
  std::string fact;
};

// Empty when the configuration is usable.
std::vector<Problem> validate(const LoadBalancer& balancer);
std::vector<Problem> validate(const Nat& nat);

}  // namespace elblab::config
