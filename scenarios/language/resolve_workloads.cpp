// Workloads get their destination, the run its length; the timeline its targets.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

// The host model does not fragment: a datagram has to fit an Ethernet frame (1500 - 20 - 8).
constexpr std::uint64_t kLargestDatagram = 1472;

bool check_from(Resolution& r, const WorkloadEntry& workload) {
  bool ok = true;
  for (std::size_t i = 0; i < workload.from.size(); ++i) {
    const std::string& name = workload.from[i];
    const HostEntry* host = r.find_host(name);
    if (host && host->spec.role == HostRole::client) continue;
    // A bracket stands for several names: then the list as a whole is shown.
    const Place at = r.place({"workload", workload.name, "from", fmt::format("{}", i)});
    if (host) {
      r.diagnostics.error(at, fmt::format("host '{}' is a server; load comes from clients", name));
    } else {
      r.diagnostics.error(at, fmt::format("there is no host named '{}'", name),
                          did_you_mean(r.nearest_host(name, HostRole::client)));
    }
    ok = false;
  }
  if (workload.from.empty()) {
    r.diagnostics.error(r.key_place({"workload", workload.name, "from"}),
                        "at least one client host is needed");
    ok = false;
  }
  return ok;
}

struct Goal {
  const config::LoadBalancer* balancer = nullptr;
  const config::Listener* listener = nullptr;
};

// "web", or "lb1/web" where several balancers have one of that name. nullopt after an error.
std::optional<Goal> check_goal(Resolution& r, const WorkloadEntry& workload) {
  std::vector<Goal> found;
  std::vector<std::string> names;
  std::string choices;
  for (const config::LoadBalancer& balancer : r.scenario.balancers) {
    for (const config::Listener& listener : balancer.listeners) {
      const std::string full = balancer.name + "/" + listener.name;
      names.push_back(r.scenario.balancers.size() == 1 ? listener.name : full);
      if (workload.to == full) return Goal{&balancer, &listener};
      if (workload.to != listener.name) continue;
      found.push_back({&balancer, &listener});
      choices += (choices.empty() ? "" : ", ") + full;
    }
  }
  if (found.size() == 1) return found.front();
  const Place at = r.place({"workload", workload.name, "to"});
  if (found.empty()) {
    r.diagnostics.error(at, fmt::format("there is no listener named '{}'", workload.to),
                        did_you_mean(nearest(workload.to, names)));
  } else {
    r.diagnostics.error(at, fmt::format("several balancers have a listener '{}': write one of {}",
                                        workload.to, choices));
  }
  return std::nullopt;
}

void check_protocol(Resolution& r, const WorkloadEntry& workload,
                    const config::Listener& listener) {
  const bool udp = listener.protocol == config::ListenerProtocol::udp;
  if (workload.datagrams && !udp) {
    r.diagnostics.error(r.key_place({"workload", workload.name, "datagrams"}),
                        fmt::format("listener '{}' is not udp", listener.name));
  } else if (!workload.datagrams && udp) {
    r.diagnostics.error(r.place({"workload", workload.name, "to"}),
                        fmt::format("listener '{}' is udp: it needs 'datagrams'", listener.name));
  }
  if (!workload.datagrams) return;
  for (const auto& [field, bytes] : {std::pair("request", workload.values.request_bytes),
                                     std::pair("response", workload.values.response_bytes)}) {
    if (bytes > kLargestDatagram) {
      r.diagnostics.error(
          r.place({"workload", workload.name, field}),
          fmt::format("{} B do not fit one datagram: at most {} B", bytes, kLargestDatagram));
    }
  }
}

void set_kind(const WorkloadEntry& workload, workload::ClientParameters& p) {
  using workload::Kind;
  if (workload.short_connections) {
    p.kind = Kind::short_connections;
    p.rate_per_second = *workload.short_connections;
  } else if (workload.persistent) {
    p.kind = Kind::persistent_connections;
    p.connections = *workload.persistent;
    p.rate_per_second = workload.requests_per_second;
  } else if (workload.datagrams) {
    p.kind = Kind::datagrams;
    p.rate_per_second = *workload.datagrams;
  } else if (workload.users) {
    p.kind = Kind::short_connections;
    p.connections = *workload.users;
  }
}

// The virtual address of the clients' family: that of their first address.
std::optional<net::IpAddress> virtual_address(Resolution& r, const WorkloadEntry& workload,
                                              const config::LoadBalancer& balancer) {
  const bool v4 = r.find_host(workload.from.front())->spec.addresses.front().is_v4();
  for (const std::string& name : workload.from) {
    if (r.find_host(name)->spec.addresses.front().is_v4() == v4) continue;
    r.diagnostics.error(r.place({"workload", workload.name, "from"}),
                        "the clients of one workload must all be IPv4 or all IPv6");
    return std::nullopt;
  }
  if (balancer.address.is_v4() == v4) return balancer.address;
  if (balancer.address_v6 && !v4) return balancer.address_v6;
  r.diagnostics.error(r.place({"workload", workload.name, "from"}),
                      fmt::format("the clients are {}, but the balancer has no such address",
                                  v4 ? "IPv4" : "IPv6"));
  return std::nullopt;
}

void add_workload(Resolution& r, const WorkloadEntry& workload) {
  const bool from_ok = check_from(r, workload);
  const std::optional<Goal> goal = check_goal(r, workload);
  if (!from_ok || !goal) return;
  const config::Listener* listener = goal->listener;
  check_protocol(r, workload, *listener);
  WorkloadSpec spec;
  spec.parameters = workload.values;
  spec.parameters.name = workload.name;
  spec.from = workload.from;
  spec.balancer = goal->balancer->name;
  spec.listener = listener->name;
  set_kind(workload, spec.parameters);
  spec.parameters.on_off = workload.on_off.value_or(workload::OnOff());
  spec.parameters.begin = kStart + workload.begin;
  spec.parameters.end = workload.length ? spec.parameters.begin + *workload.length : kNever;
  const auto destination = virtual_address(r, workload, *goal->balancer);
  if (!destination) return;
  const std::uint16_t port = workload.port.value_or(listener->port.first);
  if (!listener->port.contains(port)) {
    r.diagnostics.error(r.place({"workload", workload.name, "port"}),
                        fmt::format("port {} is not one of listener '{}'", port, listener->name));
  }
  spec.parameters.destination = {*destination, port};
  r.scenario.workloads.push_back(std::move(spec));
}

// Simulated time: as given, else to the end of the last workload.
void set_duration(Resolution& r) {
  Document& document = r.document;
  if (!document.duration) {
    Duration end{0};
    for (const WorkloadEntry& workload : document.workloads) {
      if (!workload.length) {
        r.diagnostics.error(
            r.key_place({"workload", workload.name}),
            fmt::format("workload '{}' has no end: give it 'for', or the scenario a "
                        "'duration'",
                        workload.name));
        return;
      }
      end = std::max(end, workload.begin + *workload.length);
    }
    document.duration = end;
  }
  r.scenario.duration = *document.duration;
  if (document.sample_interval > *document.duration) {
    r.diagnostics.error(r.place({"sample_interval"}), "longer than the run");
  }
  for (const WorkloadEntry& workload : document.workloads) {
    if (workload.begin >= *document.duration) {
      r.diagnostics.error(
          r.place({"workload", workload.name, "begin"}),
          fmt::format("workload '{}' begins after the run has ended", workload.name));
    }
  }
}

}  // namespace

void resolve_workloads(Resolution& r) {
  if (r.document.workloads.empty()) {
    r.diagnostics.error(r.key_place({"workload"}), "at least one workload is needed");
    return;
  }
  for (const WorkloadEntry& workload : r.document.workloads) add_workload(r, workload);
  set_duration(r);
}

}  // namespace elblab::language
