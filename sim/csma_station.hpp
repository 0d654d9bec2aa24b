// One device on an ns-3 CSMA channel, speaking Ethernet and ARP for a node without an IP stack.
//
// A packet is sent to the neighbour that owns its next-hop address; received IP packets are handed
// out, without padding, with the sender's hardware address.
#pragma once

#include <ns3/csma-channel.h>
#include <ns3/csma-net-device.h>
#include <ns3/node.h>

#include <functional>
#include <vector>

#include "models/net/address.hpp"
#include "scenarios/language/scenario.hpp"
#include "sim/arp_neighbours.hpp"
#include "sim/frame.hpp"

namespace elblab::sim {

// A device of this hardware address on the channel, with the link's rate and queue. `stream` is the
// number of the device's own ns-3 random stream (its backoff).
ns3::Ptr<ns3::CsmaNetDevice> make_csma_device(const ns3::Ptr<ns3::Node>& node,
                                              const ns3::Ptr<ns3::CsmaChannel>& channel,
                                              const MacAddress& mac, std::uint32_t queue_packets,
                                              std::int64_t stream);
ns3::Mac48Address to_ns3_mac(const MacAddress& mac);
MacAddress to_mac(const ns3::Address& address);

class CsmaStation final : public ArpOutput {
 public:
  using Received = std::function<void(const MacAddress& from, std::span<std::uint8_t> packet)>;
  using Lost = std::function<void(std::span<const std::uint8_t> packet, telemetry::Reason)>;

  CsmaStation(ns3::Ptr<ns3::CsmaNetDevice> device, const MacAddress& mac,
              std::vector<net::IpAddress> addresses, Received received, Lost lost);

  ArpNeighbours& neighbours() { return neighbours_; }
  // none when the packet is queued or waits for its neighbour; it may still be lost() later.
  telemetry::Reason send(const net::IpAddress& next_hop, std::span<const std::uint8_t> packet);

  void send_arp(std::span<const std::uint8_t> message, const MacAddress& to) override;
  void resolved(std::span<const std::uint8_t> packet, const MacAddress& to) override;
  void unresolved(std::span<const std::uint8_t> packet, telemetry::Reason reason) override;

 private:
  bool transmit(std::span<const std::uint8_t> packet, const MacAddress& to);
  // Straight from the device, as in PointToPointMedium.
  bool receive(ns3::Ptr<ns3::NetDevice> device, ns3::Ptr<const ns3::Packet> packet,
               std::uint16_t protocol, const ns3::Address& from);

  ns3::Ptr<ns3::CsmaNetDevice> device_;
  ArpNeighbours neighbours_;
  Received received_;
  Lost lost_;
  FrameReader reader_;
};

}  // namespace elblab::sim
