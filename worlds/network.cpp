#include "worlds/network.hpp"

#include <utility>

#include "worlds/packet_balance.hpp"
#include "worlds/routes.hpp"

namespace elblab::worlds {

Network::Network(const config::LoadBalancer& balancer, std::vector<network::Route> routes,
                 std::uint64_t run_seed, const Objects& objects, telemetry::Recorder& recorder)
    : balancer_(std::make_unique<forwarding::Balancer>(
          balancer, objects.nodes, hash_seed_of(run_seed), recorder, objects.servers)),
      fabric_(std::move(routes), objects.nodes.empty() ? 0 : objects.nodes.front(), recorder) {
  fabric_.attach(*balancer_);
}

forwarding::ForwarderCounters Network::totals() const {
  const forwarding::Balancer* const all[]{balancer_.get()};
  return forwarding::totals(fabric_.counters(), all);
}

std::optional<std::string> Network::imbalance(std::uint64_t delivered, std::uint64_t taken) const {
  if (auto problem = imbalance_of(fabric_.counters(), delivered, taken)) return problem;
  const network::NodeCounts node = balancer_->counts();
  const network::FabricCounters& c = fabric_.counters();
  if (c.to_nodes != node.packets_in || c.from_nodes != node.packets_sent) {
    return "network: gave nodes " + std::to_string(c.to_nodes) + " packets and took " +
           std::to_string(c.from_nodes) + ", they counted " + std::to_string(node.packets_in) +
           " and " + std::to_string(node.packets_sent);
  }
  return imbalance_of("balancer", node);
}

}  // namespace elblab::worlds
