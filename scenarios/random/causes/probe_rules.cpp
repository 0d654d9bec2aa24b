// DIAG-04, DIAG-05, HC-50: rules that stand before some servers do not let their probes in: not
// their port, of a UDP check not ICMP; or they keep the answers back.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

namespace {

bool hide_rules(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden, HealthDraft::Rules rules) {
  const bool udp = draw.chance(0.5);
  if (!draw_check(draft, lane, draw, udp, 0)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw_some_servers(lane, draw);
  health.rules = rules;
  // A stateful group lets answers out.
  health.drops_answers = rules != HealthDraft::Rules::security_group && draw.chance(0.3);
  hidden.how = fmt::format("rules before {} keep {} of {} probes back", some_servers(lane),
                           health.drops_answers ? "answers" : "packets", udp ? "UDP" : "TCP");
  return true;
}

}  // namespace

bool hide_probes_security_group(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  rules_hold(draft, lane, draw);
  if (!hide_rules(draft, lane, draw, hidden, HealthDraft::Rules::security_group)) return false;
  hidden.remedy = {{bad_hosts_path(lane, "security_groups"), "~"}};
  return true;
}

bool hide_probes_network_acl(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  rules_hold(draft, lane, draw);
  if (!hide_rules(draft, lane, draw, hidden, HealthDraft::Rules::network_acl)) return false;
  hidden.remedy = {{fmt::format("subnets.{}n.acl", lane.name), "~"}};
  return true;
}

bool hide_probes_firewall(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  if (!hide_rules(draft, lane, draw, hidden, HealthDraft::Rules::firewall)) return false;
  hidden.remedy = {{bad_hosts_path(lane, "firewall"), "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
