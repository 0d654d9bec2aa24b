#include "worlds/timeline.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace elblab::worlds {
namespace {

using Entry = language::TimelineEntry;
using Action = Entry::Action;

bool acts_on_server(Action action) {
  return action == Action::disable_server || action == Action::enable_server;
}

bool acts_on_zone(Action action) {
  return action == Action::zone_down || action == Action::zone_up;
}

telemetry::EventKind kind_of(const Entry& entry) {
  return entry.operation || entry.action == Action::set_sysctl
             ? telemetry::EventKind::configuration_changed
             : telemetry::EventKind::fault_injected;
}

std::string place_of(std::size_t entry) {
  return "timeline entry " + std::to_string(entry + 1) + ": ";
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
    if (!target_exists(entry)) return place_of(i) + "there is no '" + entry.target + "'";
    if (const auto why = lacking(entry)) return place_of(i) + "'" + entry.target + "': " + *why;
  }
  return std::nullopt;
}

std::optional<std::string> Timeline::lacking(const Entry& entry) const {
  if (entry.action != Action::set_sysctl) return std::nullopt;
  const host::SysctlEntry* sysctl = host::find_sysctl(entry.name);
  if (sysctl == nullptr) return "there is no kernel setting '" + entry.name + "'";
  return targets_.hosts[*find_host(entry.target)].host->lacks_sysctl(*sysctl);
}

bool Timeline::target_exists(const Entry& entry) const {
  if (entry.operation) return entry.operation->balancer < scenario_.balancers.size();
  if (acts_on_zone(entry.action)) return find_zone(entry.target).has_value();
  if (acts_on_server(entry.action)) return find_server(entry.target).has_value();
  return find_host(entry.target).has_value();
}

Instant Timeline::next_deadline() const {
  return next_ < order_.size() && !failure_ ? scenario_.timeline[order_[next_]].at : kNever;
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

std::optional<std::size_t> Timeline::find_zone(const std::string& target) const {
  for (std::size_t i = 0; i < scenario_.places.size(); ++i) {
    const language::PlaceSpec& place = scenario_.places[i];
    if (place.kind == language::PlaceSpec::Kind::zone && place.name == target) return i;
  }
  return std::nullopt;
}

void Timeline::apply(std::size_t index, Instant now) {
  const Entry& entry = scenario_.timeline[index];
  telemetry::ObjectId object = 0;
  if (entry.operation) {
    object = apply_operation(*entry.operation, now);
  } else if (acts_on_zone(entry.action)) {
    object = apply_to_zone(entry, now);
  } else {
    object = acts_on_server(entry.action) ? apply_to_server(entry) : apply_to_host(entry, now);
  }
  if (failure_) {
    failure_ = place_of(index) + "'" + entry.target + "': " + *failure_;
  } else {
    record(index, object, now);
  }
}

telemetry::ObjectId Timeline::apply_operation(const language::Operation& operation, Instant now) {
  targets_.network->balancer(operation.balancer)
      .reconfigure(*operation.result,
                   operation.keeps_connections ? forwarding::OpenConnections::kept
                                               : forwarding::OpenConnections::as_configured,
                   now);
  if (targets_.health != nullptr) {
    targets_.health->reconfigure(operation.balancer, *operation.result, now);
  }
  if (targets_.network_changed) targets_.network_changed();
  const BalancerObjects& of = objects_.balancers[operation.balancer];
  telemetry::OperationRecord row;
  row.requested_at = operation.requested_at;
  row.applied_at = now;
  row.balancer = of.balancer;
  row.object = operation.server ? of.servers[operation.server->first][operation.server->second]
                                : of.balancer;
  row.resource = operation.resource;
  row.trace_name = operation.trace_name;
  row.path = operation.path;
  row.before = operation.before;
  row.after = operation.after;
  recorder_.operation(row);
  return row.object;
}

telemetry::ObjectId Timeline::apply_to_zone(const Entry& entry, Instant now) {
  const std::size_t place = *find_zone(entry.target);
  const bool up = entry.action == Action::zone_up;
  targets_.network->set_place_up(place, up);
  if (targets_.health != nullptr) targets_.health->set_place_up(place, up, now);
  if (targets_.network_changed) targets_.network_changed();
  return objects_.places[place];
}

telemetry::ObjectId Timeline::apply_to_server(const Entry& entry) {
  const language::ServerPlace place = *find_server(entry.target);
  forwarding::Balancer& balancer = targets_.network->balancer(place.balancer);
  for (std::size_t i = 0; i < balancer.nodes(); ++i) {
    balancer.node(i).set_server_eligible(place.group, place.server,
                                         scheduling::Owner::operator_hand,
                                         entry.action == Action::enable_server);
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
      set_services(index, entry.action == Action::start_service, now);
      break;
    case Action::set_sysctl:
      if (auto set = target.host->set_sysctl(*host::find_sysctl(entry.name), entry.value); !set) {
        failure_ = set.error().message;
      }
      break;
    default:
      break;
  }
  target.host->touched();
  return objects_.hosts[index];
}

void Timeline::set_services(std::size_t host, bool listening, Instant now) {
  for (workload::Server* server : targets_.hosts[host].servers) {
    if (server->set_listening(listening, now)) continue;
    failure_ = "its port " + std::to_string(server->parameters().port) + " could not be opened";
  }
}

void Timeline::record(std::size_t index, telemetry::ObjectId object, Instant now) {
  telemetry::Event event;
  event.at = now;
  event.kind = kind_of(scenario_.timeline[index]);
  event.object = object;
  event.value = static_cast<std::int64_t>(index);
  recorder_.record(event);
}

}  // namespace elblab::worlds
