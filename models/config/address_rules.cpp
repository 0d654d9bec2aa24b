// Addresses: the virtual ones, and the pool that fullNAT takes its sources from.
#include <algorithm>

#include "models/config/probe_nodes.hpp"
#include "models/config/problem_list.hpp"

namespace elblab::config {
namespace {

bool is_host_address(const net::IpAddress& address) {
  return !address.is_unspecified() && !address.is_loopback() && !address.is_multicast();
}

std::string profile_lacks(const LoadBalancer& balancer, const std::string& what) {
  return "profile " + std::string(balancer.profile->name) + " has no " + what;
}

void check_virtual(const LoadBalancer& balancer, const std::string& field,
                   const net::IpAddress& address, ProblemList& problems) {
  if (!is_host_address(address)) {
    problems.add(field, address.to_string() + " cannot be a virtual address", "ADR-02");
    return;
  }
  if (!address.is_v4() && !balancer.profile->ipv6) {
    problems.add(field, profile_lacks(balancer, "IPv6"), "FWD-19");
  }
  if (balancer.profile->source_pool && balancer.profile->source_pool->contains(address)) {
    problems.add(field,
                 address.to_string() + " lies in " + balancer.profile->source_pool->to_string() +
                     ", which is reserved for traffic towards servers",
                 "ADR-11");
  }
}

bool any_full_nat(const LoadBalancer& balancer) {
  return std::any_of(
      balancer.listeners.begin(), balancer.listeners.end(),
      [&](const Listener& listener) { return !transfers_client_ip(balancer, listener); });
}

void check_pool_size(const LoadBalancer& balancer, ProblemList& problems) {
  const std::uint64_t wanted = balancer.source_pool.addresses;
  const std::uint64_t nodes = balancer.nodes.lvs;
  if (wanted == 0) {
    problems.add("source_pool.addresses", "fullNAT needs at least one source address", "BW-09");
    return;
  }
  // A node owns its addresses, so that answers find it: equal shares keep the nodes alike.
  if (nodes > 0 && wanted % nodes != 0) {
    problems.add("source_pool.addresses",
                 std::to_string(wanted) + " source addresses cannot be shared evenly by " +
                     std::to_string(nodes) + " LVS nodes",
                 "ADR-03");
  }
  const net::Subnet block = effective_source_block(balancer);
  if (block.base().is_unspecified()) {
    problems.add("backend_subnet",
                 "fullNAT takes its source addresses from the backend subnet, and none is given",
                 "FWD-06");
  } else if (source_addresses(balancer).size() < wanted) {
    const std::uint64_t room = block.size() < 4 ? 0 : block.size() - 3;
    problems.add("source_pool.addresses",
                 std::to_string(wanted) + " source addresses do not fit into " + block.to_string() +
                     ", which has room for " + std::to_string(room),
                 balancer.profile->source_pool ? "FWD-05" : "FWD-06");
  }
}

void check_pool_clash(const LoadBalancer& balancer, ProblemList& problems) {
  const std::vector<net::IpAddress> pool = source_addresses(balancer);
  const auto in_pool = [&](const net::IpAddress& address) {
    return std::find(pool.begin(), pool.end(), address) != pool.end();
  };
  const auto refuse = [&](const std::string& field, const net::IpAddress& address) {
    problems.add(field, address.to_string() + " is one of the fullNAT source addresses", "FWD-06");
  };
  if (in_pool(balancer.address)) refuse("address", balancer.address);
  if (balancer.address_v6 && in_pool(*balancer.address_v6)) {
    refuse("address_v6", *balancer.address_v6);
  }
  for (const BackendGroup& group : balancer.groups) {
    for (const Server& server : group.servers) {
      if (in_pool(server.address)) {
        refuse("groups." + group.name + ".servers." + server.name + ".address", server.address);
      }
    }
  }
}

bool any_of_servers(const LoadBalancer& balancer, bool v4) {
  return std::any_of(balancer.groups.begin(), balancer.groups.end(), [&](const auto& group) {
    return may_check_health(group) &&
           std::any_of(group.servers.begin(), group.servers.end(),
                       [&](const Server& server) { return server.address.is_v4() == v4; });
  });
}

// Probes come from the block too (HC-20).
void check_probe_sources(const LoadBalancer& balancer, ProblemList& problems) {
  const net::Subnet block = effective_source_block(balancer);
  const std::string field = balancer.profile->source_pool ? "probe_source" : "backend_subnet";
  if (block.base().is_unspecified()) {
    problems.add("backend_subnet", "health checks come from the backend subnet, and none is given",
                 "HC-20");
    return;
  }
  if (any_of_servers(balancer, !block.base().is_v4())) {
    problems.add(field,
                 "health checks come from " + block.to_string() +
                     ", and a server of a checked group is of another IP version",
                 "HC-20");
  }
  const PortRange& ports = balancer.source_pool.ports;
  if (balancer.probe_source == ProbeSource::source_pool && ports.last + kFewestProbePorts > 65535) {
    problems.add("source_pool.ports",
                 "probes from the fullNAT addresses need ports of their own there: " +
                     std::to_string(kFewestProbePorts) + " at least above the last source port",
                 "HC-20");
    return;
  }
  const std::vector<ProbeNode> nodes = probe_nodes(balancer);
  if (nodes.empty()) {
    problems.add(field, "the addresses that probes come from do not fit into " + block.to_string(),
                 "HC-20");
  }
  for (const BackendGroup& group : balancer.groups) {
    for (const Server& server : group.servers) {
      const bool taken = std::any_of(nodes.begin(), nodes.end(), [&](const ProbeNode& node) {
        return node.address == server.address;
      });
      if (!taken) continue;
      problems.add("groups." + group.name + ".servers." + server.name + ".address",
                   server.address.to_string() + " is one that health checks come from", "HC-20");
    }
  }
}

}  // namespace

void validate_addresses(const LoadBalancer& balancer, ProblemList& problems) {
  check_virtual(balancer, "address", balancer.address, problems);
  if (balancer.address_v6) {
    check_virtual(balancer, "address_v6", *balancer.address_v6, problems);
    if (balancer.address_v6->is_v4()) {
      problems.add("address_v6", balancer.address_v6->to_string() + " is not an IPv6 address",
                   "ADR-07");
    } else if (!balancer.address.is_v4()) {
      problems.add("address_v6", "the virtual address is an IPv6 address already", "ADR-07");
    }
  }
}

void validate_source_pool(const LoadBalancer& balancer, ProblemList& problems) {
  const PortRange& ports = balancer.source_pool.ports;
  if (ports.first == 0 || ports.first > ports.last) {
    problems.add("source_pool.ports",
                 "source ports " + std::to_string(ports.first) + "-" + std::to_string(ports.last) +
                     " are not an ascending range in 1..65535",
                 "BW-10");
  }
  if (may_check_health(balancer)) check_probe_sources(balancer, problems);
  if (!any_full_nat(balancer)) return;
  check_pool_size(balancer, problems);
  check_pool_clash(balancer, problems);
}

}  // namespace elblab::config
