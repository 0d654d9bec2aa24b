// Everything of a scenario that records, registered alike in every world: in the order balancer,
// its nodes, servers by group, hosts, links, workloads, each in the order of the scenario.
#pragma once

#include <vector>

#include "scenarios/language/scenario.hpp"
#include "worlds/recording.hpp"

namespace elblab::worlds {

struct Objects {
  telemetry::ObjectId balancer = 0;
  std::vector<telemetry::ObjectId> nodes;
  std::vector<std::vector<telemetry::ObjectId>> servers;  // [group][server]
  std::vector<telemetry::ObjectId> hosts;                 // as scenario.hosts
  std::vector<telemetry::ObjectId> links;                 // of those hosts
  std::vector<telemetry::ObjectId> workloads;             // as scenario.workloads
};

// The balancer's part alone: what a world without hosts records.
Objects register_balancer(const config::LoadBalancer& balancer, Recording& recording);
Objects register_objects(const language::Scenario& scenario, Recording& recording);

}  // namespace elblab::worlds
