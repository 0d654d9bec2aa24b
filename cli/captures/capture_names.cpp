#include "cli/captures/capture_names.hpp"

namespace elblab::cli {
namespace {

void add_listeners(const config::LoadBalancer& balancer, findings::EndpointNames& names) {
  for (const config::Listener& listener : balancer.listeners) {
    for (const net::IpAddress& like : {net::IpAddress::v4(0), net::IpAddress{}}) {
      const auto endpoint = replay::virtual_endpoint(balancer, listener, like);
      if (endpoint) names.set(*endpoint, "listener " + listener.name);
    }
  }
}

}  // namespace

findings::EndpointNames capture_names(replay::Balancers balancers,
                                      std::span<const replay::EndpointRule> rules) {
  findings::EndpointNames names;
  for (const config::LoadBalancer& balancer : balancers) {
    add_listeners(balancer, names);
    for (const config::BackendGroup& group : balancer.groups) {
      for (const config::Server& server : group.servers) {
        names.set({server.address, server.port}, group.name + "/" + server.name);
      }
    }
  }
  for (const replay::EndpointRule& rule : rules) {
    const bool listener = rule.part == replay::EndpointRule::Part::listener;
    names.set(rule.captured, (listener ? "listener " : "") + rule.name);
  }
  return names;
}

}  // namespace elblab::cli
