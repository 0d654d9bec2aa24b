#include "analysis/diagnosis/whereabouts.hpp"

#include <algorithm>

namespace elblab::diagnosis {
namespace {

// Fully busy: a column may begin or end with a moment of rest.
constexpr double kBusyPercent = 98;
constexpr double kMostlyBusyPercent = 80;
// A standing queue counts as many packets as it holds of this size.
constexpr double kUsualPacket = 1000;  // B
// Why rules drop a packet.
constexpr std::string_view kRefusedByRules[]{"access_control", "network_acl", "security_group",
                                             "host_firewall"};
// Fewer missing packets than this share of those sent are no loss to speak of.
constexpr double kLeastLoss = 0.0005;

Curve busy_of(const Observations& seen, const std::string& host) {
  Curve busy(seen.grid().columns, 0.0);
  const Level* cpu = seen.gauge("cpu", MeasureScope::host, host);
  const Level* waiting = seen.gauge("requests_waiting", MeasureScope::host, host);
  if (cpu == nullptr) return busy;
  for (std::size_t i = 0; i < busy.size(); ++i) {
    const bool full = cpu->high[i] >= kBusyPercent && cpu->mean[i] >= kMostlyBusyPercent;
    const bool queued = waiting == nullptr || waiting->high[i] >= 1;
    busy[i] = full && queued ? 1 : 0;
  }
  return busy;
}

double mean_at(const Level* level, std::size_t column) {
  return level == nullptr ? 0 : level->mean[column];
}

// Requests on connections that clients have given up meanwhile are work, but nobody waits for them.
double awaited(double queued, const Level* established, std::size_t column) {
  return established == nullptr ? queued : std::min(queued, established->mean[column]);
}

// A queue that is passed in less than that holds nobody up who would notice.
constexpr double kNoticeableWait = 0.1;  // s

// The requests that stand in a queue long enough to matter: its length over the rate at which it is
// passed is the time it takes (Little's law).
double standing(double queued, const Curve* passed, std::size_t column, double width) {
  if (passed == nullptr) return queued;
  const double rate = ratio((*passed)[column], width);
  return queued >= kNoticeableWait * rate ? queued : 0;
}

// A queue that overflowed was full. Where no sample shows it, it filled and emptied between two of
// them, and what waited in it was not seen either.
bool was_seen_full(const Level* queue, const Level* limit, std::size_t column) {
  constexpr double kFull = 0.9;
  if (queue == nullptr || limit == nullptr) return true;
  return queue->high[column] >= kFull * limit->high[column];
}

void add_host(const Observations& seen, const std::string& host, Whereabouts& where) {
  const auto gauge = [&](std::string_view measure) {
    return seen.gauge(measure, MeasureScope::host, host);
  };
  const Level* waiting = gauge("requests_waiting");
  const Level* queue = gauge("accept_queue");
  const Level* limit = gauge("accept_queue_limit");
  const Level* half_open = gauge("syn_received");
  const Level* established = gauge("established");
  const auto counter = [&](std::string_view measure) {
    return seen.counter(measure, MeasureScope::host, host);
  };
  const Curve* overflows = counter("listen_overflows");
  const Curve* accepted = counter("accepted");
  const Curve* served = counter("served");
  const double width = seen.grid().width_seconds();
  // Datagrams wait without a connection.
  const Curve* datagrams = counter("udp_received");
  const bool only_tcp = datagrams == nullptr || total(*datagrams) == 0;
  const Level* awaiting = only_tcp ? established : nullptr;
  const Curve& busy = where.busy[host] = busy_of(seen, host);
  for (std::size_t i = 0; i < busy.size(); ++i) {
    const bool overflowing = overflows != nullptr && (*overflows)[i] > 0;
    // A client whose last ACK was dropped thinks it is connected (linux-host.md row 21).
    const double queued =
        standing(mean_at(queue, i), accepted, i, width) + (overflowing ? mean_at(half_open, i) : 0);
    if (busy[i] > 0) {
      const double at_cpu = standing(mean_at(waiting, i), served, i, width);
      where.at_busy_cpus[i] += awaited(at_cpu + queued, awaiting, i);
      if (overflowing) where.queue_full_at_busy_cpu[i] += (*overflows)[i];
    } else {
      where.in_accept_queues[i] += awaited(queued, awaiting, i);
      if (!overflowing) continue;
      where.queue_full[i] += (*overflows)[i];
      if (!was_seen_full(queue, limit, i)) where.queue_full_unseen[i] += (*overflows)[i];
    }
  }
}

// Requests that have no connection of their own. Of those beyond the established ones, as many wait
// for a connection as connections are missing; the others wait their turn on busy ones, for
// whatever holds these up. FIN_WAIT sockets count as opening, so no more than there are requests.
void add_unconnected(const Observations& seen, const Load& load, Whereabouts& where) {
  const std::size_t columns = seen.grid().columns;
  Curve established(columns, 0.0);
  Curve opening(columns, 0.0);
  bool known = false;
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    const Level* open = seen.gauge("open", MeasureScope::host, host);
    const Level* up = seen.gauge("established", MeasureScope::host, host);
    if (open == nullptr || up == nullptr || !is_client(seen, host)) continue;
    known = true;
    for (std::size_t i = 0; i < columns; ++i) {
      opening[i] += std::max(0.0, open->mean[i] - up->mean[i]);
      established[i] += up->mean[i];
    }
  }
  // Datagrams stand on no connection.
  const bool only_tcp = total(seen.summed("udp_sent", MeasureScope::host).value_or(Curve{})) == 0;
  for (std::size_t i = 0; known && i < columns; ++i) {
    const double placed = established[i] + opening[i] + load.usually_under_way[i];
    const double beyond = only_tcp ? std::max(0.0, load.under_way[i] - placed) : 0;
    const double missing = beyond * ratio(opening[i], opening[i] + established[i]);
    where.without_connection[i] = std::min(opening[i] + missing, load.under_way[i]);
    where.in_turn[i] = beyond - missing;
  }
}

// What is missing, column by column, parted into what servers that receive nothing did not get and
// the rest, which is plain loss. What is under way at the very end is not lost.
struct Missing {
  Curve at_dead;
  Curve plain;
};

bool is_silent(const Whereabouts& where, std::size_t column) {
  const auto& verdicts = where.health.verdicts;
  const bool found_gone =
      std::any_of(verdicts.begin(), verdicts.end(), [&](const HealthVerdict& verdict) {
        return verdict.cause == CauseId::host_gone && verdict.when[column] > 0;
      });
  return found_gone ||
         std::any_of(where.dead.begin(), where.dead.end(), [&](const DeadServer& dead) {
           return dead.how == Death::receives_nothing && dead.when[column] > 0;
         });
}

Missing part_missing(const Observations& seen, const Load& load, Whereabouts& where) {
  const Curve nothing(seen.grid().columns, 0.0);
  Missing missing{nothing, nothing};
  if (!load.lost_on_the_way) return missing;
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    (is_silent(where, i) ? missing.at_dead : missing.plain)[i] = (*load.lost_on_the_way)[i];
  }
  constexpr double kLeastLost = 3;
  constexpr double kSmallestPacket = 40;  // B
  const Level* queue = seen.gauge("eip_queue");
  const double queued = queue == nullptr ? 0 : queue->high.back() / kSmallestPacket;
  const double under_way = 2 * load.under_way.back() + queued;
  const double sum = total(missing.plain);
  const bool material =
      sum >= kLeastLost && sum >= kLeastLoss * load.packets_sent && sum > under_way;
  if (material) {
    where.lost = sum;
  } else {
    missing.plain = nothing;
  }
  return missing;
}

// Where the address passes all it may and a queue stands before it, that queue holds up what is on
// the network, also without a drop.
Curve pressure_of_bandwidth(const Observations& seen) {
  Curve pressure(seen.grid().columns, 0.0);
  if (const Curve* dropped = seen.counter("eip_dropped")) add(pressure, *dropped);
  const Curve full = address_full(seen);
  const Level* queue = seen.gauge("eip_queue");
  for (std::size_t i = 0; queue != nullptr && i < pressure.size(); ++i) {
    pressure[i] += full[i] * queue->mean[i] / kUsualPacket;
  }
  return pressure;
}

// Who takes packets on the way, per column, in packets.
using Pressures = std::map<CauseId, Curve>;

void press(Pressures& pressures, CauseId cause, const Curve& packets) {
  add(pressures.try_emplace(cause, packets.size(), 0.0).first->second, packets);
}

// Datagrams that met a closed port. Of several servers of one host each tells of all.
void press_at_closed_ports(const Whereabouts& where, Pressures& pressures) {
  std::string last_host;
  for (const DeadServer& dead : where.dead) {
    if (dead.how != Death::closed_port || host_of(dead.server) == last_host) continue;
    last_host = host_of(dead.server);
    press(pressures, dead.blamed, dead.amount);
  }
}

// What services that are taken for healthy were given and did not answer.
void press_at_silent_services(const Observations& seen, const SessionBook& sessions,
                              const Whereabouts& where, Pressures& pressures) {
  for (const HealthVerdict& verdict : where.health.verdicts) {
    if (!verdict.falsely_healthy || verdict.cause != CauseId::silent_service) continue;
    Curve given(verdict.when.size(), 0.0);
    const std::string host = host_of(verdict.server);
    if (const Curve* datagrams = seen.counter("udp_received", MeasureScope::host, host)) {
      add(given, *datagrams);
    }
    const auto signs = sessions.servers.find(verdict.server);
    if (signs != sessions.servers.end()) add(given, signs->second.mute);
    press(pressures, verdict.cause, given);
  }
}

// Datagrams that found no server: of the causes that took the servers out, else of no_server.
void press_without_server(const Observations& seen, const Whereabouts& where,
                          Pressures& pressures) {
  Curve left = seen.drops("no_server").datagrams;
  Curve shared(left.size(), 0.0);
  for (const auto& [cause, share] : where.health.of_no_server) {
    Curve part = left;
    for (std::size_t i = 0; i < part.size(); ++i) part[i] *= share[i];
    press(pressures, cause, part);
    add(shared, part);
  }
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = std::max(0.0, left[i] - shared[i]);
  press(pressures, CauseId::no_server, left);
}

// Datagrams that came to clients past the balancer, and that nobody there waited for: unreachables
// that clients answered with, as far as packets arrived that no balancer sent.
Curve strange_to_clients(const Observations& seen) {
  Curve unreachables(seen.grid().columns, 0.0);
  double arrived = 0;
  const std::vector<std::string> servers = server_hosts(seen);
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    if (std::find(servers.begin(), servers.end(), host) != servers.end()) continue;
    const auto counter = [&](std::string_view measure) {
      return seen.counter(measure, MeasureScope::host, host);
    };
    if (const Curve* in = counter("packets_in")) arrived += total(*in);
    for (const char* measure : {"icmp_unreachable_sent", "icmp_rate_limited"}) {
      if (const Curve* curve = counter(measure)) add(unreachables, *curve);
    }
  }
  const auto sent = seen.summed("m6_out_pps", MeasureScope::balancer);
  const double past = sent ? std::max(0.0, arrived - total(*sent)) : 0;
  const double share = std::min(1.0, ratio(past, total(unreachables)));
  for (double& value : unreachables) value *= share;
  return unreachables;
}

// Answers that found their session ended by the idle timeout. The balancer drops them where it is
// their address (fullNAT); where the client's is kept they go straight to it, which does not know
// the sender.
Curve answers_too_late(const Observations& seen) {
  const auto idle = seen.summed("idle_timeouts", MeasureScope::balancer);
  if (!idle || total(*idle) == 0) return Curve(seen.grid().columns, 0.0);
  Curve late = seen.drops("no_connection").datagrams;
  add(late, strange_to_clients(seen));
  return late;
}

std::map<CauseId, Curve> shares_of_pressures(const Pressures& pressures, const Load& load) {
  std::map<CauseId, Curve> shares;
  Curve all;
  for (const auto& [cause, pressure] : pressures) {
    shares[cause] = trailing(pressure, load.patience);
    if (all.empty()) all.assign(pressure.size(), 0.0);
    add(all, shares[cause]);
  }
  for (auto& [cause, share] : shares) {
    for (std::size_t i = 0; i < share.size(); ++i) share[i] = ratio(share[i], all[i]);
  }
  return shares;
}

void share_network(const Observations& seen, const Load& load, const SessionBook& sessions,
                   Whereabouts& where) {
  const Missing missing = part_missing(seen, load, where);
  Pressures pressures;
  pressures[CauseId::bandwidth] = pressure_of_bandwidth(seen);
  pressures[CauseId::packet_loss] = missing.plain;
  pressures[CauseId::dead_server] = missing.at_dead;
  pressures[CauseId::five_tuple_conflict] = where.conflicts.pressure;
  where.of_lost_syns = shares_of_pressures(pressures, load);
  press_at_closed_ports(where, pressures);
  press_at_silent_services(seen, sessions, where, pressures);
  pressures[CauseId::connection_table_full] = seen.drops("table_full").datagrams;
  pressures[CauseId::no_listener] = seen.drops("no_listener").datagrams;
  Curve& halted = pressures[CauseId::balancer_halted] = Curve(seen.grid().columns, 0.0);
  for (const std::string_view reason : kHalted) add(halted, seen.drops(reason).datagrams);
  Curve& refused = pressures[CauseId::refused_by_rules] = Curve(seen.grid().columns, 0.0);
  for (const std::string_view reason : kRefusedByRules) add(refused, seen.drops(reason).datagrams);
  press_without_server(seen, where, pressures);
  where.late_answers = answers_too_late(seen);
  pressures[CauseId::idle_timeout] = where.late_answers;
  pressures[CauseId::accept_queue] = where.queue_full_unseen;
  where.on_the_way = shares_of_pressures(pressures, load);
}

// SYNs that nobody counted.
void find_lost_syns(const Load& load, Whereabouts& where) {
  const auto over = [&](const Curve& curve) { return trailing(curve, load.patience); };
  Curve told = where.no_source_port;
  for (const Curve* taken :
       {&where.queue_full, &where.queue_full_at_busy_cpu, &where.table_full, &where.no_listener,
        &where.halted, &where.refused_by_rules, &where.time_wait_refused, &where.at_dead_servers}) {
    add(told, *taken);
  }
  // A SYN that is dropped is missed a second later: over the time of patience the sums agree.
  const Curve dropped = over(told);
  const Curve unanswered = over(load.syns_unanswered);
  for (std::size_t i = 0; i < dropped.size(); ++i) {
    const double untold = std::max(0.0, unanswered[i] - dropped[i]);
    where.syns_lost[i] = load.syns_unanswered[i] * ratio(untold, unanswered[i]);
  }
}

// Those of the balancer's drops, of the servers' TIME_WAIT and at dead servers.
void find_told_syns(const Observations& seen, Whereabouts& where) {
  if (const Curve* dropped = seen.counter("no_source_port")) where.no_source_port = *dropped;
  add(where.table_full, seen.drops("table_full").tcp);
  add(where.no_listener, seen.drops("no_listener").tcp);
  for (const std::string_view reason : kHalted) add(where.halted, seen.drops(reason).tcp);
  for (const std::string_view reason : kRefusedByRules) {
    add(where.refused_by_rules, seen.drops(reason).tcp);
  }
  if (const auto met = seen.summed("time_wait_refused", MeasureScope::host)) {
    add(where.time_wait_refused, *met);
  }
  for (const DeadServer& dead : where.dead) {
    const bool silent = dead.how == Death::receives_nothing || dead.how == Death::answers_nothing;
    if (silent) add(where.at_dead_servers, dead.amount);
  }
}

}  // namespace

Curve address_full(const Observations& seen) {
  constexpr double kFull = 0.97;
  constexpr double kBitsPerByte = 8;
  constexpr double kMega = 1e6;
  Curve full(seen.grid().columns, 0.0);
  const Level* limit = seen.gauge("eip_bandwidth");
  const Level* queue = seen.gauge("eip_queue");
  if (limit == nullptr || queue == nullptr) return full;
  for (const char* direction : {"eip_bytes_in", "eip_bytes_out"}) {
    const Curve* bytes = seen.counter(direction);
    for (std::size_t i = 0; bytes != nullptr && i < full.size(); ++i) {
      const double rate = ratio((*bytes)[i] * kBitsPerByte / kMega, seen.grid().width_seconds());
      if (rate >= kFull * limit->mean[i] && queue->high[i] > 0) full[i] = 1;
    }
  }
  return full;
}

Whereabouts locate(const Observations& seen, const Load& load, const SessionBook& sessions) {
  const Curve nothing(seen.grid().columns, 0.0);
  Whereabouts where;
  where.without_connection = where.in_turn = nothing;
  where.in_accept_queues = where.at_busy_cpus = nothing;
  where.on_the_network = where.no_source_port = where.queue_full = nothing;
  where.queue_full_at_busy_cpu = where.queue_full_unseen = where.syns_lost = nothing;
  where.table_full = where.no_listener = where.time_wait_refused = nothing;
  where.refused_by_rules = where.halted = nothing;
  where.at_dead_servers = nothing;
  where.conflicts = find_conflicts(seen);
  where.dead = find_dead_servers(seen, sessions, load.lost_on_the_way);
  for (const std::string& host : seen.objects(MeasureScope::host)) add_host(seen, host, where);
  where.health = read_health(seen, sessions, where.dead, where.busy);
  add_unconnected(seen, load, where);
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    where.on_the_network[i] =
        std::max(0.0, load.under_way[i] - load.usually_under_way[i] - where.without_connection[i] -
                          where.in_turn[i] - where.in_accept_queues[i] - where.at_busy_cpus[i]);
  }
  find_told_syns(seen, where);
  find_lost_syns(load, where);
  share_network(seen, load, sessions, where);
  return where;
}

HeldPorts ports_held(const Observations& seen, const Load& load, const Whereabouts& where,
                     const Curve& waiting) {
  const Curve nothing(seen.grid().columns, 0.0);
  HeldPorts held{nothing, nothing, nothing};
  Curve idle = nothing;
  Curve open = nothing;
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    if (!is_client(seen, host)) continue;
    const Level* waits = seen.gauge("time_wait", MeasureScope::host, host);
    const Level* opened = seen.gauge("open", MeasureScope::host, host);
    if (waits != nullptr) add(idle, waits->mean);
    if (opened != nullptr) add(open, opened->mean);
  }
  const Level* in_use = seen.gauge("source_ports_in_use");
  const Level* active = seen.gauge("m2_act_conn");
  const Level* entries = seen.gauge("m1_cps");
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    const double of_open = std::min(1.0, ratio(waiting[i], open[i]));
    held.refused[i] = load.failures.refused[i] * ratio(open[i], idle[i] + open[i]) * of_open;
    if (entries != nullptr) {
      held.table[i] = where.table_full[i] * std::min(1.0, ratio(waiting[i], entries->mean[i]));
    }
    if (in_use == nullptr) continue;
    // Not every connection takes a port: of those that do as many wait as of all.
    const double all = std::max(in_use->mean[i], active == nullptr ? 0 : active->mean[i]);
    held.syns[i] = where.no_source_port[i] * std::min(1.0, ratio(waiting[i], all));
  }
  return held;
}

Curve held_up(const Whereabouts& where) {
  Curve all = where.in_accept_queues;
  add(all, where.at_busy_cpus);
  for (const auto& [cause, share] : where.on_the_way) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += where.on_the_network[i] * share[i];
  }
  return all;
}

}  // namespace elblab::diagnosis
