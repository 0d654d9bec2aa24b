// DIAG-04: nobody listens on the port of some servers, which their check finds before the first
// request comes.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_port_not_listening(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  const bool udp = draw.chance(0.4);
  if (!draw_check(draft, lane, draw, udp, 0)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw_some_servers(lane, draw);
  health.closed = true;
  hidden.how = some_servers(lane) + " do not listen";
  hidden.remedy = {{bad_hosts_path(lane, "service.listening"), "true"}};
  return true;
}

}  // namespace elblab::random_scenarios
