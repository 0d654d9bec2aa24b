// Sends UDP datagrams and ICMP messages, some at a rate, and counts what comes back.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "models/net/packet_view.hpp"
#include "tests/golden/scene.hpp"

namespace elblab::golden {

inline constexpr std::uint16_t kClosedUdpPort = 9;

void inject_datagram(Scene& scene, const net::IpAddress& source, bool checksum = true,
                     std::uint16_t destination_port = kClosedUdpPort);
void inject_echo_request(Scene& scene, std::uint16_t sequence);
// Sends an ICMP destination unreachable from the peer that quotes the packet.
void inject_unreachable(Scene& scene, std::uint8_t code, std::span<const std::uint8_t> quoted);

// Counts ICMP messages of one type from the moment it is made. One per scene.
class IcmpCounter {
 public:
  IcmpCounter(Scene& scene, std::uint8_t type);

  std::size_t total() const { return times_.size(); }
  // Messages with a time in [from, to), counted from Scene::begin().
  std::size_t between(Duration from, Duration to) const;
  std::size_t most_per_peer() const;

 private:
  std::vector<Duration> times_;
  std::map<net::IpAddress, std::size_t> per_peer_;
};

// Sends `count` datagrams at a steady rate, the n-th from sources[n % sources.size()].
void send_at_rate(Scene& scene, const std::vector<net::IpAddress>& sources, int count,
                  int per_second);

}  // namespace elblab::golden
