// Changes and faults: their targets must exist and take the action. Operations: operations.hpp.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "scenarios/language/object_names.hpp"
#include "scenarios/language/operations.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

using Action = TimelineEntry::Action;
using Target = TimelineVerb::Target;
using Needs = TimelineVerb::Needs;

class TimelineResolver {
 public:
  TimelineResolver(Resolution& r, std::size_t index)
      : r_(r),
        item_(r.document.timeline[index]),
        number_(index),
        index_(fmt::format("{}", index)) {}

  // One of the two becomes longer.
  void resolve(std::vector<TimelineStep>& steps, std::vector<OperationRequest>& requests) {
    if (item_.at > r_.scenario.duration) error("at", "after the end of the run");
    const auto given = std::find_if(item_.targets.begin(), item_.targets.end(),
                                    [](const auto& target) { return target.has_value(); });
    if (given == item_.targets.end()) {
      refuse_values();
      for (OperationRequest& each : operation_requests(r_, number_)) {
        requests.push_back(std::move(each));
      }
      return;
    }
    const TimelineVerb& verb =
        kTimelineVerbs[static_cast<std::size_t>(given - item_.targets.begin())];
    entry_.at = kStart + item_.at;
    entry_.action = verb.action;
    entry_.target = **given;
    check_target(verb);
    take_values(verb);
    if (auto request = as_operation(verb)) {
      requests.push_back(std::move(*request));
    } else {
      steps.push_back({std::move(entry_), number_});
    }
  }

 private:
  void error(std::string_view field, std::string message, std::string suggestion = {}) {
    r_.diagnostics.error(r_.place({"timeline", index_, std::string(field)}), std::move(message),
                         std::move(suggestion));
  }

  void check_target(const TimelineVerb& verb) {
    if (verb.target == Target::server) return check_server(verb);
    if (verb.target == Target::balancer) return check_balancer(verb);
    if (verb.target == Target::zone) return check_zone(verb);
    const HostEntry* host = r_.find_host(entry_.target);
    if (!host) {
      error(verb.word, fmt::format("there is no host named '{}'", entry_.target),
            did_you_mean(r_.nearest_host(entry_.target, HostRole::server)));
    } else if (verb.target == Target::server_host && host->spec.role == HostRole::client &&
               host->relay() == nullptr) {
      error(verb.word, fmt::format("host '{}' is a client and has no service", entry_.target));
    } else if (verb.action == Action::set_sysctl && host->spec.stack == HostStack::ns3) {
      error(verb.word, fmt::format("host '{}' runs the TCP of ns-3, which has no kernel settings",
                                   entry_.target));
    }
  }

  void check_zone(const TimelineVerb& verb) {
    const std::optional<std::size_t> place = r_.find_place(entry_.target);
    if (place && r_.scenario.places[*place].kind == PlaceSpec::Kind::zone) return;
    std::vector<std::string> zones;
    for (const PlaceSpec& each : r_.scenario.places) {
      if (each.kind == PlaceSpec::Kind::zone) zones.push_back(each.name);
    }
    error(verb.word,
          zones.empty() ? "the scenario has no zones: 'zones' makes them"
                        : fmt::format("there is no zone named '{}'", entry_.target),
          did_you_mean(nearest(entry_.target, zones)));
  }

  void check_server(const TimelineVerb& verb) {
    const Balancers balancers = r_.scenario.balancers;
    const std::vector<ServerPlace> found = find_servers(balancers, entry_.target);
    if (found.size() == 1) {
      entry_.target = server_object(balancers, found.front());
      return;
    }
    std::vector<std::string> known;
    for (const ServerPlace& place : found.empty() ? server_places(balancers) : found) {
      known.push_back(server_object(balancers, place));
    }
    if (found.empty()) {
      error(verb.word, fmt::format("there is no server '{}'; write group/server", entry_.target),
            did_you_mean(nearest(entry_.target, known)));
    } else {
      error(verb.word, fmt::format("several balancers have a server '{}': write one of {}",
                                   entry_.target, fmt::join(known, ", ")));
    }
  }

  void check_balancer(const TimelineVerb& verb) {
    const Balancers balancers = r_.scenario.balancers;
    std::vector<std::string> known;
    for (const config::LoadBalancer& balancer : balancers) known.push_back(balancer.name);
    const std::optional<std::size_t> found = find_balancer(balancers, entry_.target);
    if (!found) {
      error(verb.word, fmt::format("'{}' has no bandwidth to set: write {}", entry_.target,
                                   fmt::join(known, " or ")));
    } else if (!balancers[*found].eip) {
      error(verb.word, "the balancer has no bandwidth to change: give it an 'eip'");
    }
  }

  // Each value goes with one action; that action needs it.
  template <typename V>
  bool goes_with(const std::optional<V>& value, std::string_view name, bool wanted,
                 std::string_view action) {
    const auto at_key = [&](std::string_view key, std::string message) {
      r_.diagnostics.error(r_.key_place({"timeline", index_, std::string(key)}),
                           std::move(message));
    };
    if (wanted && !value) at_key(action, fmt::format("'{}' needs '{}'", action, name));
    if (!wanted && value) at_key(name, fmt::format("'{}' goes with '{}'", name, action));
    return wanted && value;
  }

  void take_values(const TimelineVerb& verb) {
    if (goes_with(item_.weight, "weight", verb.needs == Needs::weight, "set_weight")) {
      entry_.value = *item_.weight;
    }
    if (goes_with(item_.loss, "loss", verb.needs == Needs::loss, "set_loss")) {
      entry_.number = *item_.loss;
    }
    if (goes_with(item_.bandwidth, "bandwidth", verb.needs == Needs::bandwidth, "set_bandwidth")) {
      entry_.number = *item_.bandwidth;
    }
    const bool sysctl = verb.needs == Needs::name_and_value;
    const bool named = goes_with(item_.name, "name", sysctl, "set_sysctl");
    const bool valued = goes_with(item_.value, "value", sysctl, "set_sysctl");
    if (named && valued) take_sysctl();
  }

  // Of an operation: none.
  void refuse_values() {
    goes_with(item_.weight, "weight", false, "set_weight");
    goes_with(item_.loss, "loss", false, "set_loss");
    goes_with(item_.bandwidth, "bandwidth", false, "set_bandwidth");
    goes_with(item_.name, "name", false, "set_sysctl");
    goes_with(item_.value, "value", false, "set_sysctl");
  }

  // A verb that is short for an operation which holds at once.
  std::optional<OperationRequest> as_operation(const TimelineVerb& verb) {
    if (!r_.diagnostics.empty()) return std::nullopt;
    const Balancers balancers = r_.scenario.balancers;
    OperationRequest request{number_, {},   r_.place({"timeline", index_, std::string(verb.word)}),
                             {},      true, {}};
    std::size_t balancer = 0;
    std::string below;
    std::string_view value;
    if (verb.action == Action::set_weight) {
      const ServerPlace place = find_servers(balancers, entry_.target).front();
      const config::BackendGroup& group = balancers[place.balancer].groups[place.group];
      balancer = place.balancer;
      below =
          fmt::format("groups.{}.servers.{}.weight", group.name, group.servers[place.server].name);
      value = "weight";
    } else if (verb.action == Action::set_bandwidth) {
      balancer = *find_balancer(balancers, entry_.target);
      below = "eip.bandwidth";
      value = "bandwidth";
    } else {
      return std::nullopt;
    }
    request.path =
        (r_.document.balancer ? std::string("balancer") : "balancers." + balancers[balancer].name) +
        "." + below;
    request.value = value_of(value);
    request.entry = entry_;
    return request;
  }

  // As the file has it.
  Node value_of(std::string_view key) const {
    const Entry* timeline = r_.tree.find("timeline");
    return timeline->value.items[number_].find(key)->value;
  }

  void take_sysctl() {
    entry_.name = *item_.name;
    entry_.value = *item_.value;
    const host::SysctlEntry* known = host::find_sysctl(entry_.name);
    if (!known) {
      std::vector<std::string> names;
      for (const host::SysctlEntry& each : host::sysctl_table()) names.emplace_back(each.name);
      return error("name", fmt::format("unknown kernel setting '{}'", entry_.name),
                   did_you_mean(nearest(entry_.name, names)));
    }
    if (entry_.value < known->low || entry_.value > known->high) {
      error("value", fmt::format("{} is out of range: {} allows {} … {}", entry_.value, known->name,
                                 known->low, known->high));
    }
  }

  Resolution& r_;
  const TimelineItem& item_;
  std::size_t number_;
  std::string index_;
  TimelineEntry entry_;
};

// The ephemeral ports of every host as they become, one entry after the other: a kernel refuses a
// range that ends before it begins, also for the moment between two entries.
class PortRangeCheck {
 public:
  explicit PortRangeCheck(Resolution& r) : r_(r) {
    for (const HostSpec& host : r.scenario.hosts) settings_[host.name] = host.sysctls;
  }

  // In the order in which they are applied. index: of the item in the document.
  void apply(const TimelineEntry& entry, std::size_t index) {
    if (entry.action != Action::set_sysctl) return;
    host::Sysctls& settings = settings_[entry.target];
    settings.*host::find_sysctl(entry.name)->member = entry.value;
    if (settings.ip_local_port_range_low <= settings.ip_local_port_range_high) return;
    r_.diagnostics.error(
        r_.place({"timeline", fmt::format("{}", index), "value"}),
        fmt::format("the ephemeral ports of {} would then end ({}) before they begin ({}): change "
                    "the other end first",
                    entry.target, settings.ip_local_port_range_high,
                    settings.ip_local_port_range_low));
  }

 private:
  Resolution& r_;
  std::map<std::string, host::Sysctls> settings_;
};

}  // namespace

void resolve_timeline(Resolution& r) {
  std::vector<TimelineStep> steps;
  std::vector<OperationRequest> requests;
  for (std::size_t i = 0; i < r.document.timeline.size(); ++i) {
    TimelineResolver(r, i).resolve(steps, requests);
    if (requests.size() <= kMostOperationPaths) continue;
    r.diagnostics.error(
        r.place({"timeline", fmt::format("{}", i)}),
        fmt::format("more than {} paths of operations in one run", kMostOperationPaths));
    break;
  }
  if (!r.diagnostics.empty()) return;
  for (TimelineStep& step : resolve_operations(r, std::move(requests))) {
    steps.push_back(std::move(step));
  }
  // By time, then as in the file.
  std::stable_sort(steps.begin(), steps.end(), [](const TimelineStep& a, const TimelineStep& b) {
    return std::pair(a.entry.at, a.item) < std::pair(b.entry.at, b.item);
  });
  PortRangeCheck ports(r);
  for (TimelineStep& step : steps) {
    ports.apply(step.entry, step.item);
    r.scenario.timeline.push_back(std::move(step.entry));
  }
}

}  // namespace elblab::language
