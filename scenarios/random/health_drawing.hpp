// What every hidden cause about health checks draws alike: a check that has the time to come to its
// verdict, and a load that leaves servers room while others are out.
#pragma once

#include "scenarios/random/draft.hpp"
#include "scenarios/random/draw.hpp"

namespace elblab::random_scenarios {

// Gives the lane a check, and a load long enough for it: `spare` seconds longer than the check
// takes at most to find something out. False: draw again.
bool draw_check(Draft& draft, Lane& lane, Draw& draw, bool udp, double spare);
// Some of the lane's servers, at least one, often not all of them.
unsigned draw_some_servers(const Lane& lane, Draw& draw);
// Rules of security groups and network ACLs hold for probes only where they do for requests
// (HC-50).
bool rules_hold(Draft& draft, Lane& lane, Draw& draw);
// Some of `count` servers, in words: "2 of 5 servers".
std::string some_servers(const Lane& lane);
// Paths of the bad hosts' settings: "hosts.webs[1..2].sysctl".
std::string bad_hosts_path(const Lane& lane, const std::string& setting);

}  // namespace elblab::random_scenarios
