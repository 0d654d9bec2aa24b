// Changes whose packet it is, with incremental checksum updates (RFC 1624): a TCP or UDP packet by
// its endpoints, an ICMP error by its addresses and the packet it quotes.
#pragma once

#include <optional>

#include "models/net/endpoint_map.hpp"
#include "models/net/packet_view.hpp"
#include "pcap/replay/endpoint_rule.hpp"

namespace elblab::replay {

// The flow a packet belongs to: its own, or of an ICMP error that of the packets in the error's
// direction (the reverse of what it quotes). nullopt: ICMP that quotes nothing.
std::optional<net::FlowKey> flow_of(const net::PacketView& packet);

// Makes the packet one of `flow`, of the same family. False: an ICMP message that quotes nothing.
bool move_to_flow(net::PacketView& packet, const net::FlowKey& flow);

// Endpoints of the capture replaced by those whose part they play.
class Renaming {
 public:
  explicit Renaming(const std::vector<EndpointRule>& rules);
  bool empty() const { return ours_.empty(); }
  void apply(net::PacketView& packet);
  // How often the endpoint of the rule at this place was met, or its address where there are no
  // ports.
  std::uint64_t met(std::size_t rule) const { return met_[rule]; }

 private:
  std::optional<net::Endpoint> find(const net::Endpoint& captured);
  net::Endpoint renamed(const net::Endpoint& captured) { return find(captured).value_or(captured); }

  net::EndpointMap index_;  // endpoint, and address with port 0 -> place in ours_
  std::vector<net::Endpoint> ours_;
  std::vector<std::uint64_t> met_;
};

}  // namespace elblab::replay
