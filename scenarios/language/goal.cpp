#include "scenarios/language/goal.hpp"

#include <fmt/format.h>

#include "scenarios/language/suggestion.hpp"

namespace elblab::language {

std::optional<Goal> find_goal(Resolution& r, const std::string& to, const Place& at) {
  std::vector<Goal> found;
  std::vector<std::string> names;
  std::string choices;
  for (const config::LoadBalancer& balancer : r.scenario.balancers) {
    for (const config::Listener& listener : balancer.listeners) {
      const std::string full = balancer.name + "/" + listener.name;
      names.push_back(r.scenario.balancers.size() == 1 ? listener.name : full);
      if (to == full) return Goal{&balancer, &listener};
      if (to != listener.name) continue;
      found.push_back({&balancer, &listener});
      choices += (choices.empty() ? "" : ", ") + full;
    }
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    if (const HostEntry* host = r.find_host(to)) return Goal{nullptr, nullptr, host};
  }
  if (found.empty()) {
    r.diagnostics.error(at, fmt::format("there is no listener named '{}'", to),
                        did_you_mean(nearest(to, names)));
  } else {
    r.diagnostics.error(
        at, fmt::format("several balancers have a listener '{}': write one of {}", to, choices));
  }
  return std::nullopt;
}

}  // namespace elblab::language
