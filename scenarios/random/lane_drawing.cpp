#include "scenarios/random/lane_drawing.hpp"

#include <algorithm>
#include <cmath>

#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {
namespace {

Wire draw_wire(Draw& draw, double shortest, double longest) {
  Wire wire;
  wire.kind = draw.one_of<const char*>({"point_to_point", "point_to_point", "pooled"});
  wire.rate = draw.one_of({1e8, 1e9, 1e9, 1e9, 1e10});
  wire.delay = draw.scale(shortest, longest);
  if (draw.chance(0.2)) wire.jitter = rounded(wire.delay * draw.uniform(0.02, 0.2), 2);
  return wire;
}

}  // namespace

Lane draw_lane(Draw& draw, const std::string& name, std::uint16_t port, double begin) {
  Lane lane;
  lane.name = name;
  lane.port = port;
  lane.clients.hosts = draw.one_of({1U, 1U, 2U, 3U, 4U});
  lane.clients.addresses = draw.one_of({1U, 1U, 1U, 2U, 4U});
  lane.clients.wire = draw_wire(draw, 0.0002, 0.03);
  lane.servers.hosts = draw.whole(1, 6);
  lane.servers.wire = draw_wire(draw, 0.00005, 0.001);
  if (draw.chance(0.3)) lane.servers.service_time = draw.scale(0.0005, 0.02);
  lane.load.windows = {{begin, 0}};
  return lane;
}

void draw_exchange(Lane& lane, Draw& draw, std::initializer_list<LoadKind> kinds) {
  Load& load = lane.load;
  load.kind = draw.one_of(kinds);
  load.request = std::uint64_t(draw.scale(60, 1200));
  load.response = std::uint64_t(load.is_tcp() ? draw.scale(100, 12'000) : draw.scale(60, 1400));
  load.poisson = draw.chance(0.4);
  load.patience = draw.uniform(4, 12);
  load.slow = draw.one_of({0.5, 0.5, 1.0});
  if (load.connects_per_request()) {
    load.server_closes = draw.chance(0.25);
    // A server that closes does so at once.
    if (!load.server_closes && draw.chance(0.25)) load.hold = draw.scale(0.005, 0.3);
  }
  if (load.kind == LoadKind::users) load.think_time = draw.scale(0.2, 4);
}

void ask_for(Lane& lane, Draw& draw, double requests_per_second) {
  Load& load = lane.load;
  if (load.kind == LoadKind::users) {
    const double cycle = std::max(load.think_time, 1.0) + load.patience;
    load.connections = unsigned(std::ceil(requests_per_second * cycle));
    return;
  }
  load.rate = rounded(requests_per_second);
  if (load.kind != LoadKind::persistent) return;
  const double busy = load.rate * answer_time(lane);
  const double addresses = lane.clients.all_addresses();  // each has its part of the requests
  load.connections = unsigned(std::ceil(draw.uniform(3, 8) * std::max({busy, addresses, 2.0})));
}

void draw_healthy_load(Lane& lane, Draw& draw, double length) {
  draw_exchange(lane, draw,
                {LoadKind::short_connections, LoadKind::short_connections, LoadKind::persistent,
                 LoadKind::users, LoadKind::datagrams});
  Load& load = lane.load;
  load.windows.back().length = length;
  const double most =
      std::min(300.0, 0.5 * kDefaultPorts / lane.clients.time_wait * lane.clients.all_addresses());
  const double rate = draw.scale(8, most);
  if (load.kind == LoadKind::users) {
    // Nobody waits: as many as want that rate when all is well.
    load.connections = unsigned(std::ceil(rate * (load.think_time + answer_time(lane))));
  } else {
    ask_for(lane, draw, rate);
  }
}

void draw_harmless_limits(Draft& draft, Lane& lane, Draw& draw, double most_share) {
  Servers& servers = lane.servers;
  const double each = most_requests(lane) * servers.largest_share();
  if (servers.cpu_time == 0 && draw.chance(0.4)) {
    servers.cpus = draw.one_of({1U, 2U, 4U, 8U});
    const double cpu_time = draw.uniform(0.1, 1) * most_share * servers.cpus / each;
    // A lone request shall not be slow, nor one behind a few others.
    servers.cpu_time = rounded(std::min(cpu_time, lane.load.slow / 20), 2);
    servers.exponential = draw.chance(0.4);
  }
  if (!servers.accept_rate && lane.load.connects_per_request() && draw.chance(0.3)) {
    servers.accept_rate = rounded(std::max(each / (draw.uniform(0.3, 1) * most_share), 20.0));
  }
  const bool ordinary = lane.clients.ports == kDefaultPorts && lane.clients.time_wait == 60;
  if (ordinary && lane.load.connects_per_request() && draw.chance(0.3)) {
    for (const Use& use : uses_of(draft)) {
      if (use.resource != "client_ports" || use.lane != lane.name) continue;
      const double ports = use.most / (draw.uniform(0.3, 1) * most_share);
      // Users begin together, each with a port of its own.
      const double users = lane.load.kind == LoadKind::users ? lane.load.connections : 0;
      const double least = std::max(50.0, 1.5 * users / lane.clients.all_addresses());
      lane.clients.ports = unsigned(std::clamp(ports, least, double(kDefaultPorts)));
    }
  }
}

}  // namespace elblab::random_scenarios
