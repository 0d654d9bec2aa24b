// The world of one run, built from a scenario: hosts, links, the balancer, workloads, sampling.
//
//   host --link-- balancer node (forwarding::Cluster) --link-- host ...
//
// One ns-3 node per host and one for the balancer, each host one link. Objects are registered, and
// therefore numbered, in the order: balancer, its nodes, servers by group, hosts, links, workloads,
// each in the order of the scenario. Names of random streams: "host/<name>", "link/<name>",
// "workload/<name>/<host>/<address>", "balancer/hash".
//
// Lives between two runs of ns-3's simulator: the destructor destroys the simulator first.
#pragma once

#include <ns3/node.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/scenario.hpp"
#include "sim/client_group.hpp"
#include "sim/cluster_application.hpp"
#include "sim/sampler.hpp"
#include "sim/topology.hpp"

namespace elblab::sim {

// A host with what belongs to it.
struct WorldHost {
  const language::HostSpec* spec = nullptr;
  telemetry::ObjectId object = 0;
  ns3::Ptr<ns3::Node> node;
  std::unique_ptr<Link> link;
  ns3::Ptr<ns3::Application> application;
  SimulatedHost* host = nullptr;  // the application
  std::vector<std::unique_ptr<workload::Server>> servers;
};

class World {
 public:
  // scenario and recording must outlive the world.
  World(const language::Scenario& scenario, std::uint64_t seed, Recording& recording);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Error: what the scenario asks for and this world does not have.
  std::optional<std::string> build(const std::optional<std::filesystem::path>& pcap_folder);
  // Takes the last samples and ends every connection's record. Error: of writing captures.
  std::optional<std::string> finish();

  forwarding::Cluster& cluster() { return cluster_->cluster(); }
  const forwarding::Cluster& cluster() const { return cluster_->cluster(); }
  WorldHost* find_host(const std::string& name);
  telemetry::ObjectId server_object(std::size_t group, std::size_t server) const {
    return server_objects_[group][server];
  }

  std::uint64_t connections_established() const;  // by clients
  std::uint64_t connections_refused() const;
  // The first violation found: a link, the balancer, or between the two. nullopt if there is none.
  std::optional<std::string> conservation_problem() const;

 private:
  void register_balancer();
  std::optional<std::string> add_hosts(const std::optional<std::filesystem::path>& pcap_folder);
  std::optional<std::string> add_host(WorldHost& host,
                                      const std::optional<std::filesystem::path>& pcap_folder);
  void add_stack(WorldHost& host, const ns3::Ptr<ns3::NetDevice>& device);
  void add_balancer();
  void add_servers(WorldHost& host);
  void add_workload(const language::WorkloadSpec& spec);
  void add_series();

  const language::Scenario& scenario_;
  std::uint64_t seed_;
  Recording& recording_;
  ns3::Ptr<ns3::Node> balancer_node_;
  Topology topology_;
  std::vector<WorldHost> hosts_;  // in the order of the scenario
  std::map<std::string, WorldHost*> hosts_by_name_;
  ns3::Ptr<ClusterApplication> cluster_;
  telemetry::ObjectId balancer_object_ = 0;
  std::vector<telemetry::ObjectId> node_objects_;
  std::vector<std::vector<telemetry::ObjectId>> server_objects_;  // [group][server]
  std::vector<std::unique_ptr<ClientGroup>> client_groups_;
  Sampler sampler_;
};

}  // namespace elblab::sim
