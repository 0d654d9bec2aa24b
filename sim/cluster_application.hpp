// The balancer on its ns-3 node: forwarding::Cluster between the links of all hosts.
//
// Port i of the cluster is the i-th link given.
#pragma once

#include <ns3/application.h>

#include <vector>

#include "models/forwarding/cluster.hpp"
#include "sim/lazy_timer.hpp"
#include "sim/link.hpp"

namespace elblab::sim {

class ClusterApplication final : public ns3::Application,
                                 public PacketSink,
                                 private forwarding::PortOutput {
 public:
  // The links must outlive the application.
  ClusterApplication(forwarding::Cluster cluster, std::vector<Link*> ports);
  ~ClusterApplication() override;

  forwarding::Cluster& cluster() { return cluster_; }
  const forwarding::Cluster& cluster() const { return cluster_; }

  void arrive(std::span<std::uint8_t> packet) override;

 private:
  void StartApplication() override { timer_.arm(cluster_.next_deadline()); }
  void send(forwarding::PortIndex port, std::span<const std::uint8_t> packet) override {
    ports_[port]->send(End::balancer, packet);
  }
  void advance_due();

  forwarding::Cluster cluster_;
  std::vector<Link*> ports_;
  LazyTimer timer_;
};

}  // namespace elblab::sim
