// The packet network of a run, the same in every world: a Fabric for each place, and the balancers
// and NAT boxes on them.
//
// A world drives the fabrics as its links deliver packets and as deadlines come. The ports of a
// place are its hosts, in the order of the scenario, then its ends of the links between places, in
// the order of those links. Balancers are attached everywhere, so that every place knows whose a
// packet is; the first place in which one has a node runs its timers.
//
// A NAT box is attached to the place of what stands behind it, and nowhere else: other places know
// its outer addresses as routes towards that place, and of what is behind it nothing. Nothing else
// is attached there: what is not behind the box is outside, by its uplink.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/forwarding/balancer.hpp"
#include "models/middlebox/network_address_translator.hpp"
#include "models/network/fabric.hpp"
#include "worlds/network_filters.hpp"
#include "worlds/objects.hpp"

namespace elblab::worlds {

// A port of a place.
struct NetworkPort {
  std::size_t place = 0;
  network::PortIndex port = 0;
};

// How the places of a scenario are wired.
struct Wiring {
  std::vector<NetworkPort> hosts;                        // as scenario.hosts
  std::vector<std::array<NetworkPort, 2>> links;         // as scenario.place_links: from, to
  std::vector<std::vector<network::Route>> routes;       // by place
  std::vector<std::vector<network::PortIndex>> towards;  // by place: the port to each other place
  std::vector<std::vector<std::pair<network::PortIndex, std::uint32_t>>> mtu_bytes;  // by place
  std::vector<bool> behind_box;  // by place: that of what stands behind a NAT box
  network::ReturnPath return_path = network::ReturnPath::newest;

  // Every place can be reached from every other.
  static Wiring of(const language::Scenario& scenario);
  // One place, behind one port of which everything is, or these routes lead.
  static Wiring single(std::vector<network::Route> routes);
  // The same, with a port for each host of the scenario, from 1 on; 0 is everything else's.
  static Wiring single_around(std::vector<network::Route> routes,
                              const language::Scenario& scenario);
};

// Packets that links gave to the ports of a place, and took from them.
struct PortTraffic {
  std::uint64_t delivered = 0;
  std::uint64_t taken = 0;
};

class Network {
 public:
  // recording must outlive the network.
  Network(const language::Scenario& scenario, const Wiring& wiring, std::uint64_t run_seed,
          const Objects& objects, Recording& recording);
  // Without NAT boxes.
  Network(language::Balancers balancers, const Wiring& wiring, std::uint64_t run_seed,
          const Objects& objects, Recording& recording);

  // Before the run, where the scenario has any: its filters, on the ports of its hosts and NAT
  // boxes and before the addresses of other nodes.
  void set_filters(const language::Scenario& scenario, const Wiring& wiring, std::uint64_t run_seed,
                   const Objects& objects);
  const NetworkFilters* filters() const { return filters_.get(); }  // nullptr: none

  std::size_t places() const { return fabrics_.size(); }
  network::Fabric& fabric(std::size_t place = 0) { return *fabrics_[place]; }
  const network::Fabric& fabric(std::size_t place = 0) const { return *fabrics_[place]; }
  // In the order of the scenario.
  std::size_t balancers() const { return balancers_.size(); }
  forwarding::Balancer& balancer(std::size_t index) { return *balancers_[index]; }
  const forwarding::Balancer& balancer(std::size_t index) const { return *balancers_[index]; }
  std::size_t middleboxes() const { return boxes_.size(); }
  const middlebox::NetworkAddressTranslator& middlebox(std::size_t index) const {
    return *boxes_[index];
  }

  // Before the run: a node besides the balancers, as a ManagementHost, that stands at this place.
  // name: for messages. It must outlive the network.
  void attach(network::Node& node, std::size_t place, telemetry::ObjectId object, std::string name);

  // A place goes out of service, or comes back.
  void set_place_up(std::size_t place, bool up);

  // The flow towards the server of the binding that a client's flow (client -> virtual address)
  // has; nullopt when it has none. O(balancers).
  std::optional<net::FlowKey> server_flow(const net::FlowKey& client_flow) const;
  // Whether a packet of this flow (server -> source) would be taken for the answer of a binding.
  bool holds_answer(const net::FlowKey& answer) const;
  // Of a packet that was looked up ahead.
  bool holds_answer(const network::Fabric::Lookup& lookup) const;

  std::uint64_t packets_in() const;  // over all places
  std::uint64_t dropped() const;     // by the fabrics
  std::uint64_t disputed() const;
  // Of a network of one place, everything that takes packets as one: what balancers count, with
  // what was routed past them and dropped before or behind them. Bytes are the balancers' alone.
  forwarding::ForwarderCounters totals() const;
  forwarding::SessionGauges gauges() const;

  // What does not add up; nullopt if everything does. traffic: by place.
  std::optional<std::string> imbalance(const std::vector<PortTraffic>& traffic) const;

 private:
  void add(const language::MiddleboxSpec& box, telemetry::ObjectId object, std::uint64_t run_seed,
           Recording& recording);
  void set_uplink_filters(const language::Scenario& scenario, const Wiring& wiring);

  std::unique_ptr<NetworkFilters> filters_;
  std::vector<bool> behind_box_;        // by place
  std::vector<std::string> names_;      // of balancers
  std::vector<std::string> box_names_;  // of NAT boxes
  std::vector<std::unique_ptr<forwarding::Balancer>> balancers_;
  std::vector<std::unique_ptr<middlebox::NetworkAddressTranslator>> boxes_;
  std::vector<std::pair<std::string, network::Node*>> others_;
  std::vector<std::unique_ptr<network::Fabric>> fabrics_;
};

}  // namespace elblab::worlds
