// Changes and faults: their targets must exist and take the action.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "scenarios/language/object_names.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

using Action = TimelineEntry::Action;

enum class Target : std::uint8_t { host, server_host, server, balancer };

struct ActionInfo {
  std::string_view field;
  std::optional<std::string> TimelineItem::*member;
  Action action;
  Target target;
};

constexpr std::array kActions{
    ActionInfo{"link_down", &TimelineItem::link_down, Action::link_down, Target::host},
    ActionInfo{"link_up", &TimelineItem::link_up, Action::link_up, Target::host},
    ActionInfo{"stop_service", &TimelineItem::stop_service, Action::stop_service,
               Target::server_host},
    ActionInfo{"start_service", &TimelineItem::start_service, Action::start_service,
               Target::server_host},
    ActionInfo{"set_weight", &TimelineItem::set_weight, Action::set_weight, Target::server},
    ActionInfo{"disable_server", &TimelineItem::disable_server, Action::disable_server,
               Target::server},
    ActionInfo{"enable_server", &TimelineItem::enable_server, Action::enable_server,
               Target::server},
    ActionInfo{"set_sysctl", &TimelineItem::set_sysctl, Action::set_sysctl, Target::host},
    ActionInfo{"set_loss", &TimelineItem::set_loss, Action::set_loss, Target::host},
    ActionInfo{"set_bandwidth", &TimelineItem::set_bandwidth, Action::set_bandwidth,
               Target::balancer},
};

class TimelineResolver {
 public:
  TimelineResolver(Resolution& r, std::size_t index)
      : r_(r), item_(r.document.timeline[index]), index_(fmt::format("{}", index)) {}

  void resolve() {
    for (const ActionInfo& info : kActions) {
      if (!(item_.*info.member)) continue;
      entry_.at = kStart + item_.at;
      entry_.action = info.action;
      entry_.target = *(item_.*info.member);
      check_target(info);
      take_values(info);
    }
    if (item_.at > r_.scenario.duration) error("at", "after the end of the run");
    r_.scenario.timeline.push_back(std::move(entry_));
  }

 private:
  void error(std::string_view field, std::string message, std::string suggestion = {}) {
    r_.diagnostics.error(r_.place({"timeline", index_, std::string(field)}), std::move(message),
                         std::move(suggestion));
  }

  void check_target(const ActionInfo& info) {
    if (info.target == Target::server) return check_server(info);
    if (info.target == Target::balancer) return check_balancer(info);
    const HostEntry* host = r_.find_host(entry_.target);
    if (!host) {
      error(info.field, fmt::format("there is no host named '{}'", entry_.target),
            did_you_mean(r_.nearest_host(entry_.target, HostRole::server)));
    } else if (info.target == Target::server_host && host->spec.role == HostRole::client) {
      error(info.field, fmt::format("host '{}' is a client and has no service", entry_.target));
    } else if (info.action == Action::set_sysctl && host->spec.stack == HostStack::ns3) {
      error(info.field, fmt::format("host '{}' runs the TCP of ns-3, which has no kernel settings",
                                    entry_.target));
    }
  }

  void check_server(const ActionInfo& info) {
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
      error(info.field, fmt::format("there is no server '{}'; write group/server", entry_.target),
            did_you_mean(nearest(entry_.target, known)));
    } else {
      error(info.field, fmt::format("several balancers have a server '{}': write one of {}",
                                    entry_.target, fmt::join(known, ", ")));
    }
  }

  void check_balancer(const ActionInfo& info) {
    const Balancers balancers = r_.scenario.balancers;
    std::vector<std::string> known;
    for (const config::LoadBalancer& balancer : balancers) known.push_back(balancer.name);
    const std::optional<std::size_t> found = find_balancer(balancers, entry_.target);
    if (!found) {
      error(info.field, fmt::format("'{}' has no bandwidth to set: write {}", entry_.target,
                                    fmt::join(known, " or ")));
    } else if (!balancers[*found].eip) {
      error(info.field, "the balancer has no bandwidth to change: give it an 'eip'");
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

  void take_values(const ActionInfo& info) {
    const bool sysctl = info.action == Action::set_sysctl;
    if (goes_with(item_.weight, "weight", info.action == Action::set_weight, "set_weight")) {
      entry_.value = *item_.weight;
    }
    if (goes_with(item_.loss, "loss", info.action == Action::set_loss, "set_loss")) {
      entry_.number = *item_.loss;
    }
    if (goes_with(item_.bandwidth, "bandwidth", info.action == Action::set_bandwidth,
                  "set_bandwidth")) {
      entry_.number = *item_.bandwidth;
    }
    const bool named = goes_with(item_.name, "name", sysctl, "set_sysctl");
    const bool valued = goes_with(item_.value, "value", sysctl, "set_sysctl");
    if (named && valued) take_sysctl();
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

// Indices of the document's items by time, then as in the file.
std::vector<std::size_t> order_of(const std::vector<TimelineEntry>& entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return entries[a].at < entries[b].at; });
  return order;
}

}  // namespace

void resolve_timeline(Resolution& r) {
  for (std::size_t i = 0; i < r.document.timeline.size(); ++i) TimelineResolver(r, i).resolve();
  if (!r.diagnostics.empty()) return;
  PortRangeCheck ports(r);
  std::vector<TimelineEntry> sorted;
  for (const std::size_t index : order_of(r.scenario.timeline)) {
    ports.apply(r.scenario.timeline[index], index);
    sorted.push_back(std::move(r.scenario.timeline[index]));
  }
  r.scenario.timeline = std::move(sorted);
}

}  // namespace elblab::language
