// The network on its ns-3 node: a Fabric between the links of all hosts.
//
// Port i of the fabric is the i-th end given. Timers that are due at the nanosecond of a packet
// go before it, whatever order ns-3 has for events of one instant, as in replay.
#pragma once

#include <ns3/application.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/network/fabric.hpp"
#include "sim/balancer_capture.hpp"
#include "sim/lazy_timer.hpp"
#include "sim/link.hpp"
#include "worlds/network.hpp"

namespace elblab::sim {

class FabricApplication final : public ns3::Application, private network::PortOutput {
 public:
  // An end of a link, at the fabric.
  struct LinkEnd {
    Link* link = nullptr;
    End end = End::second;
  };
  // The fabric and the links must outlive the application.
  FabricApplication(network::Fabric& fabric, std::vector<LinkEnd> ends);
  ~FabricApplication() override;

  // What links gave to the ports, and took from them.
  worlds::PortTraffic traffic() const;

  // A node was changed from outside: its deadline may have come nearer.
  void changed() { timer_.arm(fabric_.next_deadline()); }

  // Before the run.
  void capture_to(std::unique_ptr<BalancerCapture> capture) { capture_ = std::move(capture); }
  // The error of writing the capture, if any.
  Expected<void> close_capture();

 private:
  // The end of a link at the fabric.
  class Port final : public PacketSink {
   public:
    Port(FabricApplication& application, network::PortIndex index)
        : application_(application), index_(index) {}
    void arrive(std::span<std::uint8_t> packet) override { application_.arrive(index_, packet); }

   private:
    FabricApplication& application_;
    network::PortIndex index_;
  };

  void arrive(network::PortIndex port, std::span<std::uint8_t> packet);
  void StartApplication() override { timer_.arm(fabric_.next_deadline()); }
  void send(network::PortIndex port, std::span<const std::uint8_t> packet) override;
  void advance_due();

  network::Fabric& fabric_;
  std::vector<LinkEnd> ends_;  // by port
  std::deque<Port> ports_;
  std::unique_ptr<BalancerCapture> capture_;
  LazyTimer timer_;
};

}  // namespace elblab::sim
