// Hosts of a random world: clients in several places, servers, NAT boxes, CDNs.
#pragma once

#include "scenarios/swarm/sketch.hpp"

namespace elblab::swarm {

// Places and security groups are drawn before.
void draw_hosts(Sketch& sketch, Draw& draw);
// CDNs and WAFs in front of TCP listeners, which are drawn before.
void draw_relays(Sketch& sketch, Draw& draw);

}  // namespace elblab::swarm
