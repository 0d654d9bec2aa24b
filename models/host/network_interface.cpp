#include "models/host/network_interface.hpp"

namespace elblab::host {

NetworkInterface::NetworkInterface(const std::vector<net::IpAddress>& addresses, std::uint16_t mtu,
                                   HostCounters& counters, net::PacketOutput& out)
    : addresses_(addresses), mtu_(mtu), counters_(counters), out_(out) {
  for (const net::IpAddress& address : addresses_) own_.insert({address, 0}, 0);
}

const net::IpAddress* NetworkInterface::first_of_family(bool v4) const {
  for (const net::IpAddress& address : addresses_) {
    if (address.is_v4() == v4) return &address;
  }
  return nullptr;
}

void NetworkInterface::send_tcp(const net::IpAddress& source, const net::IpAddress& destination,
                                const net::TcpFields& tcp, std::span<const std::uint8_t> payload) {
  net::IpFields ip;
  ip.source = source;
  ip.destination = destination;
  emit(destination, net::build_tcp(buffer_, ip, tcp, payload));
}

void NetworkInterface::send_udp(const net::Endpoint& source, const net::Endpoint& destination,
                                std::span<const std::uint8_t> payload) {
  net::IpFields ip;
  ip.source = source.address;
  ip.destination = destination.address;
  emit(destination.address, net::build_udp(buffer_, ip, source.port, destination.port, payload));
}

void NetworkInterface::send_icmp(const net::IpAddress& source, const net::IpAddress& destination,
                                 std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                                 std::span<const std::uint8_t> body) {
  net::IpFields ip;
  ip.source = source;
  ip.destination = destination;
  emit(destination, net::build_icmp(buffer_, ip, type, code, rest, body));
}

void NetworkInterface::emit(const net::IpAddress& destination, std::size_t size) {
  if (size == 0) return;
  const std::span<const std::uint8_t> packet(buffer_.data(), size);
  if (is_own(destination) || destination.is_loopback()) {
    looped_.emplace_back(packet.begin(), packet.end());
    return;
  }
  ++counters_.packets_out;
  counters_.bytes_out += size;
  out_.send(packet);
}

}  // namespace elblab::host
