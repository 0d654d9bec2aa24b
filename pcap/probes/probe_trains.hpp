// Which node of a balancer a captured probe is from.
//
// An address of its own tells a node. Nodes of one zone may share an address (ADR-04): there each
// probes a server once per interval, from start to start, so that its probes of that server are a
// train of their own, whatever the ports are. A probe continues the train whose next one is due
// nearest to it, within a hundredth of the interval; else it begins one, as long as there are nodes
// that have not been seen; else it is late, by up to a quarter of the interval. So the trains of
// one address are told apart, and which of its nodes is which is a matter of who came first.
//
// Nodes have the addresses that the balancer's file gives them. Another address is that of the
// first node not seen so far.
//
// O(trains of the pair) for each probe; bounded by nodes × servers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::probes {

class ProbeTrains {
 public:
  // addresses: of each node, by number.
  explicit ProbeTrains(const std::vector<net::IpAddress>& addresses);

  // Precondition: interval > 0, times of a pair do not go back. nullopt: there are more trains than
  // the balancer has nodes.
  std::optional<std::size_t> node_of(const net::IpAddress& source, std::size_t server,
                                     Duration interval, Instant started);

 private:
  struct Train {
    std::size_t node = 0;
    Instant last;
  };

  // The one whose next probe is due nearest to this one, no further away than that.
  static Train* continued(std::vector<Train>& trains, Duration interval, Instant started,
                          Duration at_most);
  // The node of the train number `place` from an address.
  std::optional<std::size_t> claim(const net::IpAddress& source, std::size_t place);

  std::map<net::IpAddress, std::vector<std::size_t>> configured_;  // nodes, by address
  std::map<net::IpAddress, std::vector<std::size_t>> claimed_;     // those that were seen
  std::vector<bool> seen_;                                         // by node
  std::map<std::pair<net::IpAddress, std::size_t>, std::vector<Train>> trains_;  // source, server
};

}  // namespace elblab::probes
