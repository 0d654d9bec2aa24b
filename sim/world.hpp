// The world of one run, built from a scenario: hosts, links, the balancer, workloads, sampling.
//
//   host --link-- fabric (network::Fabric) --link-- host ...
//                   |
//                  link to the fabric of another place
//
// One ns-3 node per host and one per place, each host one link. Names of random streams, in
// addition to those of worlds/: "host/<name>", "link/<name>".
//
// Lives between two runs of ns-3's simulator: the destructor destroys the simulator first.
#pragma once

#include <ns3/node.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/scenario.hpp"
#include "sim/deadline_timer.hpp"
#include "sim/fabric_application.hpp"
#include "sim/simulated_host.hpp"
#include "sim/topology.hpp"
#include "worlds/client_group.hpp"
#include "worlds/health/health_checks.hpp"
#include "worlds/host_services.hpp"
#include "worlds/network.hpp"
#include "worlds/series_sampler.hpp"
#include "worlds/timeline.hpp"

namespace elblab::sim {

// A host with what belongs to it.
struct WorldHost {
  const language::HostSpec* spec = nullptr;
  telemetry::ObjectId object = 0;
  telemetry::ObjectId link_object = 0;
  ns3::Ptr<ns3::Node> node;
  std::unique_ptr<Link> link;
  ns3::Ptr<ns3::Application> application;
  SimulatedHost* host = nullptr;  // the application
  worlds::HostServices services;
};

class World {
 public:
  // scenario and recording must outlive the world.
  World(const language::Scenario& scenario, std::uint64_t seed, worlds::Recording& recording);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Error: what the scenario asks for and this world does not have.
  Expected<void> build(const std::optional<std::filesystem::path>& pcap_folder);
  // Takes the last samples and ends every connection's record. Error: of writing captures.
  Expected<void> finish();

  const worlds::Network& network() const { return *network_; }
  const worlds::Objects& objects() const { return objects_; }
  worlds::TimelineTargets timeline_targets();

  std::uint64_t connections_established() const;  // by clients
  std::uint64_t connections_refused() const;
  // The first violation found: a link, the balancer, or between the two. nullopt if there is none.
  std::optional<std::string> conservation_problem() const;

 private:
  Expected<void> add_hosts(const std::optional<std::filesystem::path>& pcap_folder);
  Expected<void> add_host(WorldHost& host, const std::optional<std::filesystem::path>& pcap_folder);
  void add_stack(WorldHost& host, const ns3::Ptr<ns3::NetDevice>& device);
  void add_place_links();
  std::vector<FabricApplication::LinkEnd> link_ends_of(std::size_t place) const;
  void add_network();
  Expected<void> add_captures(const std::filesystem::path& folder);
  void add_applications();
  void add_series();

  const language::Scenario& scenario_;
  std::uint64_t seed_;
  worlds::Recording& recording_;
  worlds::Wiring wiring_;
  std::vector<ns3::Ptr<ns3::Node>> fabric_nodes_;  // by place, like the two that follow
  std::deque<Topology> topologies_;
  std::vector<WorldHost> hosts_;                    // in the order of the scenario
  std::vector<std::unique_ptr<Link>> place_links_;  // likewise
  std::unique_ptr<worlds::Network> network_;
  std::unique_ptr<worlds::HealthChecks> health_;
  std::vector<ns3::Ptr<FabricApplication>> fabrics_;
  worlds::Objects objects_;
  worlds::UserTally users_;
  std::vector<std::unique_ptr<worlds::ClientGroup>> client_groups_;
  worlds::SeriesSampler sampler_;
  DeadlineTimer<worlds::SeriesSampler> sampler_timer_;
};

}  // namespace elblab::sim
