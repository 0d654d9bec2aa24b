#include "analysis/diagnosis/whereabouts.hpp"

namespace elblab::diagnosis {
namespace {

// Fully busy: a column may begin or end with a moment of rest.
constexpr double kBusyPercent = 98;
constexpr double kMostlyBusyPercent = 80;
// A standing queue counts as many packets as it holds of this size.
constexpr double kUsualPacket = 1000;  // B
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

void add_host(const Observations& seen, const std::string& host, Whereabouts& where) {
  const auto gauge = [&](std::string_view measure) {
    return seen.gauge(measure, MeasureScope::host, host);
  };
  const Level* waiting = gauge("requests_waiting");
  const Level* queue = gauge("accept_queue");
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
      if (overflowing) where.queue_full[i] += (*overflows)[i];
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

// A server that is given connections and gets no packet is away or cut off: what is sent to it is
// missing, and no plain loss.
void find_silent(const Observations& seen, Whereabouts& where) {
  const std::size_t least = seen.grid().covering(std::chrono::seconds(2));
  for (const std::string& server : seen.objects(MeasureScope::server)) {
    const std::string host = server.substr(server.find('/') + 1);
    const Curve* scheduled = seen.counter("scheduled", MeasureScope::server, server);
    const Curve* packets = seen.counter("packets_in", MeasureScope::host, host);
    if (scheduled == nullptr || packets == nullptr) continue;
    Curve silent(packets->size(), 0.0);
    std::size_t begin = 0;
    double given = 0;
    for (std::size_t i = 0; i <= packets->size(); ++i) {
      if (i < packets->size() && (*packets)[i] == 0) {
        given += (*scheduled)[i];
        continue;
      }
      if (given >= 2 && i - begin >= least) {
        std::fill(silent.begin() + static_cast<std::ptrdiff_t>(begin),
                  silent.begin() + static_cast<std::ptrdiff_t>(i), 1.0);
      }
      begin = i + 1;
      given = 0;
    }
    if (total(silent) > 0) where.silent[server] = std::move(silent);
  }
}

// What is missing, column by column, without what silent servers did not get.
Curve plain_loss(const Observations& seen, const Load& load, Whereabouts& where) {
  if (!load.lost_on_the_way) return Curve(seen.grid().columns, 0.0);
  Curve lost = *load.lost_on_the_way;
  for (const auto& [server, silent] : where.silent) {
    for (std::size_t i = 0; i < lost.size(); ++i) lost[i] *= 1 - silent[i];
  }
  // What is under way at the very end is not lost.
  constexpr double kLeastLost = 3;
  constexpr double kSmallestPacket = 40;  // B
  const Level* queue = seen.gauge("eip_queue");
  const double queued = queue == nullptr ? 0 : queue->high.back() / kSmallestPacket;
  const double under_way = 2 * load.under_way.back() + queued;
  const double sum = total(lost);
  const bool material =
      sum >= kLeastLost && sum >= kLeastLoss * load.packets_sent && sum > under_way;
  if (!material) return Curve(lost.size(), 0.0);
  where.lost = sum;
  return lost;
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

void share_network(const Observations& seen, const Load& load, Whereabouts& where) {
  const Curve nothing(seen.grid().columns, 0.0);
  const Curve of_bandwidth = trailing(pressure_of_bandwidth(seen), load.patience);
  const Curve of_loss = trailing(plain_loss(seen, load, where), load.patience);
  where.by_bandwidth = where.by_loss = nothing;
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    const double both = of_bandwidth[i] + of_loss[i];
    where.by_bandwidth[i] = ratio(of_bandwidth[i], both);
    where.by_loss[i] = ratio(of_loss[i], both);
  }
}

// SYNs that nobody counted.
void find_lost_syns(const Load& load, Whereabouts& where) {
  const auto over = [&](const Curve& curve) { return trailing(curve, load.patience); };
  Curve told = where.no_source_port;
  add(told, where.queue_full);
  add(told, where.queue_full_at_busy_cpu);
  // A SYN that is dropped is missed a second later: over the time of patience the sums agree.
  const Curve dropped = over(told);
  const Curve unanswered = over(load.syns_unanswered);
  for (std::size_t i = 0; i < dropped.size(); ++i) {
    const double untold = std::max(0.0, unanswered[i] - dropped[i]);
    where.syns_lost[i] = load.syns_unanswered[i] * ratio(untold, unanswered[i]);
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

Whereabouts locate(const Observations& seen, const Load& load) {
  const Curve nothing(seen.grid().columns, 0.0);
  Whereabouts where;
  where.without_connection = where.in_turn = nothing;
  where.in_accept_queues = where.at_busy_cpus = nothing;
  where.on_the_network = where.no_source_port = where.queue_full = nothing;
  where.queue_full_at_busy_cpu = where.syns_lost = nothing;
  for (const std::string& host : seen.objects(MeasureScope::host)) add_host(seen, host, where);
  add_unconnected(seen, load, where);
  if (const Curve* dropped = seen.counter("no_source_port")) where.no_source_port = *dropped;
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    where.on_the_network[i] =
        std::max(0.0, load.under_way[i] - load.usually_under_way[i] - where.without_connection[i] -
                          where.in_turn[i] - where.in_accept_queues[i] - where.at_busy_cpus[i]);
  }
  find_lost_syns(load, where);
  find_silent(seen, where);
  share_network(seen, load, where);
  return where;
}

HeldPorts ports_held(const Observations& seen, const Load& load, const Whereabouts& where,
                     const Curve& waiting) {
  const Curve nothing(seen.grid().columns, 0.0);
  HeldPorts held{nothing, nothing};
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
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    const double of_open = std::min(1.0, ratio(waiting[i], open[i]));
    held.refused[i] = load.failures.refused[i] * ratio(open[i], idle[i] + open[i]) * of_open;
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
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] += where.on_the_network[i] * (where.by_bandwidth[i] + where.by_loss[i]);
  }
  return all;
}

}  // namespace elblab::diagnosis
