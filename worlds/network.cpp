#include "worlds/network.hpp"

#include <algorithm>
#include <utility>

#include "worlds/hash_seed.hpp"
#include "worlds/packet_balance.hpp"

namespace elblab::worlds {
namespace {

std::unique_ptr<network::Fabric> make_fabric(const Wiring& wiring, std::size_t place,
                                             const Objects& objects, Recording& recording) {
  auto fabric = std::make_unique<network::Fabric>(wiring.routes[place], objects.places[place],
                                                  recording.recorder());
  fabric->set_place(static_cast<std::uint16_t>(place), wiring.towards[place]);
  for (const auto& [port, bytes] : wiring.mtu_bytes[place]) fabric->set_mtu(port, bytes);
  fabric->set_return_path(wiring.return_path);
  fabric->watch(recording.packets());
  return fabric;
}

std::size_t home_of(const config::LoadBalancer& balancer) {
  return balancer.node_places.empty() ? 0 : balancer.node_places.front();
}

}  // namespace

Network::Network(language::Balancers balancers, const Wiring& wiring, std::uint64_t run_seed,
                 const Objects& objects, Recording& recording)
    : behind_box_(wiring.behind_box) {
  for (std::size_t place = 0; place < wiring.routes.size(); ++place) {
    fabrics_.push_back(make_fabric(wiring, place, objects, recording));
  }
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    const BalancerObjects& of = objects.balancers[i];
    names_.push_back(balancers[i].name);
    balancers_.push_back(std::make_unique<forwarding::Balancer>(
        balancers[i], of.nodes, hash_seed_of(run_seed, balancers[i].name), recording.recorder(),
        of.servers));
    for (std::size_t place = 0; place < fabrics_.size(); ++place) {
      if (behind_box_[place]) continue;
      fabrics_[place]->attach(*balancers_.back(), of.balancer, place == home_of(balancers[i]));
    }
  }
}

Network::Network(const language::Scenario& scenario, const Wiring& wiring, std::uint64_t run_seed,
                 const Objects& objects, Recording& recording)
    : Network(language::Balancers(scenario.balancers), wiring, run_seed, objects, recording) {
  for (std::size_t i = 0; i < scenario.middleboxes.size(); ++i) {
    add(scenario.middleboxes[i], objects.middleboxes[i], run_seed, recording);
  }
}

void Network::add(const language::MiddleboxSpec& box, telemetry::ObjectId object,
                  std::uint64_t run_seed, Recording& recording) {
  box_names_.push_back(box.name);
  boxes_.push_back(std::make_unique<middlebox::NetworkAddressTranslator>(
      box.nat, random::Stream(run_seed, "middlebox/" + box.name), object, recording.recorder(),
      static_cast<std::uint16_t>(box.inside_place)));
  fabrics_[box.inside_place]->attach(*boxes_.back(), object);
}

void Network::attach(network::Node& node, std::size_t place, telemetry::ObjectId object,
                     std::string name) {
  for (std::size_t each = 0; each < fabrics_.size(); ++each) {
    if (behind_box_[each]) continue;
    fabrics_[each]->attach(node, object, each == place);
    if (filters_) filters_->set_node_acls(*fabrics_[each], node);
  }
  others_.emplace_back(std::move(name), &node);
}

void Network::set_filters(const language::Scenario& scenario, const Wiring& wiring,
                          std::uint64_t run_seed, const Objects& objects) {
  if (!NetworkFilters::any_in(scenario)) return;
  filters_ = std::make_unique<NetworkFilters>(scenario, run_seed, objects);
  for (std::size_t i = 0; i < wiring.hosts.size(); ++i) {
    const NetworkPort& at = wiring.hosts[i];
    if (filters_->of_host(i).any()) {
      fabrics_[at.place]->set_filters(at.port, filters_->of_host(i));
    }
  }
  set_uplink_filters(scenario, wiring);
  for (std::size_t place = 0; place < fabrics_.size(); ++place) {
    if (behind_box_[place]) continue;
    network::Fabric& fabric = *fabrics_[place];
    for (const auto& balancer : balancers_) filters_->set_node_acls(fabric, *balancer);
    for (const auto& [name, node] : others_) filters_->set_node_acls(fabric, *node);
  }
}

// A NAT box is in the subnet of its outer addresses: at the outer end of its uplink.
void Network::set_uplink_filters(const language::Scenario& scenario, const Wiring& wiring) {
  for (const language::MiddleboxSpec& box : scenario.middleboxes) {
    network::Filter* const acl = filters_->acl_around(box.nat.addresses.front());
    if (acl == nullptr) continue;
    for (std::size_t i = 0; i < scenario.place_links.size(); ++i) {
      if (scenario.place_links[i].to != box.inside_place) continue;
      const NetworkPort& outer = wiring.links[i][0];
      fabrics_[outer.place]->set_filters(outer.port, {acl, nullptr, nullptr});
    }
  }
}

void Network::set_place_up(std::size_t place, bool up) {
  fabrics_[place]->set_up(up);
  for (const auto& balancer : balancers_) {
    balancer->set_place_up(static_cast<std::uint16_t>(place), up);
  }
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
  if (balancers_.size() == 1 && boxes_.empty()) {
    return balancers_.front()->holds_answer(lookup.claim);
  }
  return holds_answer(lookup.claim.flow);  // perhaps another's than the one looked up
}

std::uint64_t Network::packets_in() const {
  std::uint64_t sum = 0;
  for (const auto& fabric : fabrics_) sum += fabric->counters().packets_in;
  return sum;
}

std::uint64_t Network::dropped() const {
  std::uint64_t sum = 0;
  for (const auto& fabric : fabrics_) sum += fabric->counters().dropped_total();
  return sum;
}

std::uint64_t Network::disputed() const {
  std::uint64_t sum = 0;
  for (const auto& fabric : fabrics_) sum += fabric->counters().disputed;
  return sum;
}

forwarding::ForwarderCounters Network::totals() const {
  std::vector<const forwarding::Balancer*> all;
  for (const auto& balancer : balancers_) all.push_back(balancer.get());
  return forwarding::totals(fabric().counters(), all);
}

forwarding::SessionGauges Network::gauges() const {
  forwarding::SessionGauges sum;
  for (const auto& balancer : balancers_) sum += balancer->gauges();
  return sum;
}

std::optional<std::string> Network::imbalance(const std::vector<PortTraffic>& traffic) const {
  std::uint64_t to_nodes = 0;
  std::uint64_t from_nodes = 0;
  for (std::size_t place = 0; place < fabrics_.size(); ++place) {
    const network::FabricCounters& c = fabrics_[place]->counters();
    to_nodes += c.to_nodes;
    from_nodes += c.from_nodes;
    if (auto problem = imbalance_of(c, traffic[place].delivered, traffic[place].taken)) {
      return problem;
    }
  }
  std::uint64_t given = 0;
  std::uint64_t sent = 0;
  const auto add_up = [&](const std::string& name, const network::NodeCounts& node) {
    given += node.packets_in;
    sent += node.packets_sent;
    return imbalance_of(name, node);
  };
  for (std::size_t i = 0; i < balancers_.size(); ++i) {
    if (auto problem = add_up(names_[i], balancers_[i]->counts())) return problem;
  }
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    if (auto problem = add_up(box_names_[i], boxes_[i]->counts())) return problem;
  }
  for (const auto& [name, node] : others_) {
    if (auto problem = add_up(name, node->counts())) return problem;
  }
  if (to_nodes == given && from_nodes == sent) return std::nullopt;
  return "network: gave nodes " + std::to_string(to_nodes) + " packets and took " +
         std::to_string(from_nodes) + ", they counted " + std::to_string(given) + " and " +
         std::to_string(sent);
}

}  // namespace elblab::worlds
