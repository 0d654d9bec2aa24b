// Everything of a scenario that records, registered alike in every world: each balancer with its
// nodes and servers by group, hosts, links, workloads, each in the order of the scenario; then the
// network, and what stands in it before others.
#pragma once

#include <vector>

#include "scenarios/language/object_names.hpp"
#include "worlds/recording.hpp"

namespace elblab::worlds {

struct BalancerObjects {
  telemetry::ObjectId balancer = 0;
  std::vector<telemetry::ObjectId> nodes;
  std::vector<std::vector<telemetry::ObjectId>> servers;  // [group][server]
};

struct Objects {
  std::vector<BalancerObjects> balancers;                 // as scenario.balancers
  std::vector<telemetry::ObjectId> hosts;                 // as scenario.hosts
  std::vector<telemetry::ObjectId> links;                 // of those hosts
  std::vector<telemetry::ObjectId> workloads;             // as scenario.workloads
  telemetry::ObjectId network = 0;
  std::vector<telemetry::ObjectId> places;       // as scenario.places; of one alone, the network
  std::vector<telemetry::ObjectId> place_links;  // as scenario.place_links
  std::vector<telemetry::ObjectId> middleboxes;  // as scenario.middleboxes
};

// Balancers and network alone: what a world without hosts records.
Objects register_network(language::Balancers balancers, Recording& recording);
Objects register_objects(const language::Scenario& scenario, Recording& recording);

}  // namespace elblab::worlds
