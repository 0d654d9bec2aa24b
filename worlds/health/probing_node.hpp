// A node of a balancer as a prober of servers: its management host with the prober on it, and which
// of the prober's targets is which server.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "models/config/probe_nodes.hpp"
#include "models/health/prober.hpp"
#include "worlds/health/health_board.hpp"
#include "worlds/health/management_host.hpp"

namespace elblab::worlds {

class ProbingNode final : private health::ProbeWatch {
 public:
  // number: which of the board's nodes it is. name: of its random streams, "balancer/lvs1". The
  // board must outlive it. Every server of every group is a target; none is probed yet.
  ProbingNode(const config::ProbeNode& node, std::size_t number, const std::string& name,
              const config::LoadBalancer& balancer, std::uint64_t run_seed, HealthBoard& board);

  ManagementHost& host() { return *host_; }
  const ManagementHost& host() const { return *host_; }
  std::uint16_t place() const { return place_; }

  // The run begins: what is thought of the servers is what their groups say.
  void begin(const config::LoadBalancer& balancer, Instant now);
  // Servers that are probed, and how, follow the balancer as it is now. Of those that are probed
  // from now on nothing is known.
  void follow(const config::LoadBalancer& balancer, Instant now);

 private:
  template <typename Initial>
  void follow_each(const config::LoadBalancer& balancer, Initial initial, Instant now);
  void follow(CheckedServer which, const std::optional<health::Check>& check,
              telemetry::Verdict initial, Instant now);
  // No more probes, but what is thought of the servers stays (LIFE-27), until they are followed.
  void pause(Instant now);
  void probe_ended(const health::ProbeResult& result) override;
  void probe_answered(health::TargetNumber target, Duration took) override;

  std::size_t number_;
  std::uint16_t place_;
  HealthBoard& board_;
  telemetry::NullRecorder nowhere_;  // probes have rows of their own
  std::unique_ptr<ManagementHost> host_;
  std::unique_ptr<health::Prober> prober_;
  std::vector<std::vector<health::TargetNumber>> targets_;  // [group][server]
  std::vector<CheckedServer> servers_;                      // by target
  std::vector<std::optional<telemetry::Verdict>> paused_;   // by target: what was thought of it
};

}  // namespace elblab::worlds
