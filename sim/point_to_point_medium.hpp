// A real ns-3 point-to-point channel with its two devices, and raw IP packets over it.
//
// Each packet takes (size + 2 bytes of PPP) * 8 / rate, then the delay. Received packets are taken
// straight from the device: a node asks each of its protocol handlers about every packet, which on
// the balancer's node would cost time in proportion to the number of links. Only a native host's
// device delivers to its node; a handler there counts what arrives.
#pragma once

#include <ns3/node.h>
#include <ns3/point-to-point-net-device.h>

#include <array>

#include "scenarios/language/scenario.hpp"
#include "sim/frame.hpp"
#include "sim/medium.hpp"

namespace elblab::sim {

class Link;

class PointToPointMedium final : public Medium {
 public:
  // link must outlive the medium; the nodes stay ns-3's.
  PointToPointMedium(Link& link, const ns3::Ptr<ns3::Node>& host,
                     const ns3::Ptr<ns3::Node>& balancer, const language::Link& parameters);

  telemetry::Reason transmit(End from, std::span<const std::uint8_t> packet) override;
  std::uint64_t capacity_packets(End from) const override;

  // For a native host's stack.
  ns3::Ptr<ns3::NetDevice> device(End end) const { return devices_[index_of(end)]; }

 private:
  template <End kEnd>
  bool receive(ns3::Ptr<ns3::NetDevice> device, ns3::Ptr<const ns3::Packet> packet,
               std::uint16_t protocol, const ns3::Address& from);
  void watch_native(const ns3::Ptr<ns3::Node>& host);
  void count_native_arrival(ns3::Ptr<ns3::NetDevice> device, ns3::Ptr<const ns3::Packet> packet,
                            std::uint16_t protocol, const ns3::Address& from,
                            const ns3::Address& to, ns3::NetDevice::PacketType type);
  void count_native_packet(ns3::Ptr<const ns3::Packet> packet);
  void count_native_drop(ns3::Ptr<const ns3::Packet> packet);

  Link& link_;
  std::array<ns3::Ptr<ns3::PointToPointNetDevice>, 2> devices_;  // by end
  ns3::Address broadcast_;
  std::uint64_t capacity_packets_;
  FrameReader reader_;
};

}  // namespace elblab::sim
