// Hosts and healthy loads, drawn.
#pragma once

#include <initializer_list>

#include "scenarios/random/draft.hpp"
#include "scenarios/random/draw.hpp"

namespace elblab::random_scenarios {

// Clients, servers and wires; a load that begins at `begin` and has no length yet.
Lane draw_lane(Draw& draw, const std::string& name, std::uint16_t port, double begin);

// One of the kinds, with sizes and users' patience as a healthy service has them; no rate yet.
void draw_exchange(Lane& lane, Draw& draw, std::initializer_list<LoadKind> kinds);

// So many requests per second: of users, as many as want that when each waits all of their patience
// (so that it holds for a lane in trouble), of persistent connections, enough to carry it.
void ask_for(Lane& lane, Draw& draw, double requests_per_second);

// A load that leaves every resource room, over `length`.
void draw_healthy_load(Lane& lane, Draw& draw, double length);

// Limits that are there and harm nobody: CPUs, accept rates and port ranges used by at most
// `most_share`, drawn for some of the lane's resources.
void draw_harmless_limits(Draft& draft, Lane& lane, Draw& draw, double most_share);

}  // namespace elblab::random_scenarios
