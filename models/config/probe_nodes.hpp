// The nodes of a balancer that probe its servers, and where their probes come from.
//
// Every LVS and every Nginx node probes every server of every group (HC-13, OPEN-24). The sources
// lie in the block that fullNAT sources come from (HC-20), below those: an address for each node,
// or one for all nodes of a zone (ADR-04), which then share its ports - and the ICMP budget that a
// server has for it (HC-53).
#pragma once

#include <cstdint>
#include <vector>

#include "models/config/load_balancer.hpp"

namespace elblab::config {

struct ProbeNode {
  enum class Kind : std::uint8_t { lvs, nginx } kind = Kind::lvs;
  unsigned index = 0;       // of its kind
  std::uint16_t place = 0;  // the zone that it is in, by number
  net::IpAddress address;   // that its probes come from
  // Those that share the address share these ports, in equal parts.
  PortRange ports{32768, 60999};
  unsigned share = 0;
  unsigned shares = 1;
};

// Whether health is checked at some time of the run.
bool may_check_health(const BackendGroup& group);
bool may_check_health(const LoadBalancer& balancer);

// First the LVS nodes, then the Nginx nodes. Empty when the block has no room for their addresses.
std::vector<ProbeNode> probe_nodes(const LoadBalancer& balancer);

// With probe_source source_pool: the ports that are left to probes; above those of fullNAT.
PortRange probe_ports(const SourcePool& pool);
inline constexpr std::uint32_t kFewestProbePorts = 1024;

// The most addresses that a balancer's probes may come from.
unsigned most_probe_addresses(const LoadBalancer& balancer);

}  // namespace elblab::config
