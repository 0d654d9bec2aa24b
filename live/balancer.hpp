// The balancer on its ports: forwarding::Cluster between packet rings.
//
// Port i of the cluster is the i-th port given. Packets are taken in portions, so that no port
// starves another, and go through the cluster in batches; what it sends reaches the kernel at the
// end of each portion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "live/port.hpp"
#include "models/forwarding/cluster.hpp"

namespace elblab::live {

class Balancer final : private forwarding::PortOutput {
 public:
  static constexpr std::size_t kPortion = 64;  // packets of one port in a row

  Balancer(forwarding::Cluster cluster, std::vector<std::unique_ptr<Port>> ports);

  // Before the run: where packets are told. The log must outlive this; nullptr: nowhere.
  void log_to(worlds::PacketLog* log);

  // One portion of the port's packets through the cluster. True: there may be more.
  bool serve(std::size_t port, Instant now);
  Instant next_deadline() const;
  // Packets due to come out of links, and the cluster's own timers.
  void advance(Instant now);

  forwarding::Cluster& cluster() { return cluster_; }
  const forwarding::Cluster& cluster() const { return cluster_; }
  std::size_t ports() const { return ports_.size(); }
  Port& port(std::size_t index) { return *ports_[index]; }
  const Port& port(std::size_t index) const { return *ports_[index]; }

  // The first violation found: a port, the cluster, or between the two. nullopt if there is none.
  std::optional<std::string> conservation_problem() const;

 private:
  void send(forwarding::PortIndex port, std::span<const std::uint8_t> packet) override;
  void forward_batch(Instant now);
  void flush();

  forwarding::Cluster cluster_;
  std::vector<std::unique_ptr<Port>> ports_;
  PacketBatch batch_;
  worlds::PacketLog* log_ = nullptr;
  Instant now_;  // of the call under way, for send()
};

}  // namespace elblab::live
