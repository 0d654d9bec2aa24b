#include "scenarios/random/yaml_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace elblab::random_scenarios {
namespace {

// In the largest unit in which it is a whole number.
std::string time_text(double seconds) {
  const auto nanoseconds = std::llround(seconds * 1e9);
  if (nanoseconds == 0) return "0s";
  if (nanoseconds % 1'000'000'000 == 0) return fmt::format("{}s", nanoseconds / 1'000'000'000);
  if (nanoseconds % 1'000'000 == 0) return fmt::format("{}ms", nanoseconds / 1'000'000);
  if (nanoseconds % 1000 == 0) return fmt::format("{}us", nanoseconds / 1000);
  return fmt::format("{}ns", nanoseconds);
}

std::string bit_rate_text(double bits_per_second) {
  const auto bits = std::llround(bits_per_second);
  if (bits % 1'000'000 == 0) return fmt::format("{}Mbps", bits / 1'000'000);
  return fmt::format("{}bps", bits);
}

std::string plain(double number) {
  std::string text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string names(const std::string& stem, unsigned first, unsigned last) {
  return first == last ? fmt::format("{}{}", stem, first)
                       : fmt::format("{}[{}..{}]", stem, first, last);
}

std::string link_text(const Wire& wire, bool lossy) {
  std::string text = fmt::format("link: {{kind: {}, rate: {}, delay: {}", wire.kind,
                                 bit_rate_text(wire.rate), time_text(wire.delay));
  if (wire.jitter > 0) text += ", jitter: " + time_text(wire.jitter);
  if (lossy) text += fmt::format(", loss: {}%", plain(wire.loss * 100));
  return text + "}";
}

std::string client_text(const Clients& clients, bool lossy) {
  std::string text = "role: client, " + link_text(clients.wire, lossy);
  if (clients.addresses > 1) text += fmt::format(", addresses: {}", clients.addresses);
  if (clients.time_wait != 60) text += ", time_wait: " + time_text(clients.time_wait);
  if (clients.ports != kDefaultPorts) {
    constexpr unsigned kFirst = 20'000;
    text += fmt::format(", sysctl: {{net.ipv4.ip_local_port_range: {} {}}}", kFirst,
                        kFirst + clients.ports - 1);
  }
  return text;
}

std::string server_text(const Servers& servers, bool lossy) {
  std::string service;
  const auto add = [&](const std::string& text) {
    service += (service.empty() ? "" : ", ") + text;
  };
  if (servers.service_time > 0) add("time: " + time_text(servers.service_time));
  if (servers.cpu_time > 0) {
    add(fmt::format("cpus: {}, cpu_time: {}, cpu_time_distribution: {}", servers.cpus,
                    time_text(servers.cpu_time), servers.exponential ? "exponential" : "fixed"));
  }
  if (servers.accept_rate) add(fmt::format("accept_rate: {}/s", plain(*servers.accept_rate)));
  if (servers.backlog != 4096 && !servers.capped_by_somaxconn) {
    add(fmt::format("backlog: {}", servers.backlog));
  }
  std::string text = "role: server, " + link_text(servers.wire, lossy);
  if (!service.empty()) text += ", service: {" + service + "}";
  if (servers.capped_by_somaxconn) {
    text += fmt::format(", sysctl: {{net.core.somaxconn: {}}}", servers.backlog);
  }
  return text;
}

// Hosts with lossy wires first.
template <typename Text>
std::string host_lines(const std::string& stem, unsigned hosts, unsigned lossy, Text text) {
  std::string lines;
  if (lossy > 0) lines += fmt::format("  {}: {{{}}}\n", names(stem, 1, lossy), text(true));
  if (lossy < hosts) {
    lines += fmt::format("  {}: {{{}}}\n", names(stem, lossy + 1, hosts), text(false));
  }
  return lines;
}

std::string hosts_text(const Draft& draft) {
  std::string text = "hosts:\n";
  for (const Lane& lane : draft.lanes) {
    text += host_lines(lane.name + "c", lane.clients.hosts, lane.clients.wire.lossy_hosts,
                       [&](bool lossy) { return client_text(lane.clients, lossy); });
    text += host_lines(lane.name + "s", lane.servers.hosts, lane.servers.wire.lossy_hosts,
                       [&](bool lossy) { return server_text(lane.servers, lossy); });
  }
  return text;
}

std::string eip_text(const Eip& eip) {
  std::string text = fmt::format("  eip: {{bandwidth: {}", bit_rate_text(eip.bandwidth));
  if (eip.burst) text += fmt::format(", burst: {}B", std::llround(*eip.burst));
  if (eip.queue) text += fmt::format(", queue: {}B", std::llround(*eip.queue));
  return text + "}\n";
}

std::string group_text(const Lane& lane) {
  constexpr unsigned kServerPort = 8080;
  if (lane.servers.weights.empty()) {
    return fmt::format("    {}: {{servers: {{\"{}\": {{port: {}}}}}}}\n", lane.name,
                       lane.server_names(), kServerPort);
  }
  std::string text = fmt::format("    {}:\n      servers:\n", lane.name);
  for (unsigned i = 0; i < lane.servers.hosts; ++i) {
    text += fmt::format("        {}s{}: {{port: {}, weight: {}}}\n", lane.name, i + 1, kServerPort,
                        lane.servers.weights[i]);
  }
  return text;
}

std::string balancer_text(const Draft& draft) {
  std::string text = fmt::format("balancer:\n  nodes: {{lvs: {}}}\n", draft.nodes);
  if (draft.ip_as_backend) text += "  ip_as_backend: true\n";
  if (draft.pool_addresses != kDefaultPoolAddresses || draft.pool_ports != kDefaultPoolPorts) {
    constexpr unsigned kFirst = 1024;
    text += fmt::format("  source_pool: {{addresses: {}, ports: {}-{}}}\n", draft.pool_addresses,
                        kFirst, kFirst + draft.pool_ports - 1);
  }
  if (draft.closed_timeout != 2) {
    text += fmt::format("  tcp_timeouts: {{closed: {}}}\n", time_text(draft.closed_timeout));
  }
  if (draft.eip) text += eip_text(*draft.eip);
  text += "  listeners:\n";
  for (const Lane& lane : draft.lanes) {
    text += fmt::format("    {0}: {{protocol: {1}, port: {2}, group: {0}", lane.name,
                        lane.load.is_tcp() ? "tcp" : "udp", lane.port);
    if (lane.transfer_client_ip) {
      text += fmt::format(", transfer_client_ip: {}", *lane.transfer_client_ip);
    }
    text += "}\n";
  }
  text += "  groups:\n";
  for (const Lane& lane : draft.lanes) text += group_text(lane);
  return text;
}

// A field of its own line each.
std::string kind_text(const Load& load) {
  switch (load.kind) {
    case LoadKind::short_connections:
      return fmt::format("    short_connections: {}/s\n", plain(load.rate));
    case LoadKind::persistent:
      return fmt::format("    persistent: {}\n    requests: {}/s\n", load.connections,
                         plain(load.rate));
    case LoadKind::users:
      return fmt::format("    users: {}\n    think_time: {}\n", load.connections,
                         time_text(load.think_time));
    case LoadKind::datagrams:
      return fmt::format("    datagrams: {}/s\n", plain(load.rate));
  }
  return {};
}

std::string workload_name(const Lane& lane, std::size_t window) {
  return lane.name + (window == 0 ? "" : fmt::format("{}", window + 1));
}

std::string workload_text(const Lane& lane, std::size_t window) {
  const Load& load = lane.load;
  const Window& when = load.windows[window];
  std::string text = fmt::format("  {}:\n    from: \"{}\"\n    to: {}\n",
                                 workload_name(lane, window), lane.client_names(), lane.name);
  text += kind_text(load);
  text += fmt::format("    begin: {}\n    for: {}\n    request: {}B\n    response: {}B\n",
                      time_text(when.begin), time_text(when.length), load.request, load.response);
  text += fmt::format("    request_timeout: {}\n    slow: {}\n", time_text(load.patience),
                      time_text(load.slow));
  if (load.poisson && load.kind != LoadKind::users) text += "    arrivals: poisson\n";
  if (load.retries > 0) text += fmt::format("    retries: {}\n", load.retries);
  if (load.server_closes) text += "    closes: server\n";
  if (load.hold > 0) text += fmt::format("    hold: {}\n", time_text(load.hold));
  return text;
}

std::string workloads_text(const Draft& draft) {
  std::string text = "workload:\n";
  for (const Lane& lane : draft.lanes) {
    for (std::size_t i = 0; i < lane.load.windows.size(); ++i) text += workload_text(lane, i);
  }
  return text;
}

std::string timeline_text(const Draft& draft) {
  if (!draft.bandwidth_change && draft.loss_changes.empty()) return {};
  std::string text = "timeline:\n";
  if (const auto& change = draft.bandwidth_change) {
    text += fmt::format("  - {{at: {}, set_bandwidth: balancer, bandwidth: {}}}\n",
                        time_text(change->at), bit_rate_text(change->bandwidth));
  }
  for (const LossChange& change : draft.loss_changes) {
    text += fmt::format("  - {{at: {}, set_loss: {}, loss: {}%}}\n", time_text(change.at),
                        change.host, plain(change.loss * 100));
  }
  return text;
}

std::string set_text(const std::vector<const Hidden*>& lifted) {
  std::string text;
  for (const Hidden* hidden : lifted) {
    for (const Change& change : hidden->remedy) {
      text += fmt::format("      {}: {}\n", change.path, change.value);
    }
  }
  return text;
}

std::string runs_text(const RandomScenario& scenario) {
  if (scenario.hidden.empty()) return fmt::format("runs:\n  {}: {{}}\n", kSymptomRun);
  std::string text = fmt::format("runs:\n  {}: {{}}\n", kSymptomRun);
  std::vector<const Hidden*> all;
  for (const Hidden& hidden : scenario.hidden) all.push_back(&hidden);
  if (all.size() > 1) {
    for (const Hidden* hidden : all) {
      text +=
          fmt::format("  without_{}:\n    set:\n{}", to_string(hidden->cause), set_text({hidden}));
    }
  }
  return text + fmt::format("  {}:\n    set:\n{}", kRemedyRun, set_text(all));
}

// All is well: what must hold of the remedy, or of a scenario that hides nothing.
std::string well_text(const Draft& draft) {
  std::string text;
  for (const Lane& lane : draft.lanes) {
    for (std::size_t i = 0; i < lane.load.windows.size(); ++i) {
      for (const char* measure : {"request_failures", "slow_responses"}) {
        text += fmt::format("    - {{measure: {}({}), stat: total, equals: 0}}\n", measure,
                            workload_name(lane, i));
      }
    }
  }
  return text + "    - {diagnosis: none}\n";
}

std::string expectations_text(const RandomScenario& scenario) {
  std::vector<std::string> found;
  for (const Hidden& hidden : scenario.hidden) found.emplace_back(to_string(hidden.cause));
  if (found.empty())
    return fmt::format("expect:\n  {}:\n{}", kSymptomRun, well_text(scenario.draft));
  std::string text = "expect:\n";
  text += fmt::format("  {}:\n    - {{diagnosis: [{}]}}\n", kSymptomRun, fmt::join(found, ", "));
  if (found.size() == 2) {
    for (std::size_t i = 0; i < 2; ++i) {
      text += fmt::format("  without_{}:\n    - {{diagnosis: {}}}\n", found[i], found[1 - i]);
    }
  }
  return text + fmt::format("  {}:\n{}", kRemedyRun, well_text(scenario.draft));
}

}  // namespace

std::string yaml_text(const RandomScenario& scenario, const std::vector<std::string>& how) {
  const Draft& draft = scenario.draft;
  std::string text = fmt::format("# Drawn at random: seed {}, hidden: {}.\n", scenario.seed,
                                 name_of(scenario.causes));
  for (const std::string& line : how) text += "#   " + line + "\n";
  text += "# Asked for of each resource, at least and at most:\n";
  for (const Use& use : scenario.uses) {
    text += fmt::format("#   {}({}): {:.4g} … {:.4g} of {:.6g} {}\n", use.resource, use.lane,
                        use.least, use.most, use.limit, use.unit);
  }
  text += fmt::format("scenario: {}\ntitle: \"hidden: {}\"\nprofile: {}\n", scenario.id,
                      name_of(scenario.causes), draft.profile);
  text += fmt::format("seeds: [{}]\nduration: {}\nsample_interval: {}\n\n", scenario.seed,
                      time_text(draft.duration()), time_text(draft.sample_interval));
  text += hosts_text(draft) + "\n" + balancer_text(draft) + "\n" + workloads_text(draft) + "\n";
  const std::string timeline = timeline_text(draft);
  if (!timeline.empty()) text += timeline + "\n";
  return text + runs_text(scenario) + "\n" + expectations_text(scenario);
}

}  // namespace elblab::random_scenarios
