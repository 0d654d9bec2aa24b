// The network of a place on its ports: a Fabric between the ends of links.
//
// Port i of the fabric is the i-th end given. Packets come in batches and go through the fabric in
// batches. The loop polls the links, and this for the fabric's own timers.
#pragma once

#include <deque>
#include <vector>

#include "live/link_end.hpp"
#include "live/pollable.hpp"
#include "models/network/fabric.hpp"

namespace elblab::live {

class FabricPorts final : public Pollable, private network::PortOutput {
 public:
  // All must outlive this.
  FabricPorts(network::Fabric& fabric, std::vector<LinkEnd*> ends);
  FabricPorts(const FabricPorts&) = delete;
  FabricPorts& operator=(const FabricPorts&) = delete;

  // Pollable: the fabric's own timers. It has no descriptor; links have.
  int descriptor() const override { return kNoDescriptor; }
  bool ready(Instant) override { return false; }
  Instant next_deadline() const override { return fabric_.next_deadline(); }
  void advance(Instant now) override;
  void flush() override {}

  // What links gave to the ports, and took from them.
  worlds::PortTraffic traffic() const;

 private:
  class Entrance final : public PortReceiver {
   public:
    Entrance(FabricPorts& owner, network::PortIndex port) : owner_(owner), port_(port) {}
    void receive(const PacketBatch& batch, Instant now) override {
      owner_.receive(port_, batch, now);
    }

   private:
    FabricPorts& owner_;
    network::PortIndex port_;
  };

  void receive(network::PortIndex from, const PacketBatch& batch, Instant now);
  void send(network::PortIndex port, std::span<const std::uint8_t> packet) override;

  network::Fabric& fabric_;
  std::vector<LinkEnd*> ends_;  // by port
  std::deque<Entrance> entrances_;
  Instant now_;  // of the call under way, for send()
};

}  // namespace elblab::live
