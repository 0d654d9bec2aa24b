// The part of a drawn scenario's text that is about health checks.
#pragma once

#include "scenarios/random/draft.hpp"
#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::random_scenarios {

// Of a lane's group; empty: its health is not checked.
std::optional<Node> health_check_node(const Lane& lane);
// The group that nothing leads to, with the lane's servers; empty: there is none.
std::optional<Node> unlisted_group_node(const Lane& lane);
// What is the matter with bad hosts, for their node; those of the lane's other settings stay.
void put_trouble(Node& host, const Lane& lane);
// Rules that the lanes' bad hosts stand behind.
std::optional<Node> security_groups_node(const Draft& draft);
std::optional<Node> subnets_node(const Draft& draft);

}  // namespace elblab::random_scenarios
