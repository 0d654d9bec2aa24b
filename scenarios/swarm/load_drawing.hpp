// Workloads of a random world, and what happens to it while it runs.
#pragma once

#include "scenarios/swarm/sketch.hpp"

namespace elblab::swarm {

// Hosts, balancers and relays are drawn before.
void draw_loads(Sketch& sketch, Draw& draw);
// Faults and an operator's changes.
void draw_timeline(Sketch& sketch, Draw& draw);

}  // namespace elblab::swarm
