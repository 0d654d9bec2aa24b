// Everything of a scenario that records, registered alike in every world: each balancer with its
// nodes and servers by group, hosts, links, workloads, each in the order of the scenario; then the
// network, what stands in it before others, and what refuses packets: listeners with an access
// list, subnets with an ACL; groups, with their algorithm; and Nginx nodes, where they probe.
#pragma once

#include <vector>

#include "scenarios/language/object_names.hpp"
#include "worlds/recording.hpp"

namespace elblab::worlds {

// A group of whose decisions more is sampled than its servers tell.
struct GroupObject {
  telemetry::ObjectId object = 0;
  bool sticks = false;  // at some time of the run
  bool by_connection_id = false;
};

struct BalancerObjects {
  telemetry::ObjectId balancer = 0;
  std::vector<telemetry::ObjectId> nodes;        // LVS
  std::vector<telemetry::ObjectId> proxy_nodes;  // Nginx; none unless it checks health
  // In the order of config::probe_nodes().
  std::vector<telemetry::ObjectId> probing_nodes() const;
  std::vector<std::vector<telemetry::ObjectId>> servers;  // [group][server]
  std::vector<telemetry::ObjectId> listeners;             // 0: without an access list
  std::vector<GroupObject> groups;
};

struct Objects {
  std::vector<BalancerObjects> balancers;      // as scenario.balancers
  std::vector<telemetry::ObjectId> hosts;      // as scenario.hosts
  std::vector<bool> session_servers;           // of those hosts: see MeasureScope::session_host
  std::vector<telemetry::ObjectId> links;      // of those hosts
  std::vector<telemetry::ObjectId> workloads;  // as scenario.workloads
  std::vector<bool> user_workloads;            // of those: see MeasureScope::user_workload
  telemetry::ObjectId network = 0;
  std::vector<telemetry::ObjectId> places;       // as scenario.places; of one alone, the network
  std::vector<telemetry::ObjectId> place_links;  // as scenario.place_links
  std::vector<telemetry::ObjectId> middleboxes;  // as scenario.middleboxes
  std::vector<telemetry::ObjectId> subnets;      // as scenario.subnets; 0: without a network ACL
};

// Balancers and network alone: what a world without hosts records.
Objects register_network(language::Balancers balancers, Recording& recording);
// In such a world, the hosts and subnets whose rules refuse packets.
void register_filters(const language::Scenario& scenario, Recording& recording, Objects& objects);
Objects register_objects(const language::Scenario& scenario, Recording& recording);

}  // namespace elblab::worlds
