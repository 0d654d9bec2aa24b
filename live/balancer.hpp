// The network on its ports: a Fabric between packet rings.
//
// Port i of the fabric is the i-th port given. Packets are taken in portions, so that no port
// starves another, and go through the fabric in batches; what it sends reaches the kernel at the
// end of each portion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "live/port.hpp"
#include "models/network/fabric.hpp"

namespace elblab::live {

class Balancer final : private network::PortOutput {
 public:
  static constexpr std::size_t kPortion = 64;  // packets of one port in a row

  // The fabric must outlive this.
  Balancer(network::Fabric& fabric, std::vector<std::unique_ptr<Port>> ports);

  // Before the run: where packets are told. The log must outlive this; nullptr: nowhere.
  void log_to(worlds::PacketLog* log);

  // One portion of the port's packets through the fabric. True: there may be more.
  bool serve(std::size_t port, Instant now);
  Instant next_deadline() const;
  // Packets due to come out of links, and the fabric's own timers.
  void advance(Instant now);

  std::uint64_t packets_in() const { return fabric_.counters().packets_in; }
  std::size_t ports() const { return ports_.size(); }
  Port& port(std::size_t index) { return *ports_[index]; }
  const Port& port(std::size_t index) const { return *ports_[index]; }

  // Of the links: what ports gave the fabric, and took from it.
  std::uint64_t packets_delivered() const;
  std::uint64_t packets_taken() const;
  // The first violation found at a port; nullopt if there is none.
  std::optional<std::string> conservation_problem() const;

 private:
  void send(network::PortIndex port, std::span<const std::uint8_t> packet) override;
  void forward_batch(network::PortIndex from, Instant now);
  void flush();

  network::Fabric& fabric_;
  std::vector<std::unique_ptr<Port>> ports_;
  PacketBatch batch_;
  Instant now_;  // of the call under way, for send()
};

}  // namespace elblab::live
