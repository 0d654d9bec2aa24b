// One Ethernet segment on an ns-3 CSMA channel: hosts and one device of the balancer.
//
// The balancer's side has the on-link gateway addresses 169.254.1.1 and fe80::1, which every host
// routes through; the balancer in turn finds each host by its own addresses. Half duplex and
// shared, as ns-3's channel is: stations contend and back off.
//
// A segment makes one CsmaMedium per host. The rate and delay of the channel are those of the first
// link that named the segment.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "sim/csma_station.hpp"
#include "sim/medium.hpp"

namespace elblab::sim {

class Link;

// The next hop of every host on a segment: link-local, so that it meets no scenario's addresses.
inline const net::IpAddress kGatewayV4 = net::IpAddress::v4(169, 254, 1, 1);
inline const net::IpAddress kGatewayV6 = *net::IpAddress::parse("fe80::1");

class CsmaSegment {
 public:
  // `number` tells segments apart in hardware addresses and random streams.
  CsmaSegment(const ns3::Ptr<ns3::Node>& balancer, const language::Link& parameters,
              std::uint8_t number);
  ~CsmaSegment();
  CsmaSegment(const CsmaSegment&) = delete;
  CsmaSegment& operator=(const CsmaSegment&) = delete;

  // Connects a host. The medium must not outlive the segment, nor the segment the link.
  std::unique_ptr<Medium> connect(Link& link, const ns3::Ptr<ns3::Node>& host,
                                  const std::vector<net::IpAddress>& addresses,
                                  std::uint32_t queue_packets);
  // The device of the host connected last: for a native host's stack.
  ns3::Ptr<ns3::NetDevice> last_device() const;

 private:
  class Member;
  class HostMedium;

  MacAddress mac_of(std::size_t station) const;
  std::int64_t stream_of(std::size_t station) const;
  Member* find_member(const MacAddress& mac);
  void received_by_balancer(const MacAddress& from, std::span<std::uint8_t> packet);
  void lost_by_balancer(std::span<const std::uint8_t> packet, telemetry::Reason reason);
  void aborted_by_balancer(ns3::Ptr<const ns3::Packet> frame);

  ns3::Ptr<ns3::CsmaChannel> channel_;
  std::uint8_t number_;
  std::uint32_t queue_packets_;  // of the balancer's device
  FrameReader reader_;
  std::unique_ptr<CsmaStation> balancer_;
  std::vector<std::unique_ptr<Member>> members_;  // in order of connection
  std::map<net::IpAddress, Member*> owners_;      // of the hosts' addresses
};

}  // namespace elblab::sim
