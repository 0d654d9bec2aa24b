// Lanes whose users have sessions, and what such a lane can have hidden in it.
#pragma once

#include "scenarios/random/draft.hpp"
#include "scenarios/random/draw.hpp"

namespace elblab::random_scenarios {

// Users enough for shares that are no chance, each on an address of his own, sticky, at servers
// whose work takes a while, more or less: so they do not ask in step. Nobody loses a session. The
// load is as long as said.
void draw_users_with_sessions(Draft& draft, Lane& lane, Draw& draw, double length);

// A CDN or WAF in front of them, with so many addresses for each server of the lane that these come
// to even parts.
void draw_front(Lane& lane, Draw& draw);

// Requests of all its users, but the first of each.
double requests_not_first(const Lane& lane);

}  // namespace elblab::random_scenarios
