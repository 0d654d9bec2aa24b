#include "worlds/health/health_board.hpp"

#include <algorithm>
#include <utility>

#include "models/health/displayed_verdict.hpp"

namespace elblab::worlds {

using telemetry::Reason;
using telemetry::Verdict;

namespace {

std::size_t servers_of(const config::LoadBalancer& balancer) {
  std::size_t sum = 0;
  for (const config::BackendGroup& group : balancer.groups) sum += group.servers.size();
  return sum;
}

}  // namespace

HealthBoard::HealthBoard(const config::LoadBalancer& balancer, forwarding::Balancer& engine,
                         const BalancerObjects& objects, std::vector<telemetry::ObjectId> nodes,
                         PacketKeeping keeping, telemetry::Recorder& recorder)
    : balancer_(balancer),
      engine_(engine),
      objects_(objects),
      nodes_(std::move(nodes)),
      node_up_(nodes_.size(), true),
      recorder_(recorder),
      log_(servers_of(balancer) * nodes_.size(), keeping, recorder) {
  for (const config::BackendGroup& group : balancer.groups) {
    Server blank;
    blank.verdicts.resize(nodes_.size(), Verdict::unknown);
    blank.probing.resize(nodes_.size(), false);
    first_server_.push_back(all_servers_);
    all_servers_ += group.servers.size();
    servers_.emplace_back(group.servers.size(), blank);
  }
}

bool HealthBoard::is_checked(const Server& server) const {
  return std::find(server.probing.begin(), server.probing.end(), true) != server.probing.end();
}

void HealthBoard::reconfigure(const config::LoadBalancer& balancer, Instant now) {
  balancer_ = balancer;
  for (std::size_t node = 0; node < engine_.nodes(); ++node) {
    for (std::size_t group = 0; group < servers_.size(); ++group) steer(node, group);
  }
  display_all(now);
}

void HealthBoard::begin(std::size_t node, CheckedServer which, Verdict initial, Instant now) {
  state(which).probing[node] = true;
  set_verdict(node, which, initial, Reason::none, now);
}

void HealthBoard::stop(std::size_t node, CheckedServer which, Instant now) {
  state(which).probing[node] = false;
  set_verdict(node, which, Verdict::unknown, Reason::none, now);
}

void HealthBoard::probe_ended(std::size_t node, CheckedServer which,
                              const health::ProbeResult& result) {
  Server& server = state(which);
  ++server.probes.ended;
  const telemetry::ObjectId object = objects_.servers[which.group][which.server];
  const bool changed = result.after != server.verdicts[node];
  log_.note(node * all_servers_ + first_server_[which.group] + which.server,
            {result.started, result.ended, nodes_[node], object, result.reason,
             static_cast<std::uint16_t>(result.status), result.after},
            changed);
  if (!result.passed()) {
    ++server.probes.failed;
    telemetry::Event event;
    event.at = result.ended;
    event.kind = telemetry::EventKind::probe_failed;
    event.reason = result.reason;
    event.object = nodes_[node];
    event.peer = object;
    recorder_.record(event);
  }
  if (changed) set_verdict(node, which, result.after, result.reason, result.ended);
}

void HealthBoard::set_node_up(std::size_t node, bool up, Instant now) {
  node_up_[node] = up;
  display_all(now);
}

void HealthBoard::set_verdict(std::size_t node, CheckedServer which, Verdict after, Reason reason,
                              Instant now) {
  Server& server = state(which);
  const Verdict before = std::exchange(server.verdicts[node], after);
  if (before != after) {
    recorder_.health(
        {now, nodes_[node], objects_.servers[which.group][which.server], before, after, reason});
  }
  if (node < engine_.nodes()) {
    steer(node, which.group);
    const bool cuts =
        balancer_.groups[which.group].unhealthy_connections == config::UnhealthyConnections::cut;
    if (after == Verdict::unhealthy && cuts) {
      engine_.node(node).cut_connections(which.group, which.server, Reason::server_unhealthy, now);
    }
  }
  display(which, now);
}

bool HealthBoard::finds_any_healthy(std::size_t node, std::size_t group) const {
  const auto& members = balancer_.groups[group].servers;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool wanted = members[i].member && members[i].weight > 0;
    if (wanted && servers_[group][i].verdicts[node] == Verdict::healthy) return true;
  }
  return false;
}

void HealthBoard::steer(std::size_t node, std::size_t group) {
  const bool forward =
      balancer_.groups[group].no_healthy_server == config::NoHealthyServer::forward &&
      !finds_any_healthy(node, group);
  for (std::size_t i = 0; i < servers_[group].size(); ++i) {
    const Server& server = servers_[group][i];
    const bool eligible =
        !server.probing[node] || forward || server.verdicts[node] == Verdict::healthy;
    engine_.node(node).set_server_eligible(group, i, scheduling::Owner::health, eligible);
  }
}

Verdict HealthBoard::displayed(CheckedServer which) const { return state(which).displayed; }

// Weight 0: SCH-10, SCH-11, SCH-12.
Verdict HealthBoard::to_display(CheckedServer which) const {
  const Server& server = state(which);
  if (configured(which).weight == 0) {
    switch (balancer_.profile->zero_weight_health) {
      case config::ZeroWeightHealth::undefined:
        return Verdict::unknown;
      case config::ZeroWeightHealth::unhealthy:
        return Verdict::unhealthy;
      case config::ZeroWeightHealth::probed:
        break;
    }
  }
  return is_checked(server) ? server.majority : Verdict::healthy;  // HC-16
}

void HealthBoard::display(CheckedServer which, Instant now) {
  Server& server = state(which);
  std::vector<Verdict> heard;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (node_up_[node]) heard.push_back(server.verdicts[node]);
  }
  server.majority = health::displayed(heard, server.majority);
  const Verdict shown = to_display(which);
  const Verdict before = std::exchange(server.displayed, shown);
  if (before == shown) return;
  if (before != Verdict::unknown && shown != Verdict::unknown) ++server.changes;
  recorder_.health(
      {now, 0, objects_.servers[which.group][which.server], before, shown, Reason::none});
  if (before != Verdict::healthy || healthy_members(which.group) > 0) return;
  telemetry::Event event;
  event.at = now;
  event.kind = telemetry::EventKind::no_healthy_server;
  event.object = objects_.groups[which.group].object;
  event.value = static_cast<std::int64_t>(servers_[which.group].size());
  recorder_.record(event);
}

std::size_t HealthBoard::healthy_members(std::size_t group) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < servers_[group].size(); ++i) {
    const bool member = configured({group, i}).member;
    if (member && servers_[group][i].displayed == Verdict::healthy) ++count;
  }
  return count;
}

void HealthBoard::display_all(Instant now) {
  for (std::size_t group = 0; group < servers_.size(); ++group) {
    for (std::size_t i = 0; i < servers_[group].size(); ++i) display({group, i}, now);
  }
}

std::uint64_t HealthBoard::normal_servers() const {
  std::uint64_t count = 0;
  for (std::size_t group = 0; group < servers_.size(); ++group) count += healthy_members(group);
  return count;
}

std::uint64_t HealthBoard::healthy_nodes(CheckedServer which) const {
  const auto& verdicts = state(which).verdicts;
  return static_cast<std::uint64_t>(std::count(verdicts.begin(), verdicts.end(), Verdict::healthy));
}

std::uint64_t HealthBoard::abnormal_servers() const {
  std::uint64_t members = 0;
  for (const config::BackendGroup& group : balancer_.groups) {
    members += static_cast<std::uint64_t>(std::count_if(
        group.servers.begin(), group.servers.end(), [](const auto& each) { return each.member; }));
  }
  return members - normal_servers();
}

}  // namespace elblab::worlds
