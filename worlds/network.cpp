#include "worlds/network.hpp"

#include <algorithm>
#include <utility>

#include "worlds/packet_balance.hpp"
#include "worlds/routes.hpp"

namespace elblab::worlds {

Network::Network(language::Balancers balancers, std::vector<network::Route> routes,
                 std::uint64_t run_seed, const Objects& objects, Recording& recording)
    : fabric_(std::move(routes), objects.network, recording.recorder()) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    const BalancerObjects& of = objects.balancers[i];
    names_.push_back(balancers[i].name);
    balancers_.push_back(std::make_unique<forwarding::Balancer>(
        balancers[i], of.nodes, hash_seed_of(run_seed, balancers[i].name), recording.recorder(),
        of.servers));
    fabric_.attach(*balancers_.back(), of.balancer);
  }
  fabric_.watch(recording.packets());
}

std::optional<net::FlowKey> Network::server_flow(const net::FlowKey& client_flow) const {
  for (const auto& balancer : balancers_) {
    if (auto flow = balancer->server_flow(client_flow)) return flow;
  }
  return std::nullopt;
}

bool Network::holds_answer(const net::FlowKey& answer) const {
  return std::any_of(balancers_.begin(), balancers_.end(),
                     [&](const auto& balancer) { return balancer->holds_answer(answer); });
}

bool Network::holds_answer(const network::Fabric::Lookup& lookup) const {
  if (balancers_.size() == 1) return balancers_.front()->holds_answer(lookup.claim);
  return holds_answer(lookup.claim.flow);  // perhaps another's than the one looked up
}

forwarding::ForwarderCounters Network::totals() const {
  std::vector<const forwarding::Balancer*> all;
  for (const auto& balancer : balancers_) all.push_back(balancer.get());
  return forwarding::totals(fabric_.counters(), all);
}

forwarding::SessionGauges Network::gauges() const {
  forwarding::SessionGauges sum;
  for (const auto& balancer : balancers_) sum += balancer->gauges();
  return sum;
}

std::optional<std::string> Network::imbalance(std::uint64_t delivered, std::uint64_t taken) const {
  const network::FabricCounters& c = fabric_.counters();
  if (auto problem = imbalance_of(c, delivered, taken)) return problem;
  std::uint64_t given = 0;
  std::uint64_t sent = 0;
  for (std::size_t i = 0; i < balancers_.size(); ++i) {
    const network::NodeCounts node = balancers_[i]->counts();
    given += node.packets_in;
    sent += node.packets_sent;
    if (auto problem = imbalance_of(names_[i], node)) return problem;
  }
  if (c.to_nodes == given && c.from_nodes == sent) return std::nullopt;
  return "network: gave balancers " + std::to_string(c.to_nodes) + " packets and took " +
         std::to_string(c.from_nodes) + ", they counted " + std::to_string(given) + " and " +
         std::to_string(sent);
}

}  // namespace elblab::worlds
