// The part of a drawn scenario's text that is about sessions of users.
#pragma once

#include "scenarios/random/draft.hpp"
#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::random_scenarios {

// Of a lane's group; empty: as by default.
std::optional<Node> stickiness_node(const Lane& lane);
std::optional<Node> algorithm_node(const Lane& lane);
// The host in front of a lane's listener, if there is one.
void put_front(Node& hosts, const Lane& lane);
// Where a lane's users go.
std::string goal_of(const Lane& lane);
std::optional<Node> roaming_node(const Lane& lane);
// Only those of a lane that is about them: to the others sessions are nothing.
std::optional<Node> sessions_node(const Lane& lane);

}  // namespace elblab::random_scenarios
