// A host's place on a CSMA segment: its device, and its station unless ns-3's stack drives it.
#pragma once

#include <memory>
#include <vector>

#include "sim/csma_segment.hpp"
#include "sim/link.hpp"

namespace elblab::sim {

class CsmaSegment::Member {
 public:
  Member(Link& link, const ns3::Ptr<ns3::Node>& host, ns3::Ptr<ns3::CsmaNetDevice> device,
         const MacAddress& mac, const MacAddress& gateway_mac,
         std::vector<net::IpAddress> addresses, std::uint32_t queue_packets);

  Link& link() { return link_; }
  const MacAddress& mac() const { return mac_; }
  ns3::Ptr<ns3::CsmaNetDevice> device() const { return device_; }
  bool owns(const net::IpAddress& address) const;
  // From the host to the gateway.
  telemetry::Reason send(std::span<const std::uint8_t> packet);
  // What the host's side can hold: device queue, packets waiting for the gateway, one on the wire.
  std::uint64_t capacity_packets() const;
  // What may wait at the balancer for this host to answer ARP.
  std::uint64_t held_for_it() const { return addresses_.size() * ArpNeighbours::kHeldPackets; }

 private:
  void make_station(const MacAddress& gateway_mac);
  void watch_native(const ns3::Ptr<ns3::Node>& host);
  void native_received(ns3::Ptr<ns3::NetDevice> device, ns3::Ptr<const ns3::Packet> packet,
                       std::uint16_t protocol, const ns3::Address& from, const ns3::Address& to,
                       ns3::NetDevice::PacketType type);
  void native_sent(ns3::Ptr<const ns3::Packet> frame);
  void native_dropped(ns3::Ptr<const ns3::Packet> frame);
  void aborted(ns3::Ptr<const ns3::Packet> frame);

  Link& link_;
  ns3::Ptr<ns3::CsmaNetDevice> device_;
  MacAddress mac_;
  std::vector<net::IpAddress> addresses_;
  std::uint32_t queue_packets_;
  FrameReader reader_;
  std::unique_ptr<CsmaStation> station_;  // none for a native host
};

}  // namespace elblab::sim
