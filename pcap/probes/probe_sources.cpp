#include "pcap/probes/probe_sources.hpp"

#include <algorithm>

#include "models/config/probe_nodes.hpp"

namespace elblab::probes {

ProbeSources ProbeSources::of(const config::LoadBalancer& balancer,
                              const std::vector<net::Subnet>& given) {
  ProbeSources sources;
  if (!config::may_check_health(balancer)) return sources;
  for (const net::Subnet& block : given) sources.add(block, {1, 65535});
  if (!given.empty()) return sources;
  for (const config::ProbeNode& node : config::probe_nodes(balancer)) {
    sources.add({node.address, node.address.is_v4() ? 32U : 128U}, node.ports);
  }
  return sources;
}

bool ProbeSources::contains(const net::IpAddress& address) const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [&](const Source& source) { return source.block.contains(address); });
}

bool ProbeSources::contains(const net::Endpoint& endpoint) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const Source& source) {
    return source.block.contains(endpoint.address) && source.ports.contains(endpoint.port);
  });
}

}  // namespace elblab::probes
