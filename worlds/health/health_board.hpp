// What the nodes of a balancer think of its servers, and what follows from it.
//
// Each node has its own verdict of each server, which its traffic follows: only servers that it
// finds healthy get new connections from it (OPEN-10, HC-21). A console displays one verdict, that
// of the majority. A server whose health is not checked gets traffic, whatever state it is in
// (HC-16). Every change is recorded.
//
// O(servers of the group) per changed verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/forwarding/balancer.hpp"
#include "models/health/prober.hpp"
#include "models/telemetry/recorder.hpp"
#include "worlds/health/probe_log.hpp"
#include "worlds/objects.hpp"

namespace elblab::worlds {

// A server by its place in the configuration.
struct CheckedServer {
  std::size_t group = 0;
  std::size_t server = 0;
};

struct ProbeCounts {
  std::uint64_t ended = 0;
  std::uint64_t failed = 0;
  std::optional<Duration> last_answer;  // how long it took to come; nullopt: there was none
};

class HealthBoard {
 public:
  // nodes: as what each node of probe_nodes(balancer) records; of those the first are the LVS
  // nodes. All must outlive the board; `objects` in its place.
  HealthBoard(const config::LoadBalancer& balancer, forwarding::Balancer& engine,
              const BalancerObjects& objects, std::vector<telemetry::ObjectId> nodes,
              PacketKeeping keeping, telemetry::Recorder& recorder);

  // An operation holds: weights, members, whose health is checked. Before it, nodes have begun or
  // stopped probing.
  void reconfigure(const config::LoadBalancer& balancer, Instant now);
  // A node begins to probe a server, knowing this of it, or stops.
  void begin(std::size_t node, CheckedServer which, telemetry::Verdict initial, Instant now);
  void stop(std::size_t node, CheckedServer which, Instant now);
  void probe_ended(std::size_t node, CheckedServer which, const health::ProbeResult& result);
  void probe_answered(CheckedServer which, Duration took) {
    state(which).probes.last_answer = took;
  }
  // Whether a node has a say in what is displayed, from the next change on.
  void count_node(std::size_t node, bool counts) { node_up_[node] = counts; }
  // A node of a zone that is out of service has none.
  void set_node_up(std::size_t node, bool up, Instant now);

  // healthy: also of a server whose health is not checked. unknown: nothing is known yet, or it
  // means nothing (SCH-10).
  telemetry::Verdict displayed(CheckedServer which) const;
  // The balancer is: what is displayed stays as it was (LIFE-27).
  bool is_frozen() const { return balancer_.frozen; }
  // Members of groups, as they are displayed (MET-09, MET-10): what is not healthy is abnormal.
  std::uint64_t normal_servers() const;
  std::uint64_t abnormal_servers() const;
  // Nodes that find it healthy.
  std::uint64_t healthy_nodes(CheckedServer which) const;
  const ProbeCounts& probes(CheckedServer which) const { return state(which).probes; }
  // Of its displayed verdict, between healthy and unhealthy.
  std::uint64_t changes(CheckedServer which) const { return state(which).changes; }

 private:
  struct Server {
    std::vector<telemetry::Verdict> verdicts;  // by node
    std::vector<bool> probing;                 // likewise
    telemetry::Verdict majority = telemetry::Verdict::unknown;
    telemetry::Verdict displayed = telemetry::Verdict::unknown;
    ProbeCounts probes;
    std::uint64_t changes = 0;  // of `displayed`, but from or to unknown
  };

  Server& state(CheckedServer which) { return servers_[which.group][which.server]; }
  const Server& state(CheckedServer which) const { return servers_[which.group][which.server]; }
  const config::Server& configured(CheckedServer which) const {
    return balancer_.groups[which.group].servers[which.server];
  }
  bool is_checked(const Server& server) const;
  void set_verdict(std::size_t node, CheckedServer which, telemetry::Verdict after,
                   telemetry::Reason reason, Instant now);
  // New connections of the group at this node.
  void steer(std::size_t node, std::size_t group);
  bool finds_any_healthy(std::size_t node, std::size_t group) const;
  telemetry::Verdict to_display(CheckedServer which) const;
  void display(CheckedServer which, Instant now);
  void display_all(Instant now);
  std::size_t healthy_members(std::size_t group) const;

  config::LoadBalancer balancer_;  // as it is now
  forwarding::Balancer& engine_;
  BalancerObjects objects_;
  std::vector<telemetry::ObjectId> nodes_;
  std::vector<bool> node_up_;
  telemetry::Recorder& recorder_;
  std::vector<std::vector<Server>> servers_;  // [group][server]
  std::vector<std::size_t> first_server_;     // of each group, among all of them
  std::size_t all_servers_ = 0;
  ProbeLog log_;
};

}  // namespace elblab::worlds
