#include "sim/csma_station.hpp"

#include <ns3/drop-tail-queue.h>

#include <utility>

namespace elblab::sim {

using telemetry::Reason;

ns3::Mac48Address to_ns3_mac(const MacAddress& mac) {
  ns3::Mac48Address address;
  address.CopyFrom(mac.data());
  return address;
}

MacAddress to_mac(const ns3::Address& address) {
  MacAddress mac;
  ns3::Mac48Address::ConvertFrom(address).CopyTo(mac.data());
  return mac;
}

ns3::Ptr<ns3::CsmaNetDevice> make_csma_device(const ns3::Ptr<ns3::Node>& node,
                                              const ns3::Ptr<ns3::CsmaChannel>& channel,
                                              const MacAddress& mac, std::uint32_t queue_packets,
                                              std::int64_t stream) {
  auto queue = ns3::CreateObject<ns3::DropTailQueue<ns3::Packet>>();
  queue->SetMaxSize(ns3::QueueSize(ns3::QueueSizeUnit::PACKETS, queue_packets));
  auto device = ns3::CreateObject<ns3::CsmaNetDevice>();
  device->SetQueue(queue);
  device->SetEncapsulationMode(ns3::CsmaNetDevice::DIX);
  device->SetAddress(to_ns3_mac(mac));
  device->AssignStreams(stream);
  node->AddDevice(device);
  device->Attach(channel);
  return device;
}

CsmaStation::CsmaStation(ns3::Ptr<ns3::CsmaNetDevice> device, const MacAddress& mac,
                         std::vector<net::IpAddress> addresses, Received received, Lost lost)
    : device_(std::move(device)),
      neighbours_(mac, std::move(addresses), *this),
      received_(std::move(received)),
      lost_(std::move(lost)) {
  device_->SetReceiveCallback(ns3::MakeCallback(&CsmaStation::receive, this));
}

Reason CsmaStation::send(const net::IpAddress& next_hop, std::span<const std::uint8_t> packet) {
  if (packet.size() > kMtu) return Reason::malformed;
  if (const auto mac = neighbours_.find(next_hop)) {
    return transmit(packet, *mac) ? Reason::none : Reason::link_queue_full;
  }
  neighbours_.hold(next_hop, packet);
  return Reason::none;
}

bool CsmaStation::transmit(std::span<const std::uint8_t> packet, const MacAddress& to) {
  return device_->Send(to_ns3_packet(packet), to_ns3_mac(to), ether_type_of(packet));
}

void CsmaStation::send_arp(std::span<const std::uint8_t> message, const MacAddress& to) {
  // A full queue loses it; requests are repeated.
  device_->Send(to_ns3_packet(message), to_ns3_mac(to), kEtherTypeArp);
}

void CsmaStation::resolved(std::span<const std::uint8_t> packet, const MacAddress& to) {
  if (!transmit(packet, to)) lost_(packet, Reason::link_queue_full);
}

void CsmaStation::unresolved(std::span<const std::uint8_t> packet, Reason reason) {
  lost_(packet, reason);
}

bool CsmaStation::receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet> packet,
                          std::uint16_t protocol, const ns3::Address& from) {
  const auto bytes = reader_.read(packet);
  if (protocol == kEtherTypeArp) {
    neighbours_.receive(bytes);
  } else if (protocol == kEtherTypeIpv4 || protocol == kEtherTypeIpv6) {
    received_(to_mac(from), without_padding(bytes));
  }
  return true;
}

}  // namespace elblab::sim
