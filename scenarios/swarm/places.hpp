// Zones, sites and subnets of a random world, and the rules at their edges.
#pragma once

#include "scenarios/swarm/sketch.hpp"

namespace elblab::swarm {

inline constexpr const char* kInternet = "internet";
inline constexpr const char* kOffice = "office/lan";

// Zones az1 to az3, the subnets that hosts are in where there are zones or a site: "internet", and
// "web1" to "web3" of a zone each, or one "web1" of none.
void draw_places(Sketch& sketch, Draw& draw);
bool has_subnets(const Sketch& sketch);
// One in which servers may stand.
std::string server_subnet(const Sketch& sketch, Draw& draw);

// Puts a host into one of the security groups "open", "web" and "closed", which is drawn when the
// first host is in it.
void join_security_group(Sketch& sketch, Draw& draw, Node& host);

}  // namespace elblab::swarm
