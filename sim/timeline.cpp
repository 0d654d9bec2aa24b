#include "sim/timeline.hpp"

#include "sim/clock.hpp"

namespace elblab::sim {
namespace {

using Entry = language::TimelineEntry;
using Action = Entry::Action;

bool acts_on_server(Action action) {
  return action == Action::set_weight || action == Action::disable_server ||
         action == Action::enable_server;
}

telemetry::EventKind kind_of(Action action) {
  return action == Action::set_weight || action == Action::set_sysctl
             ? telemetry::EventKind::configuration_changed
             : telemetry::EventKind::fault_injected;
}

void set_sysctl(WorldHost& host, const Entry& entry) {
  host::Host* model = host.host->model();
  const host::SysctlEntry* sysctl = host::find_sysctl(entry.name);
  if (model != nullptr && sysctl != nullptr) model->set_sysctl(*sysctl, entry.value);
}

void set_listening(WorldHost& host, bool listening) {
  for (const auto& server : host.servers) server->set_listening(listening, now());
}

}  // namespace

std::optional<std::string> Timeline::schedule() {
  for (std::size_t i = 0; i < scenario_.timeline.size(); ++i) {
    const Entry& entry = scenario_.timeline[i];
    if (!target_exists(entry)) {
      return "timeline entry " + std::to_string(i + 1) + ": there is no '" + entry.target + "'";
    }
    ns3::Simulator::Schedule(to_ns3(entry.at - now()), [this, i] { apply(i); });
  }
  return std::nullopt;
}

bool Timeline::target_exists(const Entry& entry) {
  if (acts_on_server(entry.action)) return find_server(entry.target).has_value();
  return world_.find_host(entry.target) != nullptr;
}

std::optional<Timeline::Place> Timeline::find_server(const std::string& target) const {
  const auto& groups = scenario_.balancer.groups;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t s = 0; s < groups[g].servers.size(); ++s) {
      if (groups[g].name + "/" + groups[g].servers[s].name == target) return Place{g, s};
    }
  }
  return std::nullopt;
}

void Timeline::apply(std::size_t index) {
  const Entry& entry = scenario_.timeline[index];
  record(index, acts_on_server(entry.action) ? apply_to_server(entry) : apply_to_host(entry));
}

telemetry::ObjectId Timeline::apply_to_server(const Entry& entry) {
  const Place place = *find_server(entry.target);
  forwarding::Cluster& cluster = world_.cluster();
  for (std::size_t i = 0; i < cluster.nodes(); ++i) {
    if (entry.action == Action::set_weight) {
      cluster.node(i).set_server_weight(place.group, place.server,
                                        static_cast<std::uint8_t>(entry.value));
    } else {
      cluster.node(i).set_server_eligible(place.group, place.server,
                                          entry.action == Action::enable_server);
    }
  }
  return world_.server_object(place.group, place.server);
}

telemetry::ObjectId Timeline::apply_to_host(const Entry& entry) {
  WorldHost& host = *world_.find_host(entry.target);
  switch (entry.action) {
    case Action::link_down:
    case Action::link_up:
      host.link->set_up(entry.action == Action::link_up);
      return host.link->object();
    case Action::set_loss:
      host.link->set_loss(entry.number);
      return host.link->object();
    case Action::stop_service:
    case Action::start_service:
      set_listening(host, entry.action == Action::start_service);
      break;
    case Action::set_sysctl:
      set_sysctl(host, entry);
      break;
    default:
      break;
  }
  host.host->touched();
  return host.object;
}

void Timeline::record(std::size_t index, telemetry::ObjectId object) {
  telemetry::Event event;
  event.at = now();
  event.kind = kind_of(scenario_.timeline[index].action);
  event.object = object;
  event.value = static_cast<std::int64_t>(index);
  recorder_.record(event);
}

}  // namespace elblab::sim
