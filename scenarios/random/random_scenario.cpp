#include "scenarios/random/random_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/untroubled.hpp"
#include "scenarios/random/yaml_text.hpp"

namespace elblab::random_scenarios {
namespace {

constexpr double kBinds = 1.2;         // least that is asked for, of what there is
constexpr double kHarmless = 0.75;     // most that is asked for of anything else
constexpr double kSufficient = 0.955;  // ... where nothing is hidden
// Two causes: neither drowns the other.
constexpr double kMostApart = 5;

using Causes = std::vector<CauseId>;

bool holds(const Causes& causes, CauseId cause) {
  return std::find(causes.begin(), causes.end(), cause) != causes.end();
}

Draft draw_balancer(Draw& draw) {
  Draft draft;
  draft.profile = draw.one_of<const char*>({"shared-2020", "shared", "dedicated"});
  draft.nodes = draw.one_of({1U, 2U, 2U, 4U});  // a default pool of 4 can be shared evenly
  draft.sample_interval = draw.one_of({0.2, 0.25, 0.5, 1.0, 1.0, 2.0});
  return draft;
}

void add_lane(Draft& draft, Draw& draw, double begin) {
  constexpr std::array kNames{"web", "api", "shop"};
  constexpr std::array<std::uint16_t, 3> kPorts{80, 443, 8000};
  const std::size_t index = draft.lanes.size();
  draft.lanes.push_back(draw_lane(draw, kNames[index], kPorts[index], begin));
  // Both ways of forwarding where the profile leaves the choice.
  if (draft.profile != "dedicated") {
    draft.lanes.back().transfer_client_ip = draw.chance(0.5) ? std::optional(true) : std::nullopt;
  }
}

// A lane that is well, beside the one in trouble.
void add_bystander(Draft& draft, Draw& draw) {
  const Load& first = draft.lanes.front().load;
  add_lane(draft, draw, rounded(first.begin() * draw.uniform(0, 1)));
  Lane& lane = draft.lanes.back();
  draw_healthy_load(lane, draw, std::max(5.0, rounded(first.length() * draw.uniform(0.5, 1))));
  draw_harmless_limits(draft, lane, draw, 0.6);
}

// An address with bandwidth to spare.
void add_harmless_eip(Draft& draft, Draw& draw) {
  draft.eip = Eip{1e12, {}, {}};
  double most = 0;
  double least = 64e3;
  for (const Use& use : uses_of(draft)) {
    if (use.resource.starts_with("bandwidth")) most = std::max(most, use.most);
    // What comes together passes or waits for its turn, for which there is room in proportion.
    if (use.resource == "eip_rush") {
      least = std::max(least, draft.eip->bandwidth * use.most_share() / kHarmless);
    }
  }
  draft.eip->bandwidth = rounded(std::max(most / draw.uniform(0.2, 0.7), least * 1.02));
}

// Of few users or connections some addresses would have none, while the resources here count with
// all of them.
bool are_spread(const Draft& draft) {
  return std::all_of(draft.lanes.begin(), draft.lanes.end(), [](const Lane& lane) {
    const unsigned count = lane.load.connections;
    if (lane.sessions) return true;  // one address for each of them
    return count == 0 || count >= 2 * lane.clients.all_addresses();
  });
}

bool hides(const std::vector<Hidden>& hidden, const std::string& lane,
           std::initializer_list<CauseId> causes) {
  return std::any_of(hidden.begin(), hidden.end(), [&](const Hidden& h) {
    return h.lane == lane && std::find(causes.begin(), causes.end(), h.cause) != causes.end();
  });
}

// A rush is no matter where the load is too much anyway.
bool matters(const Use& use, const std::vector<Hidden>& hidden) {
  if (use.resource == "first_rush") {
    return !hides(hidden, use.lane, {CauseId::server_cpu, CauseId::accept_queue});
  }
  return use.resource != "eip_rush" || !hides(hidden, use.lane, {CauseId::bandwidth});
}

double most_requests_of(const Draft& draft) {
  double sum = 0;
  for (const Lane& lane : draft.lanes) sum += most_requests(lane) * lane.load.length();
  return sum;
}

// Loss that one request in a hundred notices, of all that are made.
bool is_noticed(const Draft& draft, const std::vector<Hidden>& hidden) {
  constexpr double kNoticed = 0.01;
  return std::all_of(hidden.begin(), hidden.end(), [&](const Hidden& one) {
    return one.cause != CauseId::packet_loss || one.failures >= kNoticed * most_requests_of(draft);
  });
}

bool has_room(const Draft& draft, const std::vector<Hidden>& hidden, double most) {
  if (!are_spread(draft) || most_requests_of(draft) > 3 * kMostRequests) return false;
  for (const Use& use : uses_of(draft)) {
    const bool meant = std::any_of(hidden.begin(), hidden.end(), [&](const Hidden& h) {
      return h.resource == use.resource && h.lane == use.lane;
    });
    if (meant ? use.least_share() < kBinds : matters(use, hidden) && use.most_share() > most) {
      return false;
    }
  }
  return true;
}

bool hide_one(Draft& draft, Draw& draw, CauseId cause, double begin, std::vector<Hidden>& hidden) {
  add_lane(draft, draw, begin);
  Lane& lane = draft.lanes.back();
  lane.troubled = !fails_nobody(cause);
  Hidden one;
  one.cause = cause;
  one.lane = lane.name;
  if (!hiding_of(cause)(draft, lane, draw, one)) return false;
  // Some limits that are there and do not bind. The exhausted one keeps its figures.
  Lane probe = lane;
  draw_harmless_limits(draft, lane, draw, 0.6);
  if (cause == CauseId::client_ports) lane.clients = probe.clients;
  // The resources here do not count with what comes in by its other way, nor with a second load,
  // nor with servers that get more than they are due.
  if (cause == CauseId::five_tuple_conflict) lane.servers = probe.servers;
  // While some servers are out others do their work.
  if (is_of_health(cause)) lane.servers = probe.servers;
  if (fails_nobody(cause) && cause != CauseId::uneven_weights) {
    lane.servers = probe.servers;
    lane.clients = probe.clients;
  }
  const bool rush = lane.load.kind == LoadKind::users;  // which a second limit would hold up
  if (rush && (cause == CauseId::server_cpu || cause == CauseId::accept_queue)) {
    lane.servers = probe.servers;
  }
  if (cause == CauseId::bandwidth || cause == CauseId::packet_loss) {
    // Its users are impatient for their own reasons; a CPU would only slow them further.
    lane.servers.cpu_time = std::min(lane.servers.cpu_time, lane.load.patience / 100);
  }
  hidden.push_back(std::move(one));
  return true;
}

bool are_comparable(const std::vector<Hidden>& hidden) {
  if (hidden.size() < 2) return true;
  const auto alike = [](double a, double b) {
    return std::min(a, b) > 20 && std::max(a, b) < kMostApart * std::min(a, b);
  };
  const bool fails[]{!fails_nobody(hidden[0].cause), !fails_nobody(hidden[1].cause)};
  if (fails[0] && fails[1]) return alike(hidden[0].failures, hidden[1].failures);
  if (fails[0] || fails[1]) return hidden[fails[0] ? 0 : 1].failures > 20;
  const bool sessions = hidden[0].lost_sessions > 0 && hidden[1].lost_sessions > 0;
  return !sessions || alike(hidden[0].lost_sessions, hidden[1].lost_sessions);
}

double longest_load(const RandomScenario& scenario) {
  if (holds(scenario.causes, CauseId::stickiness_over)) return kLongestOfPauses;
  return (scenario.causes.size() == 2 ? 1.8 : 1.2) * kLongest;
}

bool draw_troubled(RandomScenario& scenario, Draw& draw) {
  Draft& draft = scenario.draft;
  const bool shared_address = holds(scenario.causes, CauseId::bandwidth);
  const bool pair = scenario.causes.size() == 2;
  const bool pool = holds(scenario.causes, CauseId::balancer_ports);
  if (pair && pool && draft.profile == "dedicated") draft.profile = "shared";
  double begin = draw.chance(0.4) ? 0 : draw.uniform(0, 8);
  for (const CauseId cause : scenario.causes) {
    if (!hide_one(draft, draw, cause, begin, scenario.hidden)) return false;
    Lane& lane = draft.lanes.back();
    // Only the lane of that cause draws from the small pool.
    if (pair && pool && cause != CauseId::balancer_ports) lane.transfer_client_ip = true;
    const Load& load = lane.load;
    begin = shared_address ? rounded(load.end() + load.patience + draw.uniform(1, 4))
                           : rounded(begin + draw.uniform(0, 0.4) * load.length());
  }
  if (draft.end_of_load() > longest_load(scenario)) return false;
  const bool small_pool = draft.pool_ports != kDefaultPoolPorts;
  const bool alone = shared_address || small_pool || draft.connection_limit;
  if (!pair && !alone && draw.chance(0.35)) add_bystander(draft, draw);
  const bool other_way = std::any_of(draft.lanes.begin(), draft.lanes.end(),
                                     [](const Lane& lane) { return lane.rival || lane.extra; });
  if (!shared_address && !other_way && draw.chance(0.5)) add_harmless_eip(draft, draw);
  const double patience = draft.lanes.front().load.patience;
  draft.tail = draw.chance(0.3) ? 0 : draw.uniform(0.5, 1.2 * patience + 1);
  return are_comparable(scenario.hidden) && is_noticed(draft, scenario.hidden) &&
         has_room(draft, scenario.hidden, kHarmless);
}

bool draw_well(RandomScenario& scenario, Draw& draw, std::string& how) {
  Draft& draft = scenario.draft;
  add_lane(draft, draw, draw.chance(0.4) ? 0 : draw.uniform(0, 8));
  if (!draw_untroubled(draft, draw, how)) return false;
  if (draft.pool_ports == kDefaultPoolPorts && draw.chance(0.3)) {
    // Not where an address is nearly full.
    if (!draft.eip) add_bystander(draft, draw);
  }
  if (!draft.eip && draw.chance(0.4)) add_harmless_eip(draft, draw);
  draft.tail = draw.uniform(0.5, 5);
  return has_room(draft, {}, kSufficient);
}

std::vector<std::string> told(const RandomScenario& scenario, const std::string& how_well) {
  if (scenario.hidden.empty()) return {how_well};
  std::vector<std::string> lines;
  for (const Hidden& hidden : scenario.hidden) {
    lines.push_back(fmt::format("{} in lane {}: {}", language::known_cause(hidden.cause).name,
                                hidden.lane, hidden.how));
  }
  return lines;
}

}  // namespace

std::string name_of(const Causes& causes) {
  std::vector<std::string_view> names;
  for (const CauseId cause : causes) names.push_back(language::known_cause(cause).name);
  return causes.empty() ? std::string(language::kNoCause)
                        : fmt::format("{}", fmt::join(names, "+"));
}

RandomScenario random_scenario(std::uint64_t seed, const Causes& causes) {
  const std::string name = name_of(causes);
  // Some draws contradict themselves (figures that no run could take): the next one is as good.
  constexpr int kMostDraws = 100'000;
  for (int attempt = 0; attempt < kMostDraws; ++attempt) {
    Draw draw(random::Stream(seed, fmt::format("random scenario/{}/{}", name, attempt)));
    RandomScenario scenario;
    scenario.seed = seed;
    scenario.causes = causes;
    scenario.draft = draw_balancer(draw);
    std::string how;
    const bool good =
        causes.empty() ? draw_well(scenario, draw, how) : draw_troubled(scenario, draw);
    if (!good) continue;
    std::string id = name;
    std::replace(id.begin(), id.end(), '+', '-');
    scenario.id = fmt::format("random-{}-{}", id, seed);
    scenario.uses = uses_of(scenario.draft);
    scenario.yaml = yaml_text(scenario, told(scenario, how));
    return scenario;
  }
  throw std::logic_error("no scenario hides " + name);
}

}  // namespace elblab::random_scenarios
