// Backend groups and their servers.
#include <algorithm>

#include "models/config/allowing_profiles.hpp"
#include "models/config/problem_list.hpp"

namespace elblab::config {
namespace {

std::string path_of(const BackendGroup& group) { return "groups." + group.name; }

std::string path_of(const BackendGroup& group, const Server& server) {
  return path_of(group) + ".servers." + server.name;
}

bool has_virtual_address_of_family(const LoadBalancer& balancer, bool v4) {
  return balancer.address.is_v4() == v4 || (!v4 && balancer.address_v6.has_value());
}

void check_server_address(const LoadBalancer& balancer, const BackendGroup& group,
                          const Server& server, ProblemList& problems) {
  const std::string field = path_of(group, server) + ".address";
  const net::IpAddress& address = server.address;
  const std::string text = address.to_string();
  if (address.is_unspecified() || address.is_loopback() || address.is_multicast()) {
    problems.add(field, text + " cannot be a server's address", "GEN-03");
    return;
  }
  if (address == balancer.address || address == balancer.address_v6) {
    problems.add(field, text + " is the virtual address: the balancer would forward to itself",
                 "ADR-02");
  }
  if (balancer.profile->source_pool && balancer.profile->source_pool->contains(address)) {
    problems.add(field,
                 text + " lies in the balancer's own source block " +
                     balancer.profile->source_pool->to_string(),
                 "ADR-11");
  }
  if (!address.is_v4() && !balancer.profile->ipv6) {
    problems.add(field,
                 "profile " + std::string(balancer.profile->name) + " has no IPv6; " +
                     allowing_profiles([](const Profile& each) { return each.ipv6; }),
                 "FWD-19");
  } else if (!has_virtual_address_of_family(balancer, address.is_v4())) {
    problems.add(field,
                 text +
                     " is of another IP version than the virtual address: no client "
                     "could be sent to it",
                 "FWD-19");
  }
  const net::Subnet block = effective_source_block(balancer);
  if (reached_by_full_nat(balancer, group) && !block.base().is_unspecified() &&
      block.base().is_v4() != address.is_v4()) {
    problems.add(
        field, text + " is of another IP version than the fullNAT sources in " + block.to_string(),
        "ADR-09");
  }
}

void check_server(const LoadBalancer& balancer, const BackendGroup& group, const Server& server,
                  ProblemList& problems) {
  const std::string path = path_of(group, server);
  if (server.name.empty()) problems.add(path_of(group), "a server has no name", "GEN-03");
  problems.check_range<std::uint64_t>(path + ".port", "port", server.port, 1, 65535, "PRT-01");
  problems.check_range<std::uint64_t>(path + ".weight", "weight", server.weight, 0, 100, "SCH-08");
  check_server_address(balancer, group, server, problems);
  if (!server.by_ip_address) return;
  if (!balancer.profile->ip_as_backend) {
    problems.add(path + ".by_ip_address",
                 "profile " + std::string(balancer.profile->name) + " has no IP as a Backend; " +
                     allowing_profiles([](const Profile& each) { return each.ip_as_backend; }),
                 "IPB-01");
  } else if (!balancer.ip_as_backend) {
    problems.add(path + ".by_ip_address",
                 "a server added by IP address needs ip_as_backend: true on the balancer",
                 "IPB-01");
  }
}

void check_repeats(const BackendGroup& group, std::size_t index, ProblemList& problems) {
  const Server& server = group.servers[index];
  for (std::size_t i = 0; i < index; ++i) {
    const Server& earlier = group.servers[i];
    if (earlier.name == server.name) {
      problems.add(path_of(group, server), "the name " + server.name + " is used twice", "GEN-03");
    }
    if (earlier.address == server.address && earlier.port == server.port) {
      problems.add(path_of(group, server),
                   "repeats " + net::Endpoint{server.address, server.port}.to_string() +
                       " of server " + earlier.name,
                   "GEN-03");
    }
  }
}

void check_source_hash(const BackendGroup& group, ProblemList& problems) {
  if (!group.source_hash || group.algorithm == Algorithm::source_ip_hash ||
      group.algorithm == Algorithm::connection_id) {
    return;
  }
  problems.add(path_of(group) + ".source_hash",
               "has no effect with algorithm " + std::string(to_string(group.algorithm)) +
                   "; it belongs to source_ip_hash and connection_id",
               "SCH-06");
}

// T6-1 of the sources, row by row: QUIC groups have the connection ID, and nobody else has it.
void check_algorithm(const BackendGroup& group, ProblemList& problems) {
  const bool quic = group.protocol == BackendProtocol::quic;
  if (quic == (group.algorithm == Algorithm::connection_id)) return;
  const std::string algorithm(to_string(group.algorithm));
  problems.add(path_of(group) + ".algorithm",
               quic ? "a quic group is scheduled by connection_id, not by " + algorithm +
                          "; a udp group takes " + algorithm
                    : "connection_id belongs to quic groups, this is a " +
                          std::string(to_string(group.protocol)) + " group; with a quic group " +
                          allowing_profiles([](const Profile& each) { return each.quic_backend; }),
               "SCH-02");
}

void check_connection_ids(const BackendGroup& group, ProblemList& problems) {
  // Not given by the sources: about 800 MB for each table [M].
  constexpr std::uint64_t kMostIds = 1u << 24;
  constexpr std::uint64_t kLongestId = 20;  // RFC 9000 section 17.2
  if (!group.connection_ids) return;
  const std::string path = path_of(group) + ".connection_ids";
  if (group.algorithm != Algorithm::connection_id) {
    problems.add(path,
                 "has no effect with algorithm " + std::string(to_string(group.algorithm)) +
                     "; it belongs to connection_id",
                 "SCH-02");
  }
  problems.check_range<std::uint64_t>(path + ".length", "length of connection IDs",
                                      group.connection_ids->length, 0, kLongestId, "SCH-02");
  problems.check_range<std::uint64_t>(path + ".capacity", "number of connection IDs",
                                      group.connection_ids->capacity, 2, kMostIds, "SCH-02");
}

void check_deregistration(const Profile& profile, const BackendGroup& group,
                          ProblemList& problems) {
  if (!group.deregistration_delay || profile.deregistration_delay) return;
  problems.add(path_of(group) + ".deregistration_delay",
               "profile " + std::string(profile.name) + " has no deregistration delay; " +
                   allowing_profiles([](const Profile& each) { return each.deregistration_delay; }),
               "LIFE-12");
}

// What becomes of clients when nobody is healthy has a meaning only where health is checked.
void check_unhealthy(const BackendGroup& group, ProblemList& problems) {
  if (group.health_check) return;
  if (group.no_healthy_server != NoHealthyServer::refuse) {
    problems.add(path_of(group) + ".no_healthy_server", "has no effect without a health check",
                 "HC-16");
  }
  if (group.unhealthy_connections != UnhealthyConnections::keep) {
    problems.add(path_of(group) + ".unhealthy_connections", "has no effect without a health check",
                 "HC-16");
  }
}

void check_supported(const BackendGroup& group, ProblemList& problems) {
  if (group.protocol != BackendProtocol::tcp && group.protocol != BackendProtocol::udp &&
      group.protocol != BackendProtocol::quic) {
    problems.refuse_unsupported(path_of(group) + ".protocol",
                                "a " + std::string(to_string(group.protocol)) + " group", "FWD-03");
  }
  if (group.health_check && group.health_check->protocol == ProbeProtocol::https) {
    problems.refuse_unsupported(path_of(group) + ".health_check.protocol", "an https probe",
                                "HC-02");
  }
}

}  // namespace

void validate_groups(const LoadBalancer& balancer, ProblemList& problems) {
  for (std::size_t g = 0; g < balancer.groups.size(); ++g) {
    const BackendGroup& group = balancer.groups[g];
    if (group.name.empty()) problems.add("groups", "a group has no name", "GEN-02");
    const auto first =
        std::find_if(balancer.groups.begin(), balancer.groups.end(),
                     [&](const BackendGroup& other) { return other.name == group.name; });
    if (static_cast<std::size_t>(first - balancer.groups.begin()) != g) {
      problems.add(path_of(group), "the name " + group.name + " is used twice", "GEN-02");
    }
    check_supported(group, problems);
    check_unhealthy(group, problems);
    check_algorithm(group, problems);
    check_source_hash(group, problems);
    check_connection_ids(group, problems);
    check_deregistration(*balancer.profile, group, problems);
    for (std::size_t s = 0; s < group.servers.size(); ++s) {
      check_server(balancer, group, group.servers[s], problems);
      check_repeats(group, s, problems);
    }
    if (group.health_check) validate_health_check(group, problems);
    if (group.stickiness) validate_stickiness(*balancer.profile, group, problems);
  }
}

}  // namespace elblab::config
