#include "worlds/health/probing_node.hpp"

#include <utility>

namespace elblab::worlds {
namespace {

ManagementHostOptions options_of(const config::ProbeNode& node, const std::string& name) {
  ManagementHostOptions options;
  options.host.name = name;
  options.host.addresses = {node.address};
  options.host.record_connections = false;
  options.host.sysctls.ip_local_port_range_low = node.ports.first;
  options.host.sysctls.ip_local_port_range_high = node.ports.last;
  options.place = node.place;
  options.share = node.share;
  options.shares = node.shares;
  return options;
}

}  // namespace

ProbingNode::ProbingNode(const config::ProbeNode& node, std::size_t number, const std::string& name,
                         const config::LoadBalancer& balancer, std::uint64_t run_seed,
                         HealthBoard& board)
    : number_(number),
      place_(node.place),
      board_(board),
      host_(std::make_unique<ManagementHost>(
          options_of(node, name), random::Stream(run_seed, "probing/" + name), nowhere_)),
      prober_(new health::Prober(host_->sockets(), *host_, *this)) {
  for (std::size_t group = 0; group < balancer.groups.size(); ++group) {
    auto& targets = targets_.emplace_back();
    for (std::size_t i = 0; i < balancer.groups[group].servers.size(); ++i) {
      const std::string server =
          balancer.groups[group].name + "/" + balancer.groups[group].servers[i].name;
      targets.push_back(
          prober_->add(random::Stream(run_seed, "first_probe/" + name + "/" + server)));
      servers_.push_back({group, i});
      paused_.emplace_back();
    }
  }
  host_->on_echo_reply([this](const net::IpAddress& from, std::uint16_t echo, Instant now) {
    prober_->echo_reply(from, echo, now);
  });
  host_->add(*prober_);
}

void ProbingNode::begin(const config::LoadBalancer& balancer, Instant now) {
  follow_each(balancer, health::initial_verdict, now);
  if (balancer.frozen) pause(now);
}

void ProbingNode::pause(Instant now) {
  for (health::TargetNumber target = 0; target < servers_.size(); ++target) {
    if (!prober_->probes(target)) continue;
    paused_[target] = prober_->verdict(target);
    prober_->stop(target, now);
  }
  host_->settle();
}

void ProbingNode::follow(const config::LoadBalancer& balancer, Instant now) {
  if (balancer.frozen) {
    pause(now);
    return;
  }
  follow_each(
      balancer, [](const config::BackendGroup&) { return telemetry::Verdict::unknown; }, now);
}

template <typename Initial>
void ProbingNode::follow_each(const config::LoadBalancer& balancer, Initial initial, Instant now) {
  for (std::size_t group = 0; group < targets_.size(); ++group) {
    const config::BackendGroup& configured = balancer.groups[group];
    for (std::size_t i = 0; i < targets_[group].size(); ++i) {
      const config::Server& server = configured.servers[i];
      follow({group, i},
             server.member ? health::check_of(balancer, configured, server) : std::nullopt,
             initial(configured), now);
    }
  }
  host_->settle();
}

void ProbingNode::follow(CheckedServer which, const std::optional<health::Check>& check,
                         telemetry::Verdict initial, Instant now) {
  const health::TargetNumber target = targets_[which.group][which.server];
  const auto before = std::exchange(paused_[target], std::nullopt);
  if (!check) {
    if (!prober_->probes(target) && !before) return;
    if (!before) prober_->stop(target, now);
    board_.stop(number_, which, now);
  } else if (before) {
    prober_->begin(target, *check, *before, now);
  } else if (prober_->probes(target)) {
    prober_->change(target, *check, now);
  } else {
    prober_->begin(target, *check, initial, now);
    board_.begin(number_, which, initial, now);
  }
}

void ProbingNode::probe_ended(const health::ProbeResult& result) {
  board_.probe_ended(number_, servers_[result.target], result);
}

void ProbingNode::probe_answered(health::TargetNumber target, Duration took) {
  board_.probe_answered(servers_[target], took);
}

}  // namespace elblab::worlds
