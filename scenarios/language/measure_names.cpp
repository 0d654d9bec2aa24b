#include "scenarios/language/measure_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/config/probe_nodes.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

using telemetry::MeasureInfo;
using telemetry::MeasureScope;

constexpr std::array<std::pair<std::string_view, Stat>, 5> kStats{{{"total", Stat::total},
                                                                   {"mean", Stat::mean},
                                                                   {"max", Stat::max},
                                                                   {"min", Stat::min},
                                                                   {"last", Stat::last}}};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view object_of(MeasureScope scope) {
  switch (scope) {
    case MeasureScope::host:
      return "a host";
    case MeasureScope::balancer:
      return "a balancer";
    case MeasureScope::server:
      return "a server of a group (group/server)";
    case MeasureScope::workload:
      return "a workload";
    case MeasureScope::link:
      return "a host or a NAT box, for its link, or a link between zones or sites";
    case MeasureScope::network:
      return "'network'";
    case MeasureScope::middlebox:
      return "a NAT box";
    case MeasureScope::listener:
      return "a listener with 'access'";
    case MeasureScope::subnet:
      return "a subnet with an 'acl'";
    case MeasureScope::grouped_host:
      return "a host with 'security_groups'";
    case MeasureScope::firewalled_host:
      return "a host with a 'firewall'";
    case MeasureScope::relay:
      return "a host that is a CDN or WAF";
    case MeasureScope::session_host:
      return "a server of a group, in a scenario with a 'quic' workload, or with a 'users' "
             "workload "
             "whose sessions are local";
    case MeasureScope::user_workload:
      return "a 'users' workload whose sessions are local";
    case MeasureScope::sticky_group:
      return "a group with 'stickiness'";
    case MeasureScope::quic_group:
      return "a group scheduled by connection_id";
    case MeasureScope::checked_balancer:
      return "a balancer with a 'health_check'";
    case MeasureScope::checked_server:
      return "a server (group/server) of a balancer with a 'health_check'";
  }
  return "";
}

UnknownMeasure unknown(std::string message, std::string suggestion = {}) {
  return {{std::move(message)}, std::move(suggestion)};
}

}  // namespace

std::optional<Stat> find_stat(std::string_view word) {
  for (const auto& [name, stat] : kStats) {
    if (name == word) return stat;
  }
  return std::nullopt;
}

MeasureNames::MeasureNames(const Document& document, Balancers balancers) : balancers_(balancers) {
  for (const HostEntry& host : document.hosts) {
    hosts_.push_back(host.name);
    if (host.security_groups) grouped_hosts_.push_back(host.name);
    if (host.firewall) firewalled_hosts_.push_back(host.name);
    if (host.relay() != nullptr) relays_.push_back(host.name);
  }
  for (const SubnetEntry& subnet : document.subnets) {
    if (subnet.acl) subnets_.push_back(subnet.name);
  }
  for (const SiteEntry& site : document.sites) {
    for (const SubnetEntry& subnet : site.subnets) {
      if (subnet.acl) subnets_.push_back(site.name + "/" + subnet.name);
    }
  }
  for (const PlaceLinkEntry& link : document.links) links_.push_back(link.name);
  for (const MiddleboxEntry& box : document.middleboxes) {
    middleboxes_.push_back(box.name);
    links_.push_back(box.name);
  }
  for (const WorkloadEntry& workload : document.workloads) workloads_.push_back(workload.name);
  for (const config::LoadBalancer& balancer : balancers) {
    balancer_names_.push_back(balancer.name);
    if (config::may_check_health(balancer)) checked_balancers_.push_back(balancer.name);
  }
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (const config::Listener& listener : balancers[i].listeners) {
      if (listener.access) listeners_.push_back(listener_object(balancers, i, listener.name));
    }
  }
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (const config::BackendGroup& group : balancers[i].groups) {
      const std::string name = group_object(balancers, i, group.name);
      if (config::may_stick(group)) sticky_groups_.push_back(name);
      if (group.algorithm == config::Algorithm::connection_id) quic_groups_.push_back(name);
    }
  }
  bool quic = false;
  for (const WorkloadEntry& workload : document.workloads) {
    if (workload.users && workload.values.has_sessions) user_workloads_.push_back(workload.name);
    if (workload.quic) quic = true;
  }
  if (quic || !user_workloads_.empty()) session_hosts_ = server_hosts(balancers);
  for (const ServerPlace& place : server_places(balancers)) {
    servers_.push_back(server_object(balancers, place));
    if (config::may_check_health(balancers[place.balancer])) {
      checked_servers_.push_back(servers_.back());
    }
  }
}

std::vector<std::string> MeasureNames::objects(MeasureScope scope) const {
  switch (scope) {
    case MeasureScope::host:
      return hosts_;
    case MeasureScope::link: {
      std::vector<std::string> all = hosts_;
      all.insert(all.end(), links_.begin(), links_.end());
      return all;
    }
    case MeasureScope::balancer:
      return balancer_names_;
    case MeasureScope::server:
      return servers_;
    case MeasureScope::workload:
      return workloads_;
    case MeasureScope::network:
      return {"network"};
    case MeasureScope::middlebox:
      return middleboxes_;
    case MeasureScope::listener:
      return listeners_;
    case MeasureScope::subnet:
      return subnets_;
    case MeasureScope::grouped_host:
      return grouped_hosts_;
    case MeasureScope::firewalled_host:
      return firewalled_hosts_;
    case MeasureScope::relay:
      return relays_;
    case MeasureScope::session_host:
      return session_hosts_;
    case MeasureScope::user_workload:
      return user_workloads_;
    case MeasureScope::sticky_group:
      return sticky_groups_;
    case MeasureScope::quic_group:
      return quic_groups_;
    case MeasureScope::checked_balancer:
      return checked_balancers_;
    case MeasureScope::checked_server:
      return checked_servers_;
  }
  return {};
}

// A server's name without its balancer's becomes that of the object.
void MeasureNames::spell_out(std::string& server) const {
  const std::vector<ServerPlace> places = find_servers(balancers_, server);
  if (places.size() == 1) server = server_object(balancers_, places.front());
}

Expected<NamedMeasure, UnknownMeasure> MeasureNames::find(std::string_view text) const {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) {
    return unknown(fmt::format("'{}' is not a measure; write name(object), time_wait(c1)", text));
  }
  NamedMeasure found;
  found.measure.name = std::string(text.substr(0, open));
  found.measure.object = std::string(text.substr(open + 1, text.size() - open - 2));
  std::vector<std::string> names;
  std::vector<std::string> allowed;
  std::string what;
  for (const MeasureInfo& info : telemetry::measures()) {
    names.emplace_back(info.name);
    if (info.name != found.measure.name) continue;
    const std::vector<std::string> objects_here = objects(info.scope);
    const bool of_server =
        info.scope == MeasureScope::server || info.scope == MeasureScope::checked_server;
    if (of_server) spell_out(found.measure.object);
    if (contains(objects_here, found.measure.object)) {
      found.info = &info;
      return found;
    }
    allowed.insert(allowed.end(), objects_here.begin(), objects_here.end());
    what += (what.empty() ? "" : " or ") + std::string(object_of(info.scope));
  }
  if (what.empty()) {
    return unknown(fmt::format("unknown measure '{}'", found.measure.name),
                   nearest(found.measure.name, names));
  }
  const std::string near = nearest(found.measure.object, allowed);
  return unknown(fmt::format("{} belongs to {}; there is none named '{}'", found.measure.name, what,
                             found.measure.object),
                 near.empty() ? near : fmt::format("{}({})", found.measure.name, near));
}

std::vector<Placeholder> placeholders(std::string_view text) {
  std::vector<Placeholder> found;
  std::size_t open = text.find('{');
  while (open != std::string_view::npos) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view inner = text.substr(open + 1, close - open - 1);
    const std::size_t gap = inner.find(' ');
    Placeholder one{
        std::string(text.substr(open, close - open + 1)), std::string(inner.substr(0, gap)), {}};
    if (gap != std::string_view::npos) one.measure = std::string(inner.substr(gap + 1));
    found.push_back(std::move(one));
    open = text.find('{', close);
  }
  return found;
}

}  // namespace elblab::language
