// DIAG-05, HC-49, HC-52, HC-53: the UDP port of some servers is closed, and the limit of ICMP
// messages keeps the probes from hearing of it: requests from the same address use them up, all
// addresses have few of them together, or the probes of a zone, which share an address, are too
// many.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

namespace {

enum class Limit { requests, global, zone };

// Requests and probes from the same addresses, so that each has one budget.
void share_addresses(Draft& draft, Lane& lane, Draw& draw) {
  draft.profile = draw.one_of<const char*>({"shared", "shared-2020"});
  lane.transfer_client_ip = false;
  draft.probes_from_pool = true;
  draft.proxy_nodes = 0;
  draft.pool_addresses = draft.nodes;
  draft.pool_ports = 59'000;
}

}  // namespace

bool hide_icmp_rate_limit(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kMany = 30;  // requests per second and address, of one message per second
  constexpr double kLeastFailures = 30;
  if (!draw_check(draft, lane, draw, true, 12)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw.whole(1, std::max(1U, lane.servers.hosts / 2));
  health.known_at_start = true;
  health.closed = true;
  const auto limit = draw.one_of({Limit::requests, Limit::requests, Limit::global, Limit::zone});
  double addresses = 1;
  if (limit == Limit::requests) {
    share_addresses(draft, lane, draw);
    addresses = draft.pool_addresses;
  } else if (limit == Limit::global) {
    health.global_limit = true;
  } else {
    draft.profile = "dedicated";
    lane.transfer_client_ip = std::nullopt;
    draft.nodes = draw.one_of({2U, 4U});
    draft.proxy_nodes = 4 - draft.nodes;
    health.interval = health.timeout = 1;
    health.retries = draw.whole(4, 5);
  }
  const double each = least_requests(lane) / lane.servers.hosts;
  if (limit != Limit::zone && each < kMany * addresses) return false;
  hidden.failures = each * health.bad_hosts * (lane.load.length() - lane.load.patience);
  if (hidden.failures < kLeastFailures) return false;
  const char* why = limit == Limit::requests ? "requests from the addresses of probes use it up"
                    : limit == Limit::global ? "all addresses have two messages per second"
                                             : "four nodes probe from one address";
  hidden.how = fmt::format("the UDP port of {} is closed, and the ICMP limit hides it: {}",
                           some_servers(lane), why);
  hidden.remedy = {{bad_hosts_path(lane, "service.listening"), "true"}};
  return true;
}

}  // namespace elblab::random_scenarios
