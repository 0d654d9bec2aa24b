#include "sim/csma_segment.hpp"

#include <ns3/data-rate.h>

#include <algorithm>
#include <cmath>

#include "sim/clock.hpp"
#include "sim/csma_member.hpp"
#include "sim/link.hpp"

namespace elblab::sim {

using telemetry::Reason;

// One host's view of the segment.
class CsmaSegment::HostMedium final : public Medium {
 public:
  HostMedium(CsmaSegment& segment, Member& member) : segment_(segment), member_(member) {}

  Reason transmit(End from, std::span<const std::uint8_t> packet) override {
    if (from == End::first) return member_.send(packet);
    const auto destination = destination_of(packet);
    if (!destination || !member_.owns(*destination)) return Reason::no_route;
    return segment_.balancer_->send(*destination, packet);
  }

  std::uint64_t capacity_packets(End from) const override {
    if (from == End::first) return member_.capacity_packets();
    return segment_.queue_packets_ + member_.held_for_it() + 2;
  }

 private:
  CsmaSegment& segment_;
  Member& member_;
};

CsmaSegment::CsmaSegment(const ns3::Ptr<ns3::Node>& balancer, const language::Link& parameters,
                         std::uint8_t number)
    : channel_(ns3::CreateObject<ns3::CsmaChannel>()),
      number_(number),
      queue_packets_(parameters.queue_packets) {
  const auto rate = static_cast<std::uint64_t>(std::llround(parameters.rate_bits_per_second));
  channel_->SetAttribute("DataRate", ns3::DataRateValue(ns3::DataRate(rate)));
  channel_->SetAttribute("Delay", ns3::TimeValue(to_ns3(parameters.delay)));
  const auto device = make_csma_device(balancer, channel_, mac_of(0), queue_packets_, stream_of(0));
  device->TraceConnectWithoutContext("PhyTxDrop",
                                     ns3::MakeCallback(&CsmaSegment::aborted_by_balancer, this));
  balancer_ = std::make_unique<CsmaStation>(
      device, mac_of(0), std::vector{kGatewayV4, kGatewayV6},
      [this](const MacAddress& from, std::span<std::uint8_t> p) { received_by_balancer(from, p); },
      [this](std::span<const std::uint8_t> p, Reason reason) { lost_by_balancer(p, reason); });
}

CsmaSegment::~CsmaSegment() = default;

std::unique_ptr<Medium> CsmaSegment::connect(Link& link, const ns3::Ptr<ns3::Node>& host,
                                             const std::vector<net::IpAddress>& addresses,
                                             std::uint32_t queue_packets) {
  const std::size_t station = members_.size() + 1;
  auto device =
      make_csma_device(host, channel_, mac_of(station), queue_packets, stream_of(station));
  members_.push_back(std::make_unique<Member>(link, host, device, mac_of(station), mac_of(0),
                                              addresses, queue_packets));
  Member& member = *members_.back();
  for (const net::IpAddress& address : addresses) {
    owners_[address] = &member;
    if (!address.is_v4()) balancer_->neighbours().add(address, member.mac());
  }
  return std::make_unique<HostMedium>(*this, member);
}

ns3::Ptr<ns3::NetDevice> CsmaSegment::last_device() const { return members_.back()->device(); }

// Locally administered; station 0 is the balancer.
MacAddress CsmaSegment::mac_of(std::size_t station) const {
  return {0x02,
          0x00,
          number_,
          0x00,
          static_cast<std::uint8_t>(station >> 8),
          static_cast<std::uint8_t>(station)};
}

std::int64_t CsmaSegment::stream_of(std::size_t station) const {
  return static_cast<std::int64_t>(number_) * 65536 + static_cast<std::int64_t>(station);
}

CsmaSegment::Member* CsmaSegment::find_member(const MacAddress& mac) {
  const std::size_t station = (std::size_t{mac[4]} << 8) | mac[5];
  if (station == 0 || station > members_.size() || mac_of(station) != mac) return nullptr;
  return members_[station - 1].get();
}

void CsmaSegment::received_by_balancer(const MacAddress& from, std::span<std::uint8_t> packet) {
  if (Member* member = find_member(from)) member->link().carried(End::second, packet);
}

void CsmaSegment::lost_by_balancer(std::span<const std::uint8_t> packet, Reason reason) {
  const auto destination = destination_of(packet);
  const auto owner = destination ? owners_.find(*destination) : owners_.end();
  if (owner != owners_.end()) owner->second->link().lost(End::second, packet, reason);
}

void CsmaSegment::aborted_by_balancer(ns3::Ptr<const ns3::Packet> frame) {
  const auto packet = packet_in_frame(reader_.read(frame));
  if (!packet.empty()) lost_by_balancer(packet, Reason::link_queue_full);
}

}  // namespace elblab::sim
