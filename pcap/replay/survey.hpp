// What occurs in a capture: which endpoints are asked, who answers, and on which legs of the
// balancer packets are. Read once, before a replay, to find out what the capture's addresses are.
//
// Memory is bounded: 65,536 endpoints and a million first datagrams are told apart, whatever the
// capture holds. O(records), cheaper than a replay.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "models/net/packet_view.hpp"
#include "pcap/replay/address_plan.hpp"
#include "pcap/replay/packet_batch.hpp"
#include "pcap/replay/rewriting.hpp"

namespace elblab::replay {

// An endpoint that is asked for something.
struct Service {
  net::Endpoint endpoint;
  net::Protocol protocol = net::Protocol::tcp;
  std::uint64_t asked = 0;     // SYNs, or first datagrams of a flow, sent to it
  std::uint64_t answered = 0;  // SYN+ACKs, or first datagrams back, from it
  // SYNs that had been sent to another endpoint just before (the same sequence number): what a
  // balancer passes on.
  std::uint64_t relayed = 0;
  net::Endpoint relayed_from;  // the last such endpoint
};

class Survey {
 public:
  // Packets are looked at as they are after renaming.
  explicit Survey(const AddressPlan& plan) : plan_(plan) {}

  void add(const net::PacketView& packet);

  std::uint64_t packets() const { return packets_; }
  // Packets on a leg; of `with_ports`, those with ports alone.
  std::uint64_t on(Leg leg) const { return legs_[static_cast<std::size_t>(leg)]; }
  std::uint64_t with_ports_on(Leg leg) const {
    return legs_with_ports_[static_cast<std::size_t>(leg)];
  }
  // Most asked first; of equals, the one met first.
  std::vector<Service> services() const;
  // Packets sent to an address, most first: for captures in which nothing is asked.
  std::vector<std::pair<net::IpAddress, std::uint64_t>> busiest_addresses() const;

 private:
  static constexpr std::size_t kLegs = static_cast<std::size_t>(Leg::elsewhere) + 1;
  static constexpr std::size_t kMostServices = 65'536;
  static constexpr std::size_t kMostDatagramFlows = 1 << 20;
  static constexpr std::size_t kRecentSyns = 4096;
  using Key = std::pair<net::Endpoint, net::Protocol>;
  struct RecentSyn {
    std::uint32_t sequence = 0;
    bool used = false;
    net::Endpoint to;
  };

  void add_address(const net::IpAddress& address);
  void add_tcp(const net::PacketView& packet, const net::FlowKey& flow);
  void add_datagram(const net::FlowKey& flow);
  // nullptr when there are too many already.
  Service* service(const net::Endpoint& endpoint, net::Protocol protocol);

  const AddressPlan& plan_;
  std::uint64_t packets_ = 0;
  std::array<std::uint64_t, kLegs> legs_{};
  std::array<std::uint64_t, kLegs> legs_with_ports_{};
  std::map<Key, std::size_t> index_;  // place in services_
  std::vector<Service> services_;     // in the order they were met
  net::EndpointMap address_index_;    // place in addresses_
  std::vector<std::pair<net::IpAddress, std::uint64_t>> addresses_;
  std::unordered_set<std::uint64_t> datagram_flows_;  // hashes, of both directions
  std::vector<RecentSyn> recent_syns_ = std::vector<RecentSyn>(kRecentSyns);  // by sequence
};

}  // namespace elblab::replay
