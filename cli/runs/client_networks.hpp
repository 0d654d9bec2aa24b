// Networks for the clients of live runs that go on side by side.
//
// Linux draws the client ports of all namespaces from one table, by source and destination address
// (table_perturb in net/ipv4/inet_hashtables.c): runs with equal addresses would use up each
// other's ports, and one would meet its own again within seconds. IPv4 networks are cut from
// 198.18.0.0/15 (RFC 2544), as large as the run needs and a /24 at least; IPv6 networks are
// 2001:db8:1:<n>::/64 (RFC 3849).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/net/address.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

class ClientNetworks {
 public:
  // Addresses that are in use already: no network handed out from now on holds one of them.
  void avoid(const std::vector<net::IpAddress>& addresses);
  // An IPv4 network with room for so many hosts' addresses and an IPv6 one, both nobody else's.
  // nullopt: there is no room left.
  std::optional<std::vector<net::Subnet>> take(std::size_t addresses);

 private:
  bool is_free(const net::Subnet& subnet) const;

  std::set<net::IpAddress> used_;
  std::uint64_t next_v4_ = 256;  // offset in the block: the first /24 is left to who is alone
  std::uint64_t next_v6_ = 1;
};

// Those of a scenario's hosts that connect, sorted.
std::vector<net::IpAddress> client_addresses(const language::Scenario& scenario);
// Whether the scenario has rules about who may pass: they name addresses, and clients with others
// would be other clients to them.
bool has_rules(const language::Scenario& scenario);

}  // namespace elblab::cli
