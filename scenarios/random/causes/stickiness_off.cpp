// STK-24, STK-S12: users have sessions, and their group has no stickiness, or loses it on the way.
#include <fmt/format.h>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/session_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_stickiness_off(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_users_with_sessions(draft, lane, draw, draw.uniform(15, 45));
  const std::string stickiness = fmt::format("balancer.groups.{}.stickiness", lane.name);
  double part = 1;
  if (draw.chance(0.3)) {
    const double at = rounded(lane.load.begin() + draw.uniform(0.1, 0.5) * lane.load.length());
    part = 1 - (at - lane.load.begin()) / lane.load.length();
    draft.faults.push_back({at, "remove", stickiness, lane.name});
    hidden.how = fmt::format("stickiness is switched off at {:.4g} s", at);
    hidden.remedy = {{kTimeline, "~"}};
  } else {
    lane.sessions->sticky = false;
    hidden.how = "no stickiness";
    hidden.remedy = {{stickiness + ".type", "source_ip"}};
  }
  hidden.lost_sessions = part * requests_not_first(lane) * (1 - 1.0 / lane.servers.hosts);
  return hidden.lost_sessions >= kLeastLost;
}

}  // namespace elblab::random_scenarios
