#include "scenarios/random/untroubled.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"
#include "scenarios/random/session_drawing.hpp"

namespace elblab::random_scenarios {
namespace {

double use_share(const Draft& draft, const std::string& resource) {
  double share = 0;
  for (const Use& use : uses_of(draft)) {
    if (use.resource == resource) share = std::max(share, use.most_share());
  }
  return share;
}

// Evenly spaced connections, so that 95 % of a resource is 95 % at every moment.
void draw_even_connections(Lane& lane, Draw& draw) {
  draw_exchange(lane, draw, {LoadKind::short_connections});
  lane.load.poisson = false;
  ask_for(lane, draw, draw.scale(20, 300));
  lane.load.windows.back().length = draw.uniform(10, 45);
}

bool light(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  draw_healthy_load(lane, draw, draw.uniform(8, 45));
  draw_harmless_limits(draft, lane, draw, 0.7);
  how = "a light load";
  return lane.load.rate * lane.load.length() < kMostRequests;
}

bool many_client_ports(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  draw_even_connections(lane, draw);
  lane.load.server_closes = false;
  lane.clients.time_wait = draw.whole(5, 30);
  lane.load.windows.back().length = rounded(lane.clients.time_wait * draw.uniform(1.5, 3));
  const double used = use_share(draft, "client_ports") * lane.clients.ports;
  const double share = draw.uniform(0.8, 0.95);
  lane.clients.ports = unsigned(std::ceil(used / share));
  how = fmt::format("{:.3g} % of the clients' ports in use", share * 100);
  return lane.clients.ports >= 100 && lane.clients.ports < kDefaultPorts &&
         lane.load.length() < kLongest;
}

bool much_cpu(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  draw_even_connections(lane, draw);
  Servers& servers = lane.servers;
  const double share = draw.uniform(0.8, 0.93);
  servers.cpus = draw.one_of({1U, 2U, 4U});
  servers.exponential = draw.chance(0.5);
  servers.cpu_time =
      rounded(share * servers.cpus / (most_requests(lane) * servers.largest_share()));
  // Mean wait of M/M/1, ten times of which nobody reaches: is it below what users mind?
  const double wait = servers.cpu_time / (1 - share);
  const bool random = servers.exponential;
  how = fmt::format("{:.3g} % of the CPUs in use", share * 100);
  return (random ? 10 * wait : 2 * servers.cpu_time) < 0.8 * lane.load.slow;
}

bool fast_accepts(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  draw_even_connections(lane, draw);
  const double share = draw.uniform(0.8, 0.95);
  lane.servers.accept_rate = rounded(most_requests(lane) * lane.servers.largest_share() / share, 4);
  lane.servers.backlog = draw.whole(64, 1024);
  how = fmt::format("{:.3g} % of what the programs accept", share * 100);
  return *lane.servers.accept_rate >= 10;
}

bool much_bandwidth(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  draw_even_connections(lane, draw);
  const RequestBytes bytes = bytes_of(lane.load);
  const double share = draw.uniform(0.85, 0.95);
  const double used = 8 * most_requests(lane) * std::max(bytes.most_in, bytes.most_out);
  draft.eip = Eip{rounded(used / share), {}, {}};
  how = fmt::format("at most {:.3g} % of the bandwidth in use", share * 100);
  return draft.eip->bandwidth >= 100e3;
}

bool many_balancer_ports(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  if (draft.profile == "dedicated") draft.ip_as_backend = true;
  lane.transfer_client_ip.reset();
  draft.nodes = 1;  // of several, each has its own part of the pool
  draw_exchange(lane, draw, {LoadKind::persistent});
  Load& load = lane.load;
  load.connections = draw.whole(40, 400);
  load.rate = draw.uniform(5, 80);
  load.windows.back().length = draw.uniform(8, 40);
  draft.pool_addresses = draw.whole(1, 4);
  const double share = draw.uniform(0.8, 0.95);
  const double each = std::ceil(double(load.connections) / lane.servers.hosts);
  draft.pool_ports = unsigned(std::ceil(each / (share * draft.pool_addresses)));
  how = fmt::format("{:.3g} % of the balancer's source ports in use", share * 100);
  return draft.pool_ports >= 4;
}

bool little_loss(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  draw_healthy_load(lane, draw, draw.uniform(10, 45));
  Load& load = lane.load;
  if (!load.is_tcp()) return false;
  // Even a SYN that is lost twice is no complaint: 1 s and 1 s more.
  load.slow = 4;
  load.patience = draw.uniform(12, 30);
  const bool at_clients = draw.chance(0.5);
  Wire& wire = at_clients ? lane.clients.wire : lane.servers.wire;
  wire.lossy_hosts = at_clients ? lane.clients.hosts : lane.servers.hosts;
  wire.loss = draw.scale(0.00005, 0.0005);
  how = fmt::format("{:.3g} % of the packets lost, and nobody minds", wire.loss * 100);
  return load.rate * load.length() < kMostRequests;
}

bool somewhat_uneven(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  if (lane.servers.hosts < 2) lane.servers.hosts = draw.whole(2, 6);
  draw_healthy_load(lane, draw, draw.uniform(10, 45));
  for (unsigned i = 0; i < lane.servers.hosts; ++i) {
    lane.servers.weights.push_back(draw.whole(16, 20));
  }
  how = "weights that differ by a quarter at most";
  return lane.load.rate * lane.load.length() < kMostRequests;
}

// What loses sessions elsewhere and does not here.
bool kept_sessions(Draft& draft, Draw& draw, std::string& how) {
  Lane& lane = draft.lanes.front();
  draw_users_with_sessions(draft, lane, draw, draw.uniform(10, 45));
  Sessions& sessions = *lane.sessions;
  how = "sessions that are kept";
  if (draw.chance(0.4)) {
    draw_front(lane, draw);
    sessions.front.egress = "per_client";
    // Few of them have to share one.
    sessions.front.addresses = 8 * lane.load.connections;
    how += ", by a front with one address for each client";
  } else if (draft.profile != "shared-2020" && draw.chance(0.5)) {
    sessions.duration = 60;
    sessions.fixed_timer = true;
    how += ", for a minute from the first connection on, which is longer than the load";
  }
  return true;
}

}  // namespace

bool draw_untroubled(Draft& draft, Draw& draw, std::string& how) {
  using Kind = bool (*)(Draft&, Draw&, std::string&);
  const Kind kind =
      draw.one_of<Kind>({light, light, many_client_ports, much_cpu, fast_accepts, much_bandwidth,
                         many_balancer_ports, little_loss, somewhat_uneven, kept_sessions});
  return kind(draft, draw, how);
}

}  // namespace elblab::random_scenarios
