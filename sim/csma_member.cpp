#include "sim/csma_member.hpp"

#include <algorithm>
#include <utility>

namespace elblab::sim {

using telemetry::Reason;

CsmaSegment::Member::Member(Link& link, const ns3::Ptr<ns3::Node>& host,
                            ns3::Ptr<ns3::CsmaNetDevice> device, const MacAddress& mac,
                            const MacAddress& gateway_mac, std::vector<net::IpAddress> addresses,
                            std::uint32_t queue_packets)
    : link_(link),
      device_(std::move(device)),
      mac_(mac),
      addresses_(std::move(addresses)),
      queue_packets_(queue_packets) {
  device_->TraceConnectWithoutContext("PhyTxDrop", ns3::MakeCallback(&Member::aborted, this));
  if (link_.native_host()) {
    watch_native(host);
  } else {
    make_station(gateway_mac);
  }
}

void CsmaSegment::Member::make_station(const MacAddress& gateway_mac) {
  station_ = std::make_unique<CsmaStation>(
      device_, mac_, addresses_,
      [this](const MacAddress&, std::span<std::uint8_t> packet) {
        link_.carried(End::first, packet);
      },
      [this](std::span<const std::uint8_t> packet, Reason reason) {
        link_.lost(End::first, packet, reason);
      });
  station_->neighbours().add(kGatewayV6, gateway_mac);
}

bool CsmaSegment::Member::owns(const net::IpAddress& address) const {
  return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

Reason CsmaSegment::Member::send(std::span<const std::uint8_t> packet) {
  return station_->send(ether_type_of(packet) == kEtherTypeIpv6 ? kGatewayV6 : kGatewayV4, packet);
}

std::uint64_t CsmaSegment::Member::capacity_packets() const {
  return queue_packets_ + ArpNeighbours::kHeldPackets + 2;
}

void CsmaSegment::Member::watch_native(const ns3::Ptr<ns3::Node>& host) {
  host->RegisterProtocolHandler(ns3::MakeCallback(&Member::native_received, this), 0, device_);
  device_->TraceConnectWithoutContext("MacTx", ns3::MakeCallback(&Member::native_sent, this));
  device_->TraceConnectWithoutContext("MacTxDrop",
                                      ns3::MakeCallback(&Member::native_dropped, this));
}

void CsmaSegment::Member::native_received(ns3::Ptr<ns3::NetDevice>,
                                          ns3::Ptr<const ns3::Packet> packet,
                                          std::uint16_t protocol, const ns3::Address&,
                                          const ns3::Address&, ns3::NetDevice::PacketType) {
  if (protocol != kEtherTypeIpv4) return;
  link_.carried(End::first, without_padding(reader_.read(packet)));
}

void CsmaSegment::Member::native_sent(ns3::Ptr<const ns3::Packet> frame) {
  const auto packet = packet_in_frame(reader_.read(frame));
  if (!packet.empty()) link_.sent_natively(packet);
}

void CsmaSegment::Member::native_dropped(ns3::Ptr<const ns3::Packet> frame) {
  const auto packet = packet_in_frame(reader_.read(frame));
  if (!packet.empty()) link_.lost(End::first, packet, Reason::link_queue_full);
}

// The device gave up after too many backoffs on a busy channel.
void CsmaSegment::Member::aborted(ns3::Ptr<const ns3::Packet> frame) {
  const auto packet = packet_in_frame(reader_.read(frame));
  if (!packet.empty()) link_.lost(End::first, packet, Reason::link_queue_full);
}

}  // namespace elblab::sim
