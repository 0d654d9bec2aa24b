#include "sim/point_to_point_medium.hpp"

#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/mac48-address.h>
#include <ns3/point-to-point-channel.h>

#include <algorithm>
#include <cmath>

#include "sim/clock.hpp"
#include "sim/link.hpp"

namespace elblab::sim {
namespace {

using telemetry::Reason;

constexpr double kSmallestFrameBytes = 22;  // an IPv4 header and two bytes of PPP

ns3::Ptr<ns3::PointToPointNetDevice> make_device(const ns3::Ptr<ns3::Node>& node,
                                                 const language::Link& parameters) {
  auto queue = ns3::CreateObject<ns3::DropTailQueue<ns3::Packet>>();
  queue->SetMaxSize(ns3::QueueSize(ns3::QueueSizeUnit::PACKETS, parameters.queue_packets));
  auto device = ns3::CreateObject<ns3::PointToPointNetDevice>();
  device->SetQueue(queue);
  device->SetDataRate(
      ns3::DataRate(static_cast<std::uint64_t>(std::llround(parameters.rate_bits_per_second))));
  device->SetAddress(ns3::Mac48Address("02:00:00:00:00:01"));  // PPP: never looked at
  node->AddDevice(device);
  return device;
}

// The device's trace sources show packets that carry their PPP header already.
std::span<std::uint8_t> without_ppp(std::span<std::uint8_t> frame) {
  return frame.subspan(std::min<std::size_t>(2, frame.size()));
}

}  // namespace

PointToPointMedium::PointToPointMedium(Link& link, const ns3::Ptr<ns3::Node>& host,
                                       const ns3::Ptr<ns3::Node>& balancer,
                                       const language::Link& parameters)
    : link_(link), devices_{make_device(host, parameters), make_device(balancer, parameters)} {
  auto channel = ns3::CreateObject<ns3::PointToPointChannel>();
  channel->SetAttribute("Delay", ns3::TimeValue(to_ns3(parameters.delay)));
  for (const auto& device : devices_) device->Attach(channel);
  devices_[index_of(End::second)]->SetReceiveCallback(
      ns3::MakeCallback(&PointToPointMedium::receive<End::second>, this));
  if (link.native_host()) {
    watch_native(host);
  } else {
    devices_[index_of(End::first)]->SetReceiveCallback(
        ns3::MakeCallback(&PointToPointMedium::receive<End::first>, this));
  }
  const double on_wire =
      to_seconds(parameters.delay) * parameters.rate_bits_per_second / (8 * kSmallestFrameBytes);
  capacity_packets_ = parameters.queue_packets + static_cast<std::uint64_t>(on_wire) + 2;
}

Reason PointToPointMedium::transmit(End from, std::span<const std::uint8_t> packet) {
  if (packet.size() > kMtu) return Reason::malformed;
  const auto& device = devices_[index_of(from)];
  const bool taken = device->Send(to_ns3_packet(packet), broadcast_, ether_type_of(packet));
  return taken ? Reason::none : Reason::link_queue_full;
}

std::uint64_t PointToPointMedium::capacity_packets(End) const { return capacity_packets_; }

template <End kEnd>
bool PointToPointMedium::receive(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet> packet,
                                 std::uint16_t, const ns3::Address&) {
  link_.carried(kEnd, reader_.read(packet));
  return true;
}

void PointToPointMedium::watch_native(const ns3::Ptr<ns3::Node>& host) {
  const auto& native = devices_[index_of(End::first)];
  host->RegisterProtocolHandler(ns3::MakeCallback(&PointToPointMedium::count_native_arrival, this),
                                0, native);
  native->TraceConnectWithoutContext(
      "MacTx", ns3::MakeCallback(&PointToPointMedium::count_native_packet, this));
  native->TraceConnectWithoutContext(
      "MacTxDrop", ns3::MakeCallback(&PointToPointMedium::count_native_drop, this));
}

void PointToPointMedium::count_native_arrival(ns3::Ptr<ns3::NetDevice>,
                                              ns3::Ptr<const ns3::Packet> packet, std::uint16_t,
                                              const ns3::Address&, const ns3::Address&,
                                              ns3::NetDevice::PacketType) {
  link_.carried(End::first, reader_.read(packet));
}

void PointToPointMedium::count_native_packet(ns3::Ptr<const ns3::Packet> packet) {
  link_.sent_natively(without_ppp(reader_.read(packet)));
}

void PointToPointMedium::count_native_drop(ns3::Ptr<const ns3::Packet> packet) {
  link_.lost(End::first, without_ppp(reader_.read(packet)), Reason::link_queue_full);
}

}  // namespace elblab::sim
