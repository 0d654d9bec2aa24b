// The packet network of a run, the same in every world: the Fabric and the balancers on it.
//
// A world drives the fabric as its links deliver packets and as deadlines come; ports are numbered
// as the scenario's hosts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/forwarding/balancer.hpp"
#include "models/network/fabric.hpp"
#include "worlds/objects.hpp"

namespace elblab::worlds {

class Network {
 public:
  // recording must outlive the network.
  Network(language::Balancers balancers, std::vector<network::Route> routes,
          std::uint64_t run_seed, const Objects& objects, Recording& recording);

  network::Fabric& fabric() { return fabric_; }
  const network::Fabric& fabric() const { return fabric_; }
  // In the order of the scenario.
  std::size_t balancers() const { return balancers_.size(); }
  forwarding::Balancer& balancer(std::size_t index) { return *balancers_[index]; }
  const forwarding::Balancer& balancer(std::size_t index) const { return *balancers_[index]; }

  // The flow towards the server of the binding that a client's flow (client -> virtual address) has;
  // nullopt when it has none. O(balancers).
  std::optional<net::FlowKey> server_flow(const net::FlowKey& client_flow) const;
  // Whether a packet of this flow (server -> source) would be taken for the answer of a binding.
  bool holds_answer(const net::FlowKey& answer) const;
  // Of a packet that was looked up ahead.
  bool holds_answer(const network::Fabric::Lookup& lookup) const;

  // Everything that takes packets as one: what balancers count, with what was routed past them and
  // dropped before or behind them. Bytes are the balancers' alone.
  forwarding::ForwarderCounters totals() const;
  forwarding::SessionGauges gauges() const;

  // What does not add up; nullopt if everything does. delivered, taken: packets that links gave to
  // the fabric's ports, and took from them.
  std::optional<std::string> imbalance(std::uint64_t delivered, std::uint64_t taken) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<forwarding::Balancer>> balancers_;
  network::Fabric fabric_;
};

}  // namespace elblab::worlds
