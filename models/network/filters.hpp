// The filters of a Fabric: which of them stand where, and when each is asked.
//
//   a port gives a packet:  host firewall, security groups, network ACL (out)
//   a port gets one:        network ACL (in), security groups, host firewall
//   an attached node:       the network ACL of the subnet that an address of the node is in: (in)
//                           of what is sent to it, (out) of what it sends in its own name
//
// A network ACL stands around its subnet: between two ports or nodes that share it, it is not
// asked. Network ACL and security groups are not asked of flows that a node exempts (ACL-31,
// ACL-32). Every look-up is O(1); nodes are asked for exemptions only about packets that would be
// dropped.
#pragma once

#include <optional>
#include <vector>

#include "models/net/endpoint_map.hpp"
#include "models/network/filter.hpp"
#include "models/network/node.hpp"
#include "models/network/route.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::network {

// Why a packet may not pass, and at whom; reason none: it may.
struct Refusal {
  telemetry::Reason reason = telemetry::Reason::none;
  telemetry::ObjectId at = 0;  // the subnet or host that the filter stands before

  explicit operator bool() const { return reason != telemetry::Reason::none; }
};

class Filters {
 public:
  // Where a packet comes from or goes to. Without filters: nothing is asked.
  using Side = PortFilters;

  void set(PortIndex port, const PortFilters& filters);
  void set_node(const net::IpAddress& own_address, Filter* network_acl);
  // A node that may exempt flows. Must outlive this.
  void heed(const Node& node) { nodes_.push_back(&node); }

  Side port(PortIndex port) const { return port < ports_.size() ? ports_[port] : Side{}; }
  // nullopt: no node with filters has this address.
  std::optional<Side> node(const net::IpAddress& own_address) const;
  bool any_of_nodes() const { return !node_acls_.empty(); }

  // Whether a packet may leave where it comes from, and enter where it goes. One that may not is
  // counted by the filter that refuses it: whoever asks drops it.
  Refusal leave(const Side& from, const Side& to, const net::PacketView& packet, Instant now) const;
  Refusal enter(const Side& from, const Side& to, const net::PacketView& packet, Instant now) const;

 private:
  Refusal rules_of_operators(Filter* network_acl, Filter* security_groups, Direction direction,
                             const net::PacketView& packet, Instant now) const;
  bool is_exempt(const net::PacketView& packet) const;

  std::vector<PortFilters> ports_;
  std::vector<Filter*> node_acls_;
  net::EndpointMap node_addresses_;  // -> index in node_acls_
  std::vector<const Node*> nodes_;
};

}  // namespace elblab::network
