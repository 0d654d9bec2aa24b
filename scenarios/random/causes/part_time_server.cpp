// SCH-15b, LIFE-24, DIAG-10: no failure at all, but servers that are in service for a part of the
// load only: they join later, are taken out, or come and go.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {
namespace {

// Enough that shares are no chance.
constexpr double kLeastMet = 400;

struct Turn {
  double at = 0;
  bool in_service = false;
};

// In service for at most half of the load, the others get twice as much or more.
std::vector<Turn> draw_turns(const Load& load, double sample_interval, Draw& draw,
                             std::string& how) {
  const double in_service = draw.uniform(0.1, 0.45);
  const auto moment = [&](double part) { return rounded(load.begin() + part * load.length()); };
  const unsigned times = draw.whole(2, 4);
  // Shorter absences than a sample could not be told from a low weight.
  const bool seen = load.length() / times * in_service > 3 * sample_interval;
  switch (draw.whole(0, seen ? 2 : 1)) {
    case 0:
      how = fmt::format("join at {:.4g} s", moment(1 - in_service));
      return {{0, false}, {moment(1 - in_service), true}};
    case 1:
      how = fmt::format("are taken out at {:.4g} s", moment(in_service));
      return {{moment(in_service), false}};
    default:
      break;
  }
  std::vector<Turn> turns;
  for (unsigned i = 0; i < times; ++i) {
    turns.push_back({moment((i + in_service) / times), false});
    if (i + 1 < times) turns.push_back({moment((i + 1.0) / times), true});
  }
  how = fmt::format("come and go {} times", times);
  return turns;
}

}  // namespace

bool hide_part_time_server(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  Servers& servers = lane.servers;
  if (servers.hosts < 3) servers.hosts = draw.whole(3, 6);
  draw_healthy_load(lane, draw, draw.uniform(12, 45));
  const Load& load = lane.load;
  // Connections that are kept are there from the beginning on, whoever comes later.
  if (load.kind != LoadKind::short_connections && load.kind != LoadKind::users) return false;
  const double connections = most_requests(lane) * load.length();
  if (connections < kLeastMet || connections > kMostRequests) return false;
  const unsigned away = draw.whole(1, servers.hosts - 2);
  std::string how;
  for (const Turn& turn : draw_turns(load, draft.sample_interval, draw, how)) {
    for (unsigned i = 0; i < away; ++i) {
      draft.faults.push_back({turn.at, turn.in_service ? "enable_server" : "disable_server",
                              fmt::format("{0}/{0}s{1}", lane.name, i + 1), lane.name});
    }
  }
  std::stable_sort(draft.faults.begin(), draft.faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  hidden.how = fmt::format("{} of {} servers {}", away, servers.hosts, how);
  hidden.remedy = {{kTimeline, "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
