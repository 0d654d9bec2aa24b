// The balancer on its ns-3 node: forwarding::Cluster between the links of all hosts.
//
// Port i of the cluster is the i-th link given. Timers that are due at the nanosecond of a packet
// go before it, whatever order ns-3 has for events of one instant, as in replay.
#pragma once

#include <ns3/application.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/forwarding/cluster.hpp"
#include "sim/balancer_capture.hpp"
#include "sim/lazy_timer.hpp"
#include "sim/link.hpp"
#include "worlds/packets/packet_log.hpp"

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

  // The cluster was changed from outside: its deadline may have come nearer.
  void changed() { timer_.arm(cluster_.next_deadline()); }

  // Before the run.
  void capture_to(std::unique_ptr<BalancerCapture> capture) { capture_ = std::move(capture); }
  void log_to(worlds::PacketLog* log) { log_ = log; }  // nullptr: nowhere; must outlive this
  // The error of writing the capture, if any.
  std::optional<std::string> close_capture();

 private:
  void StartApplication() override { timer_.arm(cluster_.next_deadline()); }
  void send(forwarding::PortIndex port, std::span<const std::uint8_t> packet) override;
  void advance_due();

  forwarding::Cluster cluster_;
  std::vector<Link*> ports_;
  std::unique_ptr<BalancerCapture> capture_;
  worlds::PacketLog* log_ = nullptr;
  LazyTimer timer_;
};

}  // namespace elblab::sim
