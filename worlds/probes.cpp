#include "worlds/probes.hpp"

#include <array>
#include <limits>
#include <numeric>

namespace elblab::worlds {
namespace {

using forwarding::ForwarderCounters;
using forwarding::SessionGauges;
using host::HostCounters;
using telemetry::MeasureInfo;
using telemetry::MeasureScope;

constexpr double kNoSample = std::numeric_limits<double>::quiet_NaN();

// What the service itself measures: "m1_cps", "ma_normal_servers".
bool is_metric(std::string_view measure) {
  return measure.size() > 2 && measure[0] == 'm' && measure[2] == '_';
}

// MET-39: of a frozen balancer there are none.
bool is_reported(const forwarding::Balancer& balancer, std::string_view measure) {
  return balancer.halted() != telemetry::Reason::frozen || !is_metric(measure);
}

struct HostProbe {
  std::string_view measure;
  std::uint64_t HostCounters::*counter;
};

constexpr std::array kHostProbes{
    HostProbe{"opened", &HostCounters::connections_opened},
    HostProbe{"connected", &HostCounters::connections_established},
    HostProbe{"accepted", &HostCounters::connections_accepted},
    HostProbe{"failed", &HostCounters::connections_failed},
    HostProbe{"refused_locally", &HostCounters::refused_locally},
    HostProbe{"time_wait", &HostCounters::time_wait},
    HostProbe{"established", &HostCounters::established},
    HostProbe{"syn_received", &HostCounters::syn_received},
    HostProbe{"open", &HostCounters::open},
    HostProbe{"time_wait_reused", &HostCounters::time_wait_reused},
    HostProbe{"time_wait_refused", &HostCounters::time_wait_refused},
    HostProbe{"listen_overflows", &HostCounters::listen_overflows},
    HostProbe{"accept_queue", &HostCounters::accept_queue},
    HostProbe{"accept_queue_limit", &HostCounters::accept_queue_limit},
    HostProbe{"local_ports", &HostCounters::local_ports},
    HostProbe{"resets_sent", &HostCounters::resets_sent},
    HostProbe{"resets_received", &HostCounters::resets_received},
    HostProbe{"retransmissions", &HostCounters::retransmissions},
    HostProbe{"syn_retransmissions", &HostCounters::syn_retransmissions},
    HostProbe{"challenge_acks", &HostCounters::challenge_acks},
    HostProbe{"icmp_unreachable_sent", &HostCounters::icmp_unreachable_sent},
    HostProbe{"icmp_rate_limited", &HostCounters::icmp_rate_limited},
    HostProbe{"udp_sent", &HostCounters::udp_sent},
    HostProbe{"udp_received", &HostCounters::udp_received},
    HostProbe{"packets_in", &HostCounters::packets_in},
    HostProbe{"packets_out", &HostCounters::packets_out},
    HostProbe{"bytes_in", &HostCounters::bytes_in},
    HostProbe{"bytes_out", &HostCounters::bytes_out},
};

double total(const std::array<std::uint64_t, static_cast<std::size_t>(telemetry::Reason::count_)>&
                 by_reason) {
  return static_cast<double>(std::accumulate(by_reason.begin(), by_reason.end(), std::uint64_t{0}));
}

double host_value(const HostCounters& counters, std::string_view measure) {
  if (measure == "dropped") return total(counters.dropped);
  for (const HostProbe& probe : kHostProbes) {
    if (probe.measure == measure) return static_cast<double>(counters.*probe.counter);
  }
  return 0;
}

// NaN, which is no sample, without a limit.
double public_address_value(const forwarding::Balancer& balancer, std::string_view measure) {
  const std::optional<forwarding::PublicAddressFigures> figures = balancer.public_address();
  if (!figures) return kNoSample;
  if (measure == "eip_bytes_in") return static_cast<double>(figures->bytes_in);
  if (measure == "eip_bytes_out") return static_cast<double>(figures->bytes_out);
  if (measure == "eip_dropped") return static_cast<double>(figures->packets_dropped);
  if (measure == "eip_queue") return static_cast<double>(figures->bytes_waiting);
  return figures->bits_per_second / 1e6;
}

double balancer_value(const forwarding::Balancer& balancer, std::string_view measure) {
  if (measure.starts_with("eip_")) return public_address_value(balancer, measure);
  if (measure == "source_ports_remapped" && !balancer.remaps()) {
    return kNoSample;
  }
  const ForwarderCounters c = balancer.counters();
  const SessionGauges g = balancer.gauges();
  const auto no_source_port =
      c.dropped[static_cast<std::size_t>(telemetry::Reason::no_source_port)];
  const std::array<std::pair<std::string_view, std::uint64_t>, 17> values{{
      {"m1_cps", g.all()},
      {"m2_act_conn", g.established},
      {"m3_inact_conn", g.not_established},
      {"m4_ncps", c.sessions_opened},
      {"m5_in_pps", c.packets_from_clients},
      {"m6_out_pps", c.packets_to_clients},
      {"m7_in_Bps", c.bytes_from_clients},
      {"m8_out_Bps", c.bytes_to_clients},
      {"dropped", c.dropped_total()},
      {"packets_made", c.packets_made},
      {"packets_taken", c.packets_absorbed},
      {"five_tuple_conflicts", c.five_tuple_conflicts},
      {"source_ports_remapped", c.source_ports_remapped},
      {"idle_timeouts", c.idle_timeouts},
      {"source_ports_in_use", g.source_ports_in_use},
      {"source_ports", g.source_ports},
      {"no_source_port", no_source_port},
  }};
  for (const auto& [name, value] : values) {
    if (name == measure) return static_cast<double>(value);
  }
  return 0;
}

double server_value(const forwarding::Balancer& balancer, std::size_t group, std::size_t server,
                    std::string_view measure) {
  if (measure == "weight") return balancer.node(0).effective_weight(group, server);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < balancer.nodes(); ++i) {
    const forwarding::Forwarder& node = balancer.node(i);
    sum += measure == "scheduled" ? node.scheduled_connections(group, server)
                                  : node.active_connections(group, server);
  }
  return static_cast<double>(sum);
}

double middlebox_value(const middlebox::NetworkAddressTranslator& box, std::string_view measure) {
  const middlebox::NatCounters& c = box.counters();
  const middlebox::NatGauges tcp = box.gauges(net::Protocol::tcp);
  const middlebox::NatGauges udp = box.gauges(net::Protocol::udp);
  const std::array<std::pair<std::string_view, std::uint64_t>, 9> values{{
      {"translations", tcp.sessions},
      {"mappings", tcp.mappings},
      {"tcp_ports_in_use", tcp.ports_in_use},
      {"tcp_ports", tcp.ports},
      {"udp_ports_in_use", udp.ports_in_use},
      {"udp_ports", udp.ports},
      {"translated", c.packets_sent},
      {"refused", c.refused()},
      {"dropped", c.dropped_total()},
  }};
  for (const auto& [name, value] : values) {
    if (name == measure) return static_cast<double>(value);
  }
  return 0;
}

double relay_value(const relay::Relay& relay, std::string_view measure) {
  const relay::RelayCounters& c = relay.relay_counters();
  const std::array<std::pair<std::string_view, std::uint64_t>, 6> values{{
      {"relayed", c.relayed},
      {"relay_failures", c.failed + c.refused},
      {"relay_abandoned", c.abandoned},
      {"relay_connections", relay.upstream_connections()},
      {"relay_opened", relay.upstream_counters().opened},
      {"egress_addresses_used", relay.egress_addresses_used()},
  }};
  for (const auto& [name, value] : values) {
    if (name == measure) return static_cast<double>(value);
  }
  return 0;
}

template <typename Read>
void sample_scope(SeriesSampler& sampler, MeasureScope scope, telemetry::ObjectId object,
                  Read read) {
  for (const MeasureInfo& measure : telemetry::measures()) {
    if (measure.scope != scope) continue;
    sampler.add(measure, object,
                [read, name = measure.name](Instant now) { return read(name, now); });
  }
}

}  // namespace

void sample_host(SeriesSampler& sampler, telemetry::ObjectId object, const Host& host,
                 HostServices& services) {
  sample_scope(sampler, MeasureScope::host, object,
               [&host, &services](std::string_view measure, Instant now) {
                 const std::optional<double> of_services = services.value(measure, now);
                 return of_services ? *of_services : host_value(host.counters(), measure);
               });
}

void sample_relay(SeriesSampler& sampler, telemetry::ObjectId object,
                  const HostServices& services) {
  if (services.relay_service() == nullptr) return;
  sample_scope(sampler, MeasureScope::relay, object,
               [&relay = *services.relay_service()](std::string_view measure, Instant) {
                 return relay_value(relay, measure);
               });
}

void sample_link(SeriesSampler& sampler, telemetry::ObjectId object, const HostLink& link) {
  sample_scope(sampler, MeasureScope::link, object,
               [&link](std::string_view, Instant) { return static_cast<double>(link.dropped()); });
}

void sample_balancer(SeriesSampler& sampler, telemetry::ObjectId object,
                     const forwarding::Balancer& balancer) {
  sample_scope(
      sampler, MeasureScope::balancer, object, [&balancer](std::string_view measure, Instant) {
        return is_reported(balancer, measure) ? balancer_value(balancer, measure) : kNoSample;
      });
}

void sample_server(SeriesSampler& sampler, telemetry::ObjectId object,
                   const forwarding::Balancer& balancer, std::size_t group, std::size_t server) {
  sample_scope(sampler, MeasureScope::server, object,
               [&balancer, group, server](std::string_view measure, Instant) {
                 return server_value(balancer, group, server, measure);
               });
}

void sample_workload(SeriesSampler& sampler, telemetry::ObjectId object, ClientGroup& clients) {
  sample_scope(sampler, MeasureScope::workload, object,
               [&clients](std::string_view measure, Instant) { return clients.value(measure); });
  sampler.add_latencies(object, [&clients] { return clients.latencies(); });
}

void sample_balancers(SeriesSampler& sampler, const Objects& objects, const Network& network) {
  for (std::size_t i = 0; i < objects.balancers.size(); ++i) {
    const BalancerObjects& of = objects.balancers[i];
    const forwarding::Balancer& balancer = network.balancer(i);
    sample_balancer(sampler, of.balancer, balancer);
    for (std::size_t group = 0; group < of.servers.size(); ++group) {
      for (std::size_t server = 0; server < of.servers[group].size(); ++server) {
        sample_server(sampler, of.servers[group][server], balancer, group, server);
      }
    }
  }
}

void sample_network(SeriesSampler& sampler, const Objects& objects, const Network& network) {
  sample_scope(
      sampler, MeasureScope::network, objects.network,
      [&network](std::string_view measure, Instant) {
        return static_cast<double>(measure == "disputed" ? network.disputed() : network.dropped());
      });
}

void sample_middleboxes(SeriesSampler& sampler, const Objects& objects, const Network& network) {
  for (std::size_t i = 0; i < objects.middleboxes.size(); ++i) {
    sample_scope(sampler, MeasureScope::middlebox, objects.middleboxes[i],
                 [&box = network.middlebox(i)](std::string_view measure, Instant) {
                   return middlebox_value(box, measure);
                 });
  }
}

void sample_filter(SeriesSampler& sampler, MeasureScope scope, telemetry::ObjectId object,
                   const network::Filter* filter) {
  if (filter == nullptr) return;
  sample_scope(sampler, scope, object, [filter](std::string_view, Instant) {
    return static_cast<double>(filter->blocked().packets);
  });
}

void sample_access(SeriesSampler& sampler, const Objects& objects, const Network& network) {
  for (std::size_t i = 0; i < objects.balancers.size(); ++i) {
    const std::vector<telemetry::ObjectId>& listeners = objects.balancers[i].listeners;
    const forwarding::Balancer& balancer = network.balancer(i);
    for (std::size_t listener = 0; listener < listeners.size(); ++listener) {
      if (listeners[listener] == 0) continue;
      sample_scope(sampler, MeasureScope::listener, listeners[listener],
                   [&balancer, listener](std::string_view measure, Instant) {
                     const network::BlockedTraffic blocked = balancer.blocked(listener);
                     return static_cast<double>(measure == "blocked_bytes" ? blocked.bytes
                                                                           : blocked.packets);
                   });
    }
  }
}

double sessions_value(const UserTally::Counts& counts, std::string_view measure) {
  if (measure == "sessions_begun") return static_cast<double>(counts.begun);
  return static_cast<double>(measure == "sessions_kept" ? counts.kept : counts.lost);
}

// At servers, and of workloads.
void sample_users(SeriesSampler& sampler, const Objects& objects, const SampledWorld& world) {
  for (std::size_t i = 0; i < world.hosts.size(); ++i) {
    if (!objects.session_servers[i]) continue;
    sample_scope(sampler, MeasureScope::session_host, objects.hosts[i],
                 [&services = *world.services[i]](std::string_view measure, Instant now) {
                   return services.value(measure, now).value_or(0);
                 });
  }
  for (std::size_t i = 0; i < world.workloads.size(); ++i) {
    if (!objects.user_workloads[i]) continue;
    sample_scope(sampler, MeasureScope::user_workload, objects.workloads[i],
                 [&users = world.users->of(i)](std::string_view measure, Instant) {
                   return sessions_value(users, measure);
                 });
  }
}

double stickiness_value(const forwarding::Balancer& balancer, std::size_t group,
                        std::string_view measure) {
  const forwarding::Balancer::Stickiness s = balancer.stickiness(group);
  const std::array<std::pair<std::string_view, std::uint64_t>, 7> values{{
      {"sticky_clients", s.clients},
      {"sticky_capacity", s.capacity},
      {"sticky_new", s.counts.first},
      {"sticky_kept", s.counts.kept},
      {"sticky_expired", s.counts.over},
      {"sticky_server_out", s.counts.server_out},
      {"sticky_evicted", s.counts.evicted},
  }};
  for (const auto& [name, value] : values) {
    if (name == measure) return static_cast<double>(value);
  }
  return 0;
}

double connection_id_value(const forwarding::Balancer& balancer, std::size_t group,
                           std::string_view measure) {
  const forwarding::Balancer::ConnectionIds ids = balancer.connection_ids(group);
  if (measure == "connection_ids") return static_cast<double>(ids.known);
  if (measure == "connection_id_capacity") return static_cast<double>(ids.capacity);
  return static_cast<double>(ids.flows_by_id);
}

void sample_group(SeriesSampler& sampler, const GroupObject& of,
                  const forwarding::Balancer& balancer, std::size_t group) {
  if (of.sticks) {
    sample_scope(sampler, MeasureScope::sticky_group, of.object,
                 [&balancer, group](std::string_view measure, Instant) {
                   return stickiness_value(balancer, group, measure);
                 });
  }
  if (of.by_connection_id) {
    sample_scope(sampler, MeasureScope::quic_group, of.object,
                 [&balancer, group](std::string_view measure, Instant) {
                   return connection_id_value(balancer, group, measure);
                 });
  }
}

void sample_groups(SeriesSampler& sampler, const Objects& objects, const Network& network) {
  for (std::size_t i = 0; i < objects.balancers.size(); ++i) {
    const std::vector<GroupObject>& groups = objects.balancers[i].groups;
    for (std::size_t group = 0; group < groups.size(); ++group) {
      sample_group(sampler, groups[group], network.balancer(i), group);
    }
  }
}

void sample_filters(SeriesSampler& sampler, const Objects& objects, const Network& network) {
  const NetworkFilters* const filters = network.filters();
  if (filters == nullptr) return;
  for (std::size_t i = 0; i < objects.subnets.size(); ++i) {
    sample_filter(sampler, MeasureScope::subnet, objects.subnets[i], filters->acl(i));
  }
  for (std::size_t i = 0; i < objects.hosts.size(); ++i) {
    const network::PortFilters& of_host = filters->of_host(i);
    sample_filter(sampler, MeasureScope::grouped_host, objects.hosts[i], of_host.security_groups);
    sample_filter(sampler, MeasureScope::firewalled_host, objects.hosts[i], of_host.host_firewall);
  }
}

double health_value(const HealthBoard& board, CheckedServer which, std::string_view measure) {
  if (measure == "healthy") return board.displayed(which) == telemetry::Verdict::healthy ? 1 : 0;
  if (measure == "healthy_nodes") return static_cast<double>(board.healthy_nodes(which));
  if (measure == "health_changes") return static_cast<double>(board.changes(which));
  const ProbeCounts& probes = board.probes(which);
  if (measure == "probe_answer_time") {
    return probes.last_answer ? 1000 * to_seconds(*probes.last_answer) : kNoSample;
  }
  return static_cast<double>(measure == "probes" ? probes.ended : probes.failed);
}

double probing_value(const HealthBoard& board, const HealthResults& health, std::size_t balancer,
                     std::string_view measure) {
  const bool told = health.knows_all(balancer) && !board.is_frozen();  // MET-39
  if (is_metric(measure) && !told) return kNoSample;
  const std::array<std::pair<std::string_view, std::uint64_t>, 5> values{{
      {"ma_normal_servers", board.normal_servers()},
      {"m9_abnormal_servers", board.abnormal_servers()},
      {"probe_bytes", health.probe_bytes(balancer)},
      {"probe_packets_sent", health.probe_packets_sent(balancer)},
      {"probe_packets_received", health.probe_packets_received(balancer)},
  }};
  for (const auto& [name, value] : values) {
    if (name == measure) return static_cast<double>(value);
  }
  return 0;
}

void sample_health(SeriesSampler& sampler, const Objects& objects, const HealthResults& health) {
  for (std::size_t i = 0; i < objects.balancers.size(); ++i) {
    const BalancerObjects& of = objects.balancers[i];
    const HealthBoard* const board = health.board(i);
    if (board == nullptr) continue;
    sample_scope(sampler, MeasureScope::checked_balancer, of.balancer,
                 [board, &health, i](std::string_view measure, Instant) {
                   return probing_value(*board, health, i, measure);
                 });
    for (std::size_t group = 0; group < of.servers.size(); ++group) {
      for (std::size_t server = 0; server < of.servers[group].size(); ++server) {
        const CheckedServer which{group, server};
        sample_scope(sampler, MeasureScope::checked_server, of.servers[group][server],
                     [board, &health, i, which](std::string_view measure, Instant) {
                       return health.knows(i, which) ? health_value(*board, which, measure)
                                                     : kNoSample;
                     });
      }
    }
  }
}

void sample_world(SeriesSampler& sampler, const Objects& objects, const SampledWorld& world) {
  for (std::size_t i = 0; i < world.hosts.size(); ++i) {
    sample_host(sampler, objects.hosts[i], *world.hosts[i], *world.services[i]);
  }
  for (std::size_t i = 0; i < world.links.size(); ++i) {
    sample_link(sampler, objects.links[i], *world.links[i]);
  }
  sample_balancers(sampler, objects, *world.network);
  for (std::size_t i = 0; i < world.workloads.size(); ++i) {
    sample_workload(sampler, objects.workloads[i], *world.workloads[i]);
  }
  sample_network(sampler, objects, *world.network);
  for (std::size_t i = 0; i < world.place_links.size(); ++i) {
    sample_link(sampler, objects.place_links[i], *world.place_links[i]);
  }
  sample_middleboxes(sampler, objects, *world.network);
  sample_access(sampler, objects, *world.network);
  sample_filters(sampler, objects, *world.network);
  for (std::size_t i = 0; i < world.services.size(); ++i) {
    sample_relay(sampler, objects.hosts[i], *world.services[i]);
  }
  sample_users(sampler, objects, world);
  sample_groups(sampler, objects, *world.network);
  if (world.health != nullptr) sample_health(sampler, objects, *world.health);
}

}  // namespace elblab::worlds
