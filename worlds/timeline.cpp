#include "worlds/timeline.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace elblab::worlds {
namespace {

using Entry = language::TimelineEntry;
using Action = Entry::Action;

bool acts_on_server(Action action) {
  return action == Action::set_weight || action == Action::disable_server ||
         action == Action::enable_server;
}

telemetry::EventKind kind_of(Action action) {
  return action == Action::set_weight || action == Action::set_sysctl ||
                 action == Action::set_bandwidth
             ? telemetry::EventKind::configuration_changed
             : telemetry::EventKind::fault_injected;
}

}  // namespace

Timeline::Timeline(const language::Scenario& scenario, TimelineTargets targets,
                   const Objects& objects, telemetry::Recorder& recorder)
    : scenario_(scenario),
      targets_(std::move(targets)),
      objects_(objects),
      recorder_(recorder),
      order_(scenario.timeline.size()) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return scenario_.timeline[a].at < scenario_.timeline[b].at;
  });
}

std::optional<std::string> Timeline::problem() const {
  for (std::size_t i = 0; i < scenario_.timeline.size(); ++i) {
    const Entry& entry = scenario_.timeline[i];
    if (!target_exists(entry)) {
      return "timeline entry " + std::to_string(i + 1) + ": there is no '" + entry.target + "'";
    }
  }
  return std::nullopt;
}

bool Timeline::target_exists(const Entry& entry) const {
  if (entry.action == Action::set_bandwidth) {
    const auto balancer = language::find_balancer(scenario_.balancers, entry.target);
    return balancer && scenario_.balancers[*balancer].eip.has_value();
  }
  if (acts_on_server(entry.action)) return find_server(entry.target).has_value();
  return find_host(entry.target).has_value();
}

Instant Timeline::next_deadline() const {
  return next_ < order_.size() ? scenario_.timeline[order_[next_]].at : kNever;
}

void Timeline::advance(Instant now) {
  while (next_deadline() <= now) apply(order_[next_++], now);
}

std::optional<language::ServerPlace> Timeline::find_server(const std::string& target) const {
  const auto found = language::find_servers(scenario_.balancers, target);
  return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

std::optional<std::size_t> Timeline::find_host(const std::string& target) const {
  for (std::size_t i = 0; i < scenario_.hosts.size(); ++i) {
    if (scenario_.hosts[i].name == target) return i;
  }
  return std::nullopt;
}

void Timeline::apply(std::size_t index, Instant now) {
  const Entry& entry = scenario_.timeline[index];
  if (entry.action == Action::set_bandwidth) {
    return record(index, apply_to_balancer(entry, now), now);
  }
  record(index, acts_on_server(entry.action) ? apply_to_server(entry) : apply_to_host(entry, now),
         now);
}

telemetry::ObjectId Timeline::apply_to_balancer(const Entry& entry, Instant now) {
  const std::size_t index = *language::find_balancer(scenario_.balancers, entry.target);
  targets_.network->balancer(index).set_bandwidth(entry.number, now);
  if (targets_.network_changed) targets_.network_changed();
  return objects_.balancers[index].balancer;
}

telemetry::ObjectId Timeline::apply_to_server(const Entry& entry) {
  const language::ServerPlace place = *find_server(entry.target);
  forwarding::Balancer& balancer = targets_.network->balancer(place.balancer);
  for (std::size_t i = 0; i < balancer.nodes(); ++i) {
    if (entry.action == Action::set_weight) {
      balancer.node(i).set_server_weight(place.group, place.server,
                                        static_cast<std::uint8_t>(entry.value));
    } else {
      balancer.node(i).set_server_eligible(place.group, place.server,
                                           scheduling::Owner::operator_hand,
                                           entry.action == Action::enable_server);
    }
  }
  return objects_.balancers[place.balancer].servers[place.group][place.server];
}

telemetry::ObjectId Timeline::apply_to_host(const Entry& entry, Instant now) {
  const std::size_t index = *find_host(entry.target);
  TimelineTargets::HostTarget& target = targets_.hosts[index];
  switch (entry.action) {
    case Action::link_down:
    case Action::link_up:
      target.link->set_up(entry.action == Action::link_up);
      return objects_.links[index];
    case Action::set_loss:
      target.link->set_loss(entry.number);
      return objects_.links[index];
    case Action::stop_service:
    case Action::start_service:
      for (workload::Server* server : target.servers) {
        server->set_listening(entry.action == Action::start_service, now);
      }
      break;
    case Action::set_sysctl:
      if (const host::SysctlEntry* sysctl = host::find_sysctl(entry.name)) {
        target.host->set_sysctl(*sysctl, entry.value);
      }
      break;
    default:
      break;
  }
  target.host->touched();
  return objects_.hosts[index];
}

void Timeline::record(std::size_t index, telemetry::ObjectId object, Instant now) {
  telemetry::Event event;
  event.at = now;
  event.kind = kind_of(scenario_.timeline[index].action);
  event.object = object;
  event.value = static_cast<std::int64_t>(index);
  recorder_.record(event);
}

}  // namespace elblab::worlds
