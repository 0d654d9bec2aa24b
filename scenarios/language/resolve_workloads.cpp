// Workloads get their destination, the run its length; the timeline its targets.
#include <fmt/format.h>

#include <algorithm>

#include "models/workload/quic_packet.hpp"
#include "scenarios/language/goal.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

// The host model does not fragment: a datagram has to fit an Ethernet frame (1500 - 20 - 8).
constexpr std::uint64_t kLargestDatagram = 1472;

bool is_udp(const WorkloadEntry& workload) { return workload.datagrams || workload.quic; }

bool check_from(Resolution& r, const WorkloadEntry& workload) {
  bool ok = true;
  for (std::size_t i = 0; i < workload.from.size(); ++i) {
    const std::string& name = workload.from[i];
    const HostEntry* host = r.find_host(name);
    if (host && host->spec.role != HostRole::server && host->relay() == nullptr) continue;
    // A bracket stands for several names: then the list as a whole is shown.
    const Place at = r.place({"workload", workload.name, "from", fmt::format("{}", i)});
    if (host && host->relay() != nullptr) {
      r.diagnostics.error(
          at, fmt::format("host '{}' is a {}; load comes from clients", name, relay_name(*host)));
    } else if (host) {
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

void check_datagram_sizes(Resolution& r, const WorkloadEntry& workload) {
  if (!is_udp(workload)) return;
  const std::uint64_t most =
      kLargestDatagram - (workload.quic ? workload::quic::kShortOverhead : 0);
  for (const auto& [field, bytes] : {std::pair("request", workload.values.request_bytes),
                                     std::pair("response", workload.values.response_bytes)}) {
    if (bytes > most) {
      r.diagnostics.error(r.place({"workload", workload.name, field}),
                          fmt::format("{} B do not fit one datagram: at most {} B", bytes, most));
    }
  }
}

// Of a load over UDP.
Place kind_place(Resolution& r, const WorkloadEntry& workload) {
  return r.key_place({"workload", workload.name, workload.quic ? "quic" : "datagrams"});
}

void check_protocol(Resolution& r, const WorkloadEntry& workload,
                    const config::Listener& listener) {
  const bool udp = listener.protocol == config::ListenerProtocol::udp;
  if (is_udp(workload) && !udp) {
    r.diagnostics.error(kind_place(r, workload),
                        fmt::format("listener '{}' is not udp", listener.name));
  } else if (!is_udp(workload) && udp) {
    r.diagnostics.error(
        r.place({"workload", workload.name, "to"}),
        fmt::format("listener '{}' is udp: it needs 'datagrams' or 'quic'", listener.name));
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
  } else if (workload.quic) {
    p.kind = Kind::quic;
    p.connections = *workload.quic;
    p.rate_per_second = workload.requests_per_second;
  }
}

// Whether the clients are IPv4; nullopt after an error.
std::optional<bool> family_of(Resolution& r, const WorkloadEntry& workload) {
  const bool v4 = r.find_host(workload.from.front())->spec.addresses.front().is_v4();
  for (const std::string& name : workload.from) {
    if (r.find_host(name)->spec.addresses.front().is_v4() == v4) continue;
    r.diagnostics.error(r.place({"workload", workload.name, "from"}),
                        "the clients of one workload must all be IPv4 or all IPv6");
    return std::nullopt;
  }
  return v4;
}

void refuse_family(Resolution& r, const WorkloadEntry& workload, bool v4, std::string_view what) {
  r.diagnostics.error(
      r.place({"workload", workload.name, "from"}),
      fmt::format("the clients are {}, but {} has no such address", v4 ? "IPv4" : "IPv6", what));
}

std::optional<net::Endpoint> listener_endpoint(Resolution& r, const WorkloadEntry& workload,
                                               const Goal& goal, bool v4) {
  const config::LoadBalancer& balancer = *goal.balancer;
  const std::uint16_t port = workload.port.value_or(goal.listener->port.first);
  if (!goal.listener->port.contains(port)) {
    r.diagnostics.error(
        r.place({"workload", workload.name, "port"}),
        fmt::format("port {} is not one of listener '{}'", port, goal.listener->name));
  }
  if (balancer.address.is_v4() == v4) return net::Endpoint{balancer.address, port};
  if (balancer.address_v6 && !v4) return net::Endpoint{*balancer.address_v6, port};
  refuse_family(r, workload, v4, "the balancer");
  return std::nullopt;
}

// Of a CDN or WAF: the port is known.
std::optional<net::Endpoint> relay_endpoint(Resolution& r, const WorkloadEntry& workload,
                                            const HostEntry& host, bool v4) {
  const std::uint16_t port = *host.relay()->port;
  if (is_udp(workload)) {
    r.diagnostics.error(kind_place(r, workload),
                        fmt::format("a {} relays connections, no datagrams", relay_name(host)));
    return std::nullopt;
  }
  if (workload.port.value_or(port) != port) {
    r.diagnostics.error(
        r.place({"workload", workload.name, "port"}),
        fmt::format("{} '{}' listens on port {}", relay_name(host), host.name, port));
    return std::nullopt;
  }
  for (const net::IpAddress& address : host.spec.addresses) {
    if (address.is_v4() == v4) return net::Endpoint{address, port};
  }
  refuse_family(r, workload, v4, fmt::format("host '{}'", host.name));
  return std::nullopt;
}

// Past every balancer (DIAG-02).
std::optional<net::Endpoint> host_endpoint(Resolution& r, const WorkloadEntry& workload,
                                           const HostEntry& host, bool v4) {
  if (host.relay() != nullptr) return relay_endpoint(r, workload, host, v4);
  if (!host.spec.behind.empty()) {
    r.diagnostics.error(
        r.place({"workload", workload.name, "to"}),
        fmt::format("host '{}' stands behind NAT box '{}': nobody can connect to it", host.name,
                    host.spec.behind));
    return std::nullopt;
  }
  if (host.spec.role == HostRole::client) {
    r.diagnostics.error(r.place({"workload", workload.name, "to"}),
                        fmt::format("host '{}' is a client and serves nothing", host.name));
    return std::nullopt;
  }
  if (!workload.port) {
    r.diagnostics.error(
        r.place({"workload", workload.name, "to"}),
        fmt::format("'{}' is a host: say with 'port' which of its ports is meant", host.name));
    return std::nullopt;
  }
  for (const net::IpAddress& address : host.spec.addresses) {
    if (address.is_v4() != v4) continue;
    r.offer_service(host.name, *workload.port, is_udp(workload));
    return net::Endpoint{address, *workload.port};
  }
  refuse_family(r, workload, v4, fmt::format("host '{}'", host.name));
  return std::nullopt;
}

// Nobody shares an address with anybody, before he moves and after.
void check_roaming(Resolution& r, const WorkloadEntry& workload, bool v4) {
  if (!(workload.values.roaming.every > Duration(0)) || !workload.users) return;
  const std::uint64_t hosts = workload.from.size();
  const std::uint64_t most_users = (*workload.users + hosts - 1) / hosts;
  for (const std::string& name : workload.from) {
    const auto& all = r.find_host(name)->spec.addresses;
    const auto addresses = static_cast<std::uint64_t>(std::count_if(
        all.begin(), all.end(), [&](const net::IpAddress& each) { return each.is_v4() == v4; }));
    if (addresses >= 2 * most_users) continue;
    r.diagnostics.error(
        r.place({"workload", workload.name, "roam_every"}),
        fmt::format("{} users roam at host '{}', which has {} address{}: two for each are needed",
                    most_users, name, addresses, addresses == 1 ? "" : "es"));
  }
}

void add_workload(Resolution& r, const WorkloadEntry& workload) {
  const bool from_ok = check_from(r, workload);
  const std::optional<Goal> goal =
      find_goal(r, workload.to, r.place({"workload", workload.name, "to"}));
  if (!from_ok || !goal) return;
  if (goal->listener) check_protocol(r, workload, *goal->listener);
  check_datagram_sizes(r, workload);
  WorkloadSpec spec;
  spec.parameters = workload.values;
  spec.parameters.name = workload.name;
  spec.from = workload.from;
  if (goal->balancer) spec.balancer = goal->balancer->name;
  if (goal->listener) spec.listener = goal->listener->name;
  if (goal->host) spec.host = goal->host->name;
  set_kind(workload, spec.parameters);
  spec.parameters.on_off = workload.on_off.value_or(workload::OnOff());
  spec.parameters.begin = kStart + workload.begin;
  spec.parameters.end = workload.length ? spec.parameters.begin + *workload.length : kNever;
  const auto v4 = family_of(r, workload);
  if (!v4) return;
  check_roaming(r, workload, *v4);
  const auto destination = goal->host ? host_endpoint(r, workload, *goal->host, *v4)
                                      : listener_endpoint(r, workload, *goal, *v4);
  if (!destination) return;
  spec.parameters.destination = *destination;
  r.scenario.workloads.push_back(std::move(spec));
}

// Simulated time: as given, else to the end of the last workload.
// Where the length of the run is said: the interval has a default, which nobody wrote.
Place place_of_length(const Resolution& r) {
  for (const char* key : {"sample_interval", "duration"}) {
    if (r.tree.find(key)) return r.place({key});
  }
  const auto longest = std::max_element(r.document.workloads.begin(), r.document.workloads.end(),
                                        [](const WorkloadEntry& a, const WorkloadEntry& b) {
                                          return a.begin + *a.length < b.begin + *b.length;
                                        });
  return r.place({"workload", longest->name, "for"});
}

void check_sample_interval(Resolution& r) {
  const Duration run = *r.document.duration;
  const Duration sample = r.document.sample_interval;
  if (sample <= run) return;
  const Duration shorter = std::max(run / 10, Duration(1));
  r.diagnostics.error(
      place_of_length(r),
      fmt::format("the run lasts {}, which is shorter than one sample of {}; write "
                  "sample_interval: {}",
                  format_duration(run), format_duration(sample), format_duration(shorter)));
}

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
  check_sample_interval(r);
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
