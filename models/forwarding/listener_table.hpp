// The listeners of a node by protocol and port, with their effective settings (PRT-01..03, FWD-13).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/access/access_list.hpp"
#include "models/config/load_balancer.hpp"
#include "models/net/flow_key.hpp"

namespace elblab::forwarding {

struct ListenerEntry {
  net::Protocol protocol = net::Protocol::tcp;
  config::PortRange port;
  std::uint16_t group = 0;
  bool full_nat = false;
  bool same_port = false;  // servers are reached at the listening port
  bool switches = false;   // between fullNAT and the client's address, during the run
  Duration idle_timeout{};
  std::optional<access::AccessList> access;  // nullopt: anyone may come (ACL-01)
  std::size_t index = 0;                     // in the configuration
  bool refuses = true;  // TCP clients hear of it that there is no server (OPEN-13)
};

class ListenerTable {
 public:
  explicit ListenerTable(const config::LoadBalancer& balancer);

  // The listener that accepts this protocol and port. O(log listeners).
  std::optional<std::uint16_t> find(net::Protocol protocol, std::uint16_t port) const;
  const ListenerEntry& operator[](std::uint16_t i) const { return entries_[i]; }
  std::size_t size() const { return entries_.size(); }
  // Whether fullNAT over this protocol reaches the servers of the group at their own ports, now or
  // later.
  bool full_nat_reaches(std::size_t group, net::Protocol protocol) const;
  // Whether another table of these listeners says the same of them.
  bool has_timeouts_of(const ListenerTable& other) const;
  // Now or later.
  bool any_keeps_client_address() const;
  // How many ports are listened on, over all protocols.
  std::size_t ports() const;

 private:
  std::vector<ListenerEntry> entries_;  // by protocol, then by port
};

}  // namespace elblab::forwarding
