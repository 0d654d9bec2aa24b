// DIAG-01: a share of the packets of some hosts' wires is lost. Users notice: a SYN that is lost
// costs a second, a datagram the whole request.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {
namespace {

constexpr double kLeastNoticed = 0.02;  // of the requests
constexpr double kLeastRequestsHit = 25;
// Linux sends a segment again 200 ms later at the earliest when nothing else tells it of the loss.
constexpr double kTolerable = 0.12;

// Packets of a request each of which delays or ends it when it is lost.
double delicate_packets(const Load& load) {
  if (load.connects_per_request()) return 4;  // SYN, SYN+ACK, request, answer
  return 2;
}

}  // namespace

bool hide_packet_loss(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_healthy_load(lane, draw, draw.uniform(12, 45));
  Load& load = lane.load;
  const bool at_clients = draw.chance(0.5);
  Wire& wire = at_clients ? lane.clients.wire : lane.servers.wire;
  const unsigned hosts = at_clients ? lane.clients.hosts : lane.servers.hosts;
  wire.lossy_hosts = draw.chance(0.5) ? hosts : draw.whole(1, hosts);
  const double loss = draw.scale(0.01, 0.08);
  load.patience = draw.chance(0.5) ? draw.uniform(0.5, 0.9) : draw.uniform(1.5, 10);
  load.slow = std::max(kTolerable, rounded(2 * answer_time(lane)));
  if (load.slow > 0.3 || (load.kind == LoadKind::persistent && load.slow > 0.15)) return false;
  const double affected = double(wire.lossy_hosts) / hosts;
  const double noticed = affected * (1 - std::pow(1 - loss, delicate_packets(load)));
  const double rate = most_requests(lane);
  double lossy_time = load.length();
  if (draw.chance(0.3)) {
    const double at = rounded(load.begin() + draw.uniform(0.2, 0.6) * load.length());
    lossy_time = load.end() - at;
    for (unsigned i = 0; i < wire.lossy_hosts; ++i) {
      draft.loss_changes.push_back(
          {at, fmt::format("{}{}{}", lane.name, at_clients ? "c" : "s", i + 1), loss, lane.name});
    }
    wire.lossy_hosts = 0;
  } else {
    wire.loss = loss;
  }
  const double hit = rate * lossy_time * noticed;
  if (noticed * lossy_time / load.length() < kLeastNoticed || hit < kLeastRequestsHit) return false;
  if (rate * load.length() > kMostRequests) return false;
  hidden.failures = hit;
  hidden.how = fmt::format(
      "{:.4g} % of the packets of {} of {} {} are lost, which {:.0f} requests "
      "notice",
      loss * 100, affected * hosts, hosts, at_clients ? "clients" : "servers", hit);
  if (wire.lossy_hosts == 0) hidden.remedy = {{kTimeline, "~"}};
  for (unsigned i = 0; i < wire.lossy_hosts; ++i) {
    hidden.remedy.push_back(
        {fmt::format("hosts.{}{}{}.link.loss", lane.name, at_clients ? "c" : "s", i + 1), "0%"});
  }
  return true;
}

}  // namespace elblab::random_scenarios
