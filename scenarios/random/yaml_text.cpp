#include "scenarios/random/yaml_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/yaml_writer.hpp"
#include "scenarios/random/health_text.hpp"
#include "scenarios/random/session_text.hpp"
#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::random_scenarios {
namespace {

Node link_node(const Wire& wire, bool lossy) {
  return map_of({{"kind", wire.kind},
                 {"rate", bit_rate_text(wire.rate)},
                 {"delay", time_text(wire.delay)},
                 {"jitter", only_if(wire.jitter > 0, time_text(wire.jitter))},
                 {"loss", only_if(lossy, percent_text(wire.loss))}});
}

Node client_node(const Clients& clients, bool lossy) {
  constexpr unsigned kFirst = 20'000;
  Node sysctls =
      map_of({{"net.ipv4.ip_local_port_range",
               only_if(clients.ports != kDefaultPorts, ports_text("{} {}", kFirst, clients.ports))},
              {"net.ipv4.tcp_timestamps", only_if(clients.old_fashioned, "0")}});
  return map_of({{"role", "client"},
                 {"link", link_node(clients.wire, lossy)},
                 {"addresses", only_if(clients.addresses > 1, clients.addresses)},
                 {"time_wait", only_if(clients.time_wait != 60, time_text(clients.time_wait))},
                 {"initial_sequence", only_if(clients.old_fashioned, "random")},
                 {"sysctl", some(std::move(sysctls))}});
}

Node server_node(const Servers& servers, bool lossy, bool closed) {
  const bool has_cpu = servers.cpu_time > 0;
  const bool own_backlog = servers.backlog != 4096 && !servers.capped_by_somaxconn;
  const double accepts = servers.accept_rate.value_or(0);
  Node service = map_of(
      {{"listening", only_if(closed, false)},
       {"time", only_if(servers.service_time > 0, time_text(servers.service_time))},
       {"cpus", only_if(has_cpu, servers.cpus)},
       {"cpu_time", only_if(has_cpu, time_text(servers.cpu_time))},
       {"cpu_time_distribution", only_if(has_cpu, servers.exponential ? "exponential" : "fixed")},
       {"accept_rate", only_if(servers.accept_rate.has_value(), plain(accepts) + "/s")},
       {"backlog", only_if(own_backlog, servers.backlog)}});
  Node sysctls =
      map_of({{"net.core.somaxconn", only_if(servers.capped_by_somaxconn, servers.backlog)},
              {"net.ipv4.tcp_rfc1337", only_if(servers.keeps_time_wait, "1")}});
  return map_of({{"role", "server"},
                 {"link", link_node(servers.wire, lossy)},
                 {"service", some(std::move(service))},
                 {"sysctl", some(std::move(sysctls))}});
}

// Hosts in trouble first.
template <typename MakeNode>
void put_hosts(Node& hosts, const std::string& stem, unsigned count, unsigned troubled,
               MakeNode node) {
  if (troubled > 0) hosts.put(host_names(stem, 1, troubled), node(true));
  if (troubled < count) hosts.put(host_names(stem, troubled + 1, count), node(false));
}

// Bad hosts first. Those that are far have a wire of their own.
void put_checked_hosts(Node& hosts, const Lane& lane) {
  const HealthDraft& health = *lane.health;
  put_hosts(hosts, lane.name + "s", lane.servers.hosts, health.bad_hosts, [&](bool bad) {
    Servers servers = lane.servers;
    if (bad && health.delay > 0) {
      servers.wire.kind = "point_to_point";
      servers.wire.delay = health.delay;
      servers.wire.jitter = health.jitter;
    }
    Node node = server_node(servers, false, false);
    if (bad) put_trouble(node, lane);
    return node;
  });
}

Node hosts_node(const Draft& draft) {
  Node hosts = Node::map();
  for (const Lane& lane : draft.lanes) {
    const Servers& servers = lane.servers;
    put_hosts(hosts, lane.name + "c", lane.clients.hosts, lane.clients.wire.lossy_hosts,
              [&](bool lossy) { return client_node(lane.clients, lossy); });
    if (lane.health) {
      put_checked_hosts(hosts, lane);
      continue;
    }
    // One thing is hidden in a lane: wires lose packets, or ports are closed.
    const bool lossy = servers.wire.lossy_hosts > 0;
    put_hosts(hosts, lane.name + "s", servers.hosts,
              lossy ? servers.wire.lossy_hosts : servers.closed_hosts, [&](bool troubled) {
                return server_node(servers, troubled && lossy, troubled && !lossy);
              });
    put_front(hosts, lane);
  }
  return hosts;
}

Node eip_node(const Eip& eip) {
  return map_of({{"bandwidth", bit_rate_text(eip.bandwidth)},
                 {"burst", only_if(eip.burst.has_value(), bytes_text(eip.burst.value_or(0)))},
                 {"queue", only_if(eip.queue.has_value(), bytes_text(eip.queue.value_or(0)))}});
}

Node listener_node(const Lane& lane) {
  const double idle = lane.idle_timeout.value_or(0);
  return map_of({{"protocol", lane.load.is_tcp() ? "tcp" : "udp"},
                 {"port", unsigned{lane.port}},
                 {"group", lane.name},
                 {"transfer_client_ip", only_if(lane.transfer_client_ip.has_value(),
                                                lane.transfer_client_ip.value_or(false))},
                 {"idle_timeout", only_if(lane.idle_timeout.has_value(), time_text(idle))}});
}

Node rival_listener_node(const Lane& lane) {
  return map_of({{"protocol", "tcp"},
                 {"port", unsigned{lane.port} + 1},
                 {"group", lane.rival_name()},
                 {"transfer_client_ip", only_if(lane.transfer_client_ip.has_value(),
                                                lane.transfer_client_ip.value_or(false))}});
}

Node group_node(const Lane& lane) {
  Node servers = Node::map();
  if (lane.servers.weights.empty()) {
    servers.put(lane.server_names(), map_of({{"port", kServerPort}}));
  }
  for (std::size_t i = 0; i < lane.servers.weights.size(); ++i) {
    servers.put(fmt::format("{}s{}", lane.name, i + 1),
                map_of({{"port", kServerPort}, {"weight", lane.servers.weights[i]}}));
  }
  const bool checked = lane.health && !lane.health->without_listener;
  return map_of({{"algorithm", algorithm_node(lane)},
                 {"stickiness", stickiness_node(lane)},
                 {"servers", std::move(servers)},
                 {"health_check", checked ? health_check_node(lane) : std::nullopt}});
}

bool is_checked(const Draft& draft) {
  return std::any_of(draft.lanes.begin(), draft.lanes.end(),
                     [](const Lane& lane) { return lane.health.has_value(); });
}

Node balancer_node(const Draft& draft) {
  constexpr unsigned kFirst = 1024;
  const bool own_pool =
      draft.pool_addresses != kDefaultPoolAddresses || draft.pool_ports != kDefaultPoolPorts;
  Node pool = map_of({{"addresses", only_if(own_pool, draft.pool_addresses)},
                      {"ports", only_if(own_pool, ports_text("{}-{}", kFirst, draft.pool_ports))}});
  Node timeouts =
      map_of({{"closed", only_if(draft.closed_timeout != 2, time_text(draft.closed_timeout))}});
  Node listeners = Node::map();
  Node groups = Node::map();
  for (const Lane& lane : draft.lanes) {
    listeners.put(lane.name, listener_node(lane));
    groups.put(lane.name, group_node(lane));
    if (auto unlisted = unlisted_group_node(lane))
      groups.put(lane.name + "z", std::move(*unlisted));
    if (!lane.rival || lane.rival->other_balancer) continue;
    listeners.put(lane.rival_name(), rival_listener_node(lane));
    groups.put(lane.rival_name(), group_node(lane));
  }
  return map_of({{"nodes", map_of({{"lvs", draft.nodes},
                                   {"nginx", only_if(is_checked(draft), draft.proxy_nodes)}})},
                 {"probe_source", only_if(draft.probes_from_pool, "source_pool")},
                 {"ip_as_backend", only_if(draft.ip_as_backend, true)},
                 {"source_pool", some(std::move(pool))},
                 {"tcp_timeouts", some(std::move(timeouts))},
                 {"connection_limit",
                  only_if(draft.connection_limit.has_value(), draft.connection_limit.value_or(0))},
                 {"eip", draft.eip ? std::optional(eip_node(*draft.eip)) : std::nullopt},
                 {"listeners", std::move(listeners)},
                 {"groups", std::move(groups)}});
}

// The one balancer of most drafts, or two of them.
Field balancers_field(const Draft& draft) {
  Node rival = Node::map();
  for (const Lane& lane : draft.lanes) {
    if (!lane.rival || !lane.rival->other_balancer) continue;
    rival = map_of({{"listeners", map_of({{lane.rival_name(), rival_listener_node(lane)}})},
                    {"groups", map_of({{lane.rival_name(), group_node(lane)}})}});
  }
  if (rival.entries.empty()) return {"balancer", balancer_node(draft)};
  return {"balancers", map_of({{"balancer", balancer_node(draft)}, {"rival", std::move(rival)}})};
}

Node rival_workload_node(const Lane& lane) {
  const Load& load = lane.load;
  const Rival& rival = *lane.rival;
  return map_of({{"from", lane.client_names()},
                 {"to", (rival.other_balancer ? "rival/" : "") + lane.rival_name()},
                 {"persistent", rival.connections},
                 {"requests", plain(rival.rate) + "/s"},
                 {"begin", time_text(load.begin())},
                 {"for", time_text(load.end() - load.begin())},
                 {"request", bytes_text(double(load.request))},
                 {"response", bytes_text(double(load.response))},
                 {"request_timeout", time_text(load.patience)},
                 {"slow", time_text(load.slow)}});
}

Node extra_workload_node(const Lane& lane) {
  const Load& load = lane.load;
  const Extra& extra = *lane.extra;
  const bool kept = extra.kind == LoadKind::persistent;
  const std::string rate = plain(extra.rate) + "/s";
  return map_of({{"from", extra.of_first_client ? lane.name + "c1" : lane.client_names()},
                 {"to", lane.name},
                 {"short_connections", only_if(!kept, rate)},
                 {"persistent", only_if(kept, extra.connections)},
                 {"requests", only_if(kept, rate)},
                 {"begin", time_text(load.begin())},
                 {"for", time_text(load.end() - load.begin())},
                 {"request", bytes_text(double(load.request))},
                 {"response", bytes_text(double(load.response))},
                 {"request_timeout", time_text(load.patience)},
                 {"slow", time_text(load.slow)}});
}

std::string workload_name(const Lane& lane, std::size_t window) {
  return lane.name + (window == 0 ? "" : fmt::format("{}", window + 1));
}

Node workload_node(const Lane& lane, const Window& when) {
  const Load& load = lane.load;
  const std::string rate = plain(load.rate) + "/s";
  const auto is = [&](LoadKind kind) { return load.kind == kind; };
  return map_of(
      {{"from", lane.client_names()},
       {"to", goal_of(lane)},
       {"short_connections", only_if(is(LoadKind::short_connections), rate)},
       {"persistent", only_if(is(LoadKind::persistent), load.connections)},
       {"quic", only_if(is(LoadKind::quic), load.connections)},
       {"requests", only_if(is(LoadKind::persistent) || is(LoadKind::quic), rate)},
       {"address_change", only_if(load.address_change > 0, time_text(load.address_change))},
       {"users", only_if(is(LoadKind::users), load.connections)},
       {"think_time", only_if(is(LoadKind::users), time_text(load.think_time))},
       {"roam_every", roaming_node(lane)},
       {"sessions", sessions_node(lane)},
       {"datagrams", only_if(is(LoadKind::datagrams), rate)},
       {"begin", time_text(when.begin)},
       {"for", time_text(when.length)},
       {"request", bytes_text(double(load.request))},
       {"response", bytes_text(double(load.response))},
       {"request_timeout", time_text(load.patience)},
       {"slow", time_text(load.slow)},
       {"arrivals", only_if(load.poisson && !is(LoadKind::users), "poisson")},
       {"retries", only_if(load.retries > 0, load.retries)},
       {"closes", only_if(load.server_closes, "server")},
       {"hold", only_if(load.hold > 0, time_text(load.hold))}});
}

Node workloads_node(const Draft& draft) {
  Node workloads = Node::map();
  for (const Lane& lane : draft.lanes) {
    for (std::size_t i = 0; i < lane.load.windows.size(); ++i) {
      workloads.put(workload_name(lane, i), workload_node(lane, lane.load.windows[i]));
    }
    if (lane.rival) workloads.put(lane.rival_name(), rival_workload_node(lane));
    if (lane.extra) workloads.put(lane.extra_name(), extra_workload_node(lane));
  }
  return workloads;
}

// Of the lanes that are not left out.
std::optional<Node> timeline_node(const Draft& draft, const std::vector<std::string>& left_out) {
  const auto counts = [&](const std::string& lane) {
    return std::find(left_out.begin(), left_out.end(), lane) == left_out.end();
  };
  Node timeline = Node::list();
  if (const auto& change = draft.bandwidth_change; change && counts(change->lane)) {
    timeline.items.push_back(map_of({{"at", time_text(change->at)},
                                     {"set_bandwidth", "balancer"},
                                     {"bandwidth", bit_rate_text(change->bandwidth)}}));
  }
  for (const LossChange& change : draft.loss_changes) {
    if (!counts(change.lane)) continue;
    timeline.items.push_back(map_of({{"at", time_text(change.at)},
                                     {"set_loss", change.host},
                                     {"loss", percent_text(change.loss)}}));
  }
  for (const Fault& fault : draft.faults) {
    if (!counts(fault.lane)) continue;
    timeline.items.push_back(map_of({{"at", time_text(fault.at)}, {fault.verb, fault.target}}));
  }
  return timeline.items.empty() ? std::nullopt : std::optional(std::move(timeline));
}

// "~" removes, "[8080, 8090]" is a list.
Node changed(const std::string& value) {
  if (value == "~") return {};
  if (!value.starts_with('[')) return scalar(value);
  std::vector<Node> items;
  for (std::size_t begin = 1; begin < value.size();) {
    const std::size_t end = std::min(value.find_first_of(",]", begin), value.size());
    items.push_back(scalar(value.substr(begin, end - begin)));
    begin = std::min(value.find_first_not_of(", ]", end), value.size());
  }
  return list_of(std::move(items));
}

Node lifting(const Draft& draft, const std::vector<const Hidden*>& lifted) {
  Node set = Node::map();
  std::vector<std::string> quiet;  // lanes of which nothing is left in the timeline
  for (const Hidden* hidden : lifted) {
    for (const Change& change : hidden->remedy) {
      if (change.path == kTimeline) {
        quiet.push_back(hidden->lane);
      } else {
        set.put(change.path, changed(change.value));
      }
    }
  }
  if (!quiet.empty()) set.put(kTimeline, timeline_node(draft, quiet).value_or(Node()));
  return map_of({{"set", std::move(set)}});
}

std::string run_without(const Hidden& hidden) {
  return fmt::format("without_{}", language::known_cause(hidden.cause).name);
}

Node runs_node(const RandomScenario& scenario) {
  Node runs = map_of({{kSymptomRun, Node::map()}});
  if (scenario.hidden.empty()) return runs;
  std::vector<const Hidden*> all;
  for (const Hidden& hidden : scenario.hidden) all.push_back(&hidden);
  for (const Hidden* hidden : all) {
    if (all.size() > 1) runs.put(run_without(*hidden), lifting(scenario.draft, {hidden}));
  }
  runs.put(kRemedyRun, lifting(scenario.draft, all));
  return runs;
}

Node diagnosis_node(const std::vector<std::string>& causes) {
  std::vector<Node> names;
  for (const std::string& cause : causes) names.push_back(scalar(cause));
  return map_of({{"diagnosis", list_of(std::move(names))}});
}

// All is well: what must hold of the remedy, or of a scenario that hides nothing.
Node all_is_well(const Draft& draft) {
  std::vector<Node> items;
  for (const Lane& lane : draft.lanes) {
    std::vector<std::string> workloads;
    for (std::size_t i = 0; i < lane.load.windows.size(); ++i) {
      workloads.push_back(workload_name(lane, i));
    }
    if (lane.rival) workloads.push_back(lane.rival_name());
    if (lane.extra) workloads.push_back(lane.extra_name());
    for (const std::string& workload : workloads) {
      for (const char* measure : {"request_failures", "slow_responses"}) {
        items.push_back(map_of({{"measure", fmt::format("{}({})", measure, workload)},
                                {"stat", "total"},
                                {"equals", "0"}}));
      }
    }
  }
  items.push_back(diagnosis_node({std::string(language::kNoCause)}));
  return list_of(std::move(items));
}

Node expectations_node(const RandomScenario& scenario) {
  if (scenario.hidden.empty()) return map_of({{kSymptomRun, all_is_well(scenario.draft)}});
  std::vector<std::string> found;
  for (const Hidden& hidden : scenario.hidden) {
    found.emplace_back(language::known_cause(hidden.cause).name);
  }
  Node expect = map_of({{kSymptomRun, list_of({diagnosis_node(found)})}});
  for (std::size_t i = 0; i < 2 && found.size() == 2; ++i) {
    expect.put(run_without(scenario.hidden[i]), list_of({diagnosis_node({found[1 - i]})}));
  }
  expect.put(kRemedyRun, all_is_well(scenario.draft));
  return expect;
}

std::string comments(const RandomScenario& scenario, const std::vector<std::string>& how) {
  std::string text = fmt::format("# Drawn at random: seed {}, hidden: {}.\n", scenario.seed,
                                 name_of(scenario.causes));
  for (const std::string& line : how) text += "#   " + line + "\n";
  text += "# Asked for of each resource, at least and at most:\n";
  for (const Use& use : scenario.uses) {
    text += fmt::format("#   {}({}): {:.4g} … {:.4g} of {:.6g} {}\n", use.resource, use.lane,
                        use.least, use.most, use.limit, use.unit);
  }
  return text;
}

}  // namespace

std::string yaml_text(const RandomScenario& scenario, const std::vector<std::string>& how) {
  constexpr int kBlockLevels = 2;
  const Draft& draft = scenario.draft;
  const Node root = map_of({{"scenario", scenario.id},
                            {"title", "hidden: " + name_of(scenario.causes)},
                            {"profile", draft.profile},
                            {"seeds", list_of({scalar(fmt::format("{}", scenario.seed))})},
                            {"duration", time_text(draft.duration())},
                            {"sample_interval", time_text(draft.sample_interval)},
                            {"security_groups", security_groups_node(draft)},
                            {"subnets", subnets_node(draft)},
                            {"hosts", hosts_node(draft)},
                            balancers_field(draft),
                            {"workload", workloads_node(draft)},
                            {"timeline", timeline_node(draft, {})},
                            {"runs", runs_node(scenario)},
                            {"expect", expectations_node(scenario)}});
  return comments(scenario, how) + language::to_yaml(root, kBlockLevels);
}

}  // namespace elblab::random_scenarios
