// Balancers of a random world: nodes, listeners, groups with their algorithms, checks, stickiness.
#pragma once

#include "scenarios/swarm/sketch.hpp"

namespace elblab::swarm {

// Servers are drawn before.
void draw_balancers(Sketch& sketch, Draw& draw);

}  // namespace elblab::swarm
