#include "scenarios/language/group_members.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elblab::language {
namespace {

const config::Server* find_server(const std::vector<config::Server>& servers,
                                  const std::string& name) {
  const auto at = std::find_if(servers.begin(), servers.end(),
                               [&](const config::Server& server) { return server.name == name; });
  return at == servers.end() ? nullptr : &*at;
}

}  // namespace

void GroupMembers::settle() {
  for (config::LoadBalancer& balancer : r_.scenario.balancers) {
    for (config::BackendGroup& group : balancer.groups)
      group_of(balancer.name, group.name) = group.servers;
  }
  for (TimelineStep& step : steps_) gather(step);
  if (!r_.diagnostics.empty()) return;
  for (config::LoadBalancer& balancer : r_.scenario.balancers) {
    complete(balancer);
    note_switches(balancer);
  }
  std::map<const config::LoadBalancer*, std::shared_ptr<const config::LoadBalancer>> completed;
  for (TimelineStep& step : steps_) {
    Operation& operation = *step.entry.operation;
    auto& whole = completed[operation.result.get()];
    if (!whole) {
      config::LoadBalancer copy = *operation.result;
      complete(copy);
      results_.push_back(operation.result);  // its address stays its own
      whole = std::make_shared<const config::LoadBalancer>(std::move(copy));
    }
    operation.result = whole;
    operation.server = server_of(operation);
  }
}

GroupMembers::Servers& GroupMembers::group_of(const std::string& balancer,
                                              const std::string& group) {
  return servers_[{balancer, group}];
}

void GroupMembers::gather(const TimelineStep& step) {
  const Operation& operation = *step.entry.operation;
  const config::LoadBalancer& result = *operation.result;
  for (const config::BackendGroup& group : result.groups) {
    Servers& known = group_of(result.name, group.name);
    for (const config::Server& server : group.servers) {
      const config::Server* earlier = find_server(known, server.name);
      if (!earlier) {
        known.push_back(server);
      } else if (earlier->port != server.port || earlier->by_ip_address != server.by_ip_address) {
        r_.diagnostics.error(
            r_.place({"timeline", fmt::format("{}", step.item)}),
            fmt::format("{}/{} was in the group with port {}{}: it can come back only as that",
                        group.name, server.name, earlier->port,
                        earlier->by_ip_address ? ", by IP address" : ""));
      }
    }
  }
}

void GroupMembers::complete(config::LoadBalancer& balancer) {
  for (config::BackendGroup& group : balancer.groups) {
    Servers all = group_of(balancer.name, group.name);
    for (config::Server& server : all) {
      const config::Server* present = find_server(group.servers, server.name);
      server.member = present != nullptr;
      if (present) server.weight = present->weight;
    }
    group.servers = std::move(all);
  }
}

void GroupMembers::note_switches(config::LoadBalancer& balancer) const {
  for (const TimelineStep& step : steps_) {
    const config::LoadBalancer& result = *step.entry.operation->result;
    if (result.name != balancer.name) continue;
    for (std::size_t i = 0; i < balancer.listeners.size(); ++i) {
      config::Listener& listener = balancer.listeners[i];
      listener.transfer_switches |= config::transfers_client_ip(balancer, listener) !=
                                    config::transfers_client_ip(result, result.listeners[i]);
    }
    for (std::size_t i = 0; i < balancer.groups.size(); ++i) {
      balancer.groups[i].stickiness_switches |=
          balancer.groups[i].stickiness.has_value() != result.groups[i].stickiness.has_value();
      balancer.groups[i].health_check_switches |=
          balancer.groups[i].health_check.has_value() != result.groups[i].health_check.has_value();
    }
  }
}

std::optional<std::pair<std::size_t, std::size_t>> GroupMembers::server_of(
    const Operation& operation) const {
  const auto& groups = operation.result->groups;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t s = 0; s < groups[g].servers.size(); ++s) {
      const std::string inner =
          ".groups." + groups[g].name + ".servers." + groups[g].servers[s].name;
      const std::size_t at = operation.path.find(inner);
      if (at == std::string::npos) continue;
      const std::size_t end = at + inner.size();
      if (end == operation.path.size() || operation.path[end] == '.') return std::pair(g, s);
    }
  }
  return std::nullopt;
}

}  // namespace elblab::language
