// Where the probes of a balancer come from: addresses, and the ports of its probing sockets.
#pragma once

#include <vector>

#include "models/config/load_balancer.hpp"

namespace elblab::probes {

class ProbeSources {
 public:
  // Those of the balancer's own nodes, as its file has them (config::probe_nodes()); where blocks
  // are given, every address of these instead. A balancer that checks nobody's health has none.
  static ProbeSources of(const config::LoadBalancer& balancer,
                         const std::vector<net::Subnet>& given);

  // ports: of TCP and UDP; an echo request of an address is a probe's whatever its identifier is.
  void add(const net::Subnet& block, config::PortRange ports) {
    sources_.push_back({block, ports});
  }
  // O(sources)
  bool contains(const net::IpAddress& address) const;
  bool contains(const net::Endpoint& endpoint) const;

 private:
  struct Source {
    net::Subnet block;
    config::PortRange ports;
  };
  std::vector<Source> sources_;
};

}  // namespace elblab::probes
