// Health checks of a run, the same in every world: for each balancer that checks the health of a
// group at some time, a probing node beside each of its LVS and Nginx nodes (HC-13), attached to
// the Fabric of its zone, and the board that collects what they find.
//
// The Fabric's timers drive the probes. Names of random streams: "probing/<node>",
// "first_probe/<node>/<group>/<server>".
#pragma once

#include <memory>
#include <vector>

#include "worlds/health/health_board.hpp"
#include "worlds/health/health_results.hpp"
#include "worlds/health/probing_node.hpp"
#include "worlds/network.hpp"

namespace elblab::worlds {

class HealthChecks final : public HealthResults {
 public:
  // Attaches the nodes to the network, before the run. All must outlive the checks, and the checks
  // the network's use.
  HealthChecks(const language::Scenario& scenario, Network& network, const Objects& objects,
               std::uint64_t run_seed, Recording& recording);

  // The run begins.
  void start(Instant now);
  // An operation on a balancer holds from now on. The deadlines of fabrics may come nearer.
  void reconfigure(std::size_t balancer, const config::LoadBalancer& result, Instant now);
  // A zone goes out of service, with its nodes, or comes back.
  void set_place_up(std::size_t place, bool up, Instant now);

  const HealthBoard* board(std::size_t balancer) const override {
    return checked_[balancer].board.get();
  }
  std::uint64_t probe_bytes(std::size_t balancer) const override;
  std::uint64_t probe_packets_sent(std::size_t balancer) const override;
  std::uint64_t probe_packets_received(std::size_t balancer) const override;

 private:
  struct Checked {
    std::unique_ptr<HealthBoard> board;
    std::vector<std::unique_ptr<ProbingNode>> nodes;
  };

  std::uint64_t summed(std::size_t balancer, std::uint64_t (ManagementHost::*count)() const) const;
  void add(const language::Scenario& scenario, std::size_t index, Network& network,
           const Objects& objects, std::uint64_t run_seed, Recording& recording);

  const language::Scenario& scenario_;
  std::vector<Checked> checked_;  // by balancer
};

}  // namespace elblab::worlds
