// What a name behind `to` stands for: where connections of a workload, a CDN or a WAF go.
#pragma once

#include <optional>
#include <string>

#include "scenarios/language/resolver.hpp"

namespace elblab::language {

struct Goal {
  const config::LoadBalancer* balancer = nullptr;
  const config::Listener* listener = nullptr;
  const HostEntry* host = nullptr;  // in place of the two
};

// "web", or "lb1/web" where several balancers have one of that name; else a host. nullopt after an
// error, which stands at `at`.
std::optional<Goal> find_goal(Resolution& r, const std::string& to, const Place& at);

}  // namespace elblab::language
