#include "tests/golden/cases/datagrams.hpp"

#include <algorithm>
#include <array>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"

namespace elblab::golden {

void inject_datagram(Scene& scene, const net::IpAddress& source, bool checksum,
                     std::uint16_t destination_port) {
  constexpr std::array<std::uint8_t, 4> kPayload{'p', 'i', 'n', 'g'};
  std::array<std::uint8_t, 64> packet{};
  const std::size_t size = net::build_udp(packet, {.source = source, .destination = kHostAddress},
                                          40000, destination_port, kPayload, checksum);
  scene.inject({packet.data(), size});
}

void inject_echo_request(Scene& scene, std::uint16_t sequence) {
  constexpr std::uint32_t kIdentifier = 0x4242;
  std::array<std::uint8_t, 64> packet{};
  const std::size_t size =
      net::build_icmp(packet, {.source = kPeerAddress, .destination = kHostAddress},
                      net::icmp_type::echo_request, 0, (kIdentifier << 16) | sequence, {});
  scene.inject({packet.data(), size});
}

void inject_unreachable(Scene& scene, std::uint8_t code, std::span<const std::uint8_t> quoted) {
  std::array<std::uint8_t, 256> packet{};
  const std::size_t size =
      net::build_icmp(packet, {.source = kPeerAddress, .destination = kHostAddress},
                      net::icmp_type::destination_unreachable, code, 0, quoted);
  scene.inject({packet.data(), size});
}

IcmpCounter::IcmpCounter(Scene& scene, std::uint8_t type) {
  scene.observe([this, type](const net::PacketView& packet, Duration at) {
    if (packet.protocol() != net::Protocol::icmp || packet.icmp_type() != type) return;
    times_.push_back(at);
    ++per_peer_[packet.destination()];
  });
}

std::size_t IcmpCounter::between(Duration from, Duration to) const {
  return static_cast<std::size_t>(std::count_if(
      times_.begin(), times_.end(), [&](Duration at) { return at >= from && at < to; }));
}

std::size_t IcmpCounter::most_per_peer() const {
  std::size_t most = 0;
  for (const auto& [peer, count] : per_peer_) most = std::max(most, count);
  return most;
}

void send_at_rate(Scene& scene, const std::vector<net::IpAddress>& sources, int count,
                  int per_second) {
  const Duration start = scene.now();
  for (int i = 0; i < count; ++i) {
    scene.wait_until(start + i * Duration(std::chrono::seconds(1)) / per_second);
    inject_datagram(scene, sources[static_cast<std::size_t>(i) % sources.size()]);
  }
}

}  // namespace elblab::golden
