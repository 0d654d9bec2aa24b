// The live world of one run, built from a scenario: namespaces, links, the balancer, hosts on
// kernel sockets, workloads, sampling. The twin of sim/world.hpp over the same worlds/.
//
// Names of random streams, in addition to those of worlds/: "host/<name>", "link/<name>".
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "live/fabric_ports.hpp"
#include "live/kernel_host.hpp"
#include "live/loop.hpp"
#include "live/place_link.hpp"
#include "live/port.hpp"
#include "live/topology.hpp"
#include "worlds/client_group.hpp"
#include "worlds/health/health_checks.hpp"
#include "worlds/host_services.hpp"
#include "worlds/network.hpp"
#include "worlds/series_sampler.hpp"
#include "worlds/timeline.hpp"

namespace elblab::live {

struct WorldOptions {
  std::uint64_t seed = 1;
  PacketIoKind packet_io = PacketIoKind::packet_ring;
  std::optional<std::filesystem::path> pcap_folder;  // one file per link, <folder>/<host>.pcap
};

class World {
 public:
  // scenario and recording must outlive the world.
  World(const language::Scenario& scenario, WorldOptions options, worlds::Recording& recording);

  // Namespaces, links and the balancer. Error: what could not be made, or what the scenario asks
  // for and this world does not have.
  Expected<void> build();
  // Servers on all hosts, then the clients of all workloads.
  void add_servers();
  void add_clients();
  void add_series();

  // The run begins, as its clock does: applications start, sampling too. Error: a service whose
  // port could not be opened.
  Expected<void> start(Instant now);
  // Samples, if it is time.
  void sample(Instant now);
  // Takes the last samples and ends every connection's record. Error: of writing captures.
  Expected<void> finish(Instant now);

  // Everything that the loop of the run has to serve. The world must outlive it.
  void put_on(Loop& loop);

  const std::vector<std::unique_ptr<Port>>& ports() const { return ports_; }  // of the hosts
  const worlds::Network& network() const { return *network_; }
  const Topology& topology() const { return topology_; }
  std::vector<KernelHost*> hosts() const;
  const worlds::Objects& objects() const { return objects_; }
  worlds::TimelineTargets timeline_targets();
  Instant next_sample() const { return sampler_.next_deadline(); }

  std::uint64_t connections_established() const;  // by clients
  std::uint64_t connections_refused() const;
  // The first violation found: a link, the network, or between the two. nullopt if there is none.
  std::optional<std::string> conservation_problem() const;

 private:
  void refresh(Instant now);
  Expected<void> add_host(std::size_t index);
  void add_network();
  std::vector<LinkEnd*> link_ends_of(std::size_t place) const;
  Expected<void> add_captures();

  const language::Scenario& scenario_;
  WorldOptions options_;
  worlds::Recording& recording_;
  worlds::Objects objects_;
  worlds::UserTally users_;
  Topology topology_;
  std::unique_ptr<worlds::Network> network_;
  std::unique_ptr<worlds::HealthChecks> health_;
  std::vector<std::unique_ptr<Port>> ports_;             // of the hosts
  std::vector<std::unique_ptr<PlaceLink>> place_links_;  // in the order of the scenario
  std::vector<std::unique_ptr<FabricPorts>> fabrics_;    // by place
  std::vector<std::unique_ptr<KernelHost>> hosts_;       // in the order of the scenario
  std::vector<worlds::HostServices> services_;           // of each host
  std::vector<std::unique_ptr<worlds::ClientGroup>> client_groups_;
  worlds::SeriesSampler sampler_;
};

}  // namespace elblab::live
