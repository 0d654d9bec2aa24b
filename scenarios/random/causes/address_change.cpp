// STK-06, STK-09, STK-S02, STK-S03, STK-S13: the balancer sees a user come from one address and
// then from another: a CDN or WAF stands in between, or he moves.
#include <fmt/format.h>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/session_drawing.hpp"

namespace elblab::random_scenarios {
namespace {

// Several times in the load. Fewer moves than turns of servers would not tell chance from none.
double let_move(Lane& lane, Draw& draw, Hidden& hidden) {
  const Load& load = lane.load;
  const double every = rounded(load.length() / draw.uniform(2, 5));
  lane.sessions->roam_every = every;
  lane.clients.addresses *= draw.whole(2, 4);
  hidden.how = fmt::format("every user moves to another address each {:.4g} s", every);
  hidden.remedy = {{fmt::format("workload.{}.roam_every", lane.name), "0s"}};
  return load.connections * (load.length() / every - 1);
}

double put_front_before(Lane& lane, Draw& draw, Hidden& hidden) {
  draw_front(lane, draw);
  const Front& front = lane.sessions->front;
  hidden.how = fmt::format("a {} with {} addresses, {}", front.is_waf ? "WAF" : "CDN",
                           front.addresses, front.egress);
  hidden.remedy = {{fmt::format("workload.{}.to", lane.name), lane.name}};
  return requests_not_first(lane);
}

}  // namespace

bool hide_address_change(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_users_with_sessions(draft, lane, draw, draw.uniform(15, 45));
  const double changes =
      draw.chance(0.4) ? let_move(lane, draw, hidden) : put_front_before(lane, draw, hidden);
  if (draft.profile != "shared-2020" && draw.chance(0.25)) {
    lane.sessions->sticky = false;
    lane.sessions->by_source = true;
    hidden.how += ", source hash";
  }
  hidden.lost_sessions = changes * (1 - 1.0 / lane.servers.hosts);
  return hidden.lost_sessions >= kLeastLost;
}

}  // namespace elblab::random_scenarios
