// STK-08, STK-S11: servers are taken out of service under the users that are bound to them.
#include <fmt/format.h>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/session_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_bound_server_out(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_users_with_sessions(draft, lane, draw, draw.uniform(15, 45));
  const Load& load = lane.load;
  // Every other server or fewer, one after the other, so that there is always one.
  const unsigned out = draw.whole(1, lane.servers.hosts / 2);
  const bool back = draw.chance(0.5);
  const double length = rounded(load.length() * draw.uniform(0.1, 0.2));
  for (unsigned i = 0; i < out; ++i) {
    const double at = rounded(load.begin() + (0.25 + 0.3 * i) * load.length());
    const std::string server = fmt::format("{0}/{0}s{1}", lane.name, i + 1);
    draft.faults.push_back({at, "disable_server", server, lane.name});
    if (back) draft.faults.push_back({at + length, "enable_server", server, lane.name});
  }
  // The source hash takes them back when their server is.
  if (draft.profile != "shared-2020" && draw.chance(0.25)) {
    lane.sessions->sticky = false;
    lane.sessions->by_source = true;
  }
  hidden.lost_sessions = load.connections * double(out) / lane.servers.hosts;
  hidden.how = fmt::format("{} of {} servers are taken out{}{}", out, lane.servers.hosts,
                           back ? fmt::format(" for {:.4g} s", length) : "",
                           lane.sessions->by_source ? ", source hash" : "");
  hidden.remedy = {{kTimeline, "~"}};
  return load.think_time + 1 < 0.1 * load.length();
}

}  // namespace elblab::random_scenarios
