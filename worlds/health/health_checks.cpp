#include "worlds/health/health_checks.hpp"

namespace elblab::worlds {

using telemetry::Verdict;

HealthChecks::HealthChecks(const language::Scenario& scenario, Network& network,
                           const Objects& objects, std::uint64_t run_seed, Recording& recording)
    : scenario_(scenario), checked_(scenario.balancers.size()) {
  for (std::size_t i = 0; i < checked_.size(); ++i) {
    if (!config::may_check_health(scenario.balancers[i])) continue;
    add(scenario, i, network, objects, run_seed, recording);
  }
}

void HealthChecks::add(const language::Scenario& scenario, std::size_t index, Network& network,
                       const Objects& objects, std::uint64_t run_seed, Recording& recording) {
  const config::LoadBalancer& balancer = scenario.balancers[index];
  const std::vector<config::ProbeNode> nodes = config::probe_nodes(balancer);
  const BalancerObjects& of = objects.balancers[index];
  const std::vector<telemetry::ObjectId> node_objects = of.probing_nodes();
  Checked& checked = checked_[index];
  checked.board = std::make_unique<HealthBoard>(balancer, network.balancer(index), of, node_objects,
                                                recording.keeping(), recording.recorder());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bool lvs = nodes[i].kind == config::ProbeNode::Kind::lvs;
    const std::string name =
        lvs ? language::node_object(scenario.balancers, index, nodes[i].index)
            : language::proxy_node_object(scenario.balancers, index, nodes[i].index);
    checked.nodes.push_back(
        std::make_unique<ProbingNode>(nodes[i], i, name, balancer, run_seed, *checked.board));
    network.attach(checked.nodes.back()->host(), nodes[i].place, node_objects[i],
                   name + " (probing)");
  }
}

void HealthChecks::start(Instant now) {
  for (std::size_t i = 0; i < checked_.size(); ++i) {
    for (const auto& node : checked_[i].nodes) {
      node->host().start(now);
      node->begin(scenario_.balancers[i], now);
    }
    if (checked_[i].board) checked_[i].board->reconfigure(scenario_.balancers[i], now);
  }
}

void HealthChecks::reconfigure(std::size_t balancer, const config::LoadBalancer& result,
                               Instant now) {
  Checked& checked = checked_[balancer];
  if (!checked.board) return;
  for (const auto& node : checked.nodes) node->follow(result, now);
  checked.board->reconfigure(result, now);
}

void HealthChecks::set_place_up(std::size_t place, bool up, Instant now) {
  for (Checked& checked : checked_) {
    for (std::size_t i = 0; i < checked.nodes.size(); ++i) {
      if (checked.nodes[i]->place() != place) continue;
      checked.nodes[i]->host().set_up(up);
      checked.board->set_node_up(i, up, now);
    }
  }
}

std::uint64_t HealthChecks::probe_bytes(std::size_t balancer) const {
  return summed(balancer, &ManagementHost::bytes);
}

std::uint64_t HealthChecks::probe_packets_sent(std::size_t balancer) const {
  return summed(balancer, &ManagementHost::packets_sent);
}

std::uint64_t HealthChecks::probe_packets_received(std::size_t balancer) const {
  return summed(balancer, &ManagementHost::packets_received);
}

std::uint64_t HealthChecks::summed(std::size_t balancer,
                                   std::uint64_t (ManagementHost::*count)() const) const {
  std::uint64_t sum = 0;
  for (const auto& node : checked_[balancer].nodes) sum += (node->host().*count)();
  return sum;
}

}  // namespace elblab::worlds
