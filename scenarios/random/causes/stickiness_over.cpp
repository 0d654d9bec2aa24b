// STK-06, STK-15, STK-S10, STK-S17: users pause for longer than stickiness lasts, or its fixed
// timer runs out while they are busy.
#include <fmt/format.h>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/session_drawing.hpp"

namespace elblab::random_scenarios {
namespace {

constexpr double kShortestDuration = 60;  // STK-13

}  // namespace

bool hide_stickiness_over(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  if (draft.profile == "shared-2020") draft.profile = "shared";
  draw_users_with_sessions(draft, lane, draw, draw.uniform(126, 140));
  Load& load = lane.load;
  Sessions& sessions = *lane.sessions;
  sessions.duration = kShortestDuration;
  double over = 0;
  if (draw.chance(0.6)) {
    load.think_time = draw.uniform(kShortestDuration + 1, kShortestDuration + 2);
    over = 2 * load.connections;
    hidden.how = fmt::format("users pause for {:.4g} s, stickiness lasts 60 s", load.think_time);
  } else {
    load.think_time = draw.uniform(2, 12);
    sessions.fixed_timer = true;
    over = load.connections;
    hidden.how = fmt::format("users come every {:.4g} s, stickiness ends 60 s after the first time",
                             load.think_time);
  }
  hidden.lost_sessions = over * (1 - 1.0 / lane.servers.hosts);
  hidden.remedy = {{fmt::format("balancer.groups.{}.stickiness.duration", lane.name), "60min"}};
  return hidden.lost_sessions >= kLeastLost;
}

}  // namespace elblab::random_scenarios
