// The host's way out: builds packets, counts them, and turns those for the host itself around.
//
// A packet for an own or a loopback address does not leave: it waits in a queue that the host
// works off after what it is doing (row 42). Everything else goes to the PacketOutput.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/host/host.hpp"
#include "models/net/endpoint_map.hpp"
#include "models/net/packet_builder.hpp"

namespace elblab::host {

class NetworkInterface {
 public:
  NetworkInterface(const std::vector<net::IpAddress>& addresses, std::uint16_t mtu,
                   HostCounters& counters, net::PacketOutput& out);

  void send_tcp(const net::IpAddress& source, const net::IpAddress& destination,
                const net::TcpFields& tcp, std::span<const std::uint8_t> payload);
  void send_udp(const net::Endpoint& source, const net::Endpoint& destination,
                std::span<const std::uint8_t> payload);
  void send_icmp(const net::IpAddress& source, const net::IpAddress& destination, std::uint8_t type,
                 std::uint8_t code, std::uint32_t rest, std::span<const std::uint8_t> body);

  bool is_own(const net::IpAddress& address) const { return own_.contains({address, 0}); }
  // The first address of the family; nullptr if there is none.
  const net::IpAddress* first_of_family(bool v4) const;
  std::uint16_t mtu() const { return mtu_; }
  // TCP payload and options that fit in a packet of this family (the MSS we announce).
  std::uint16_t largest_segment(bool v4) const {
    return static_cast<std::uint16_t>(mtu_ - (v4 ? 40 : 60));
  }

  bool loop_pending() const { return !looped_.empty(); }
  // Takes the queue of packets to the host itself; the caller gives the vector back by swapping.
  void take_looped(std::vector<std::vector<std::uint8_t>>& packets) {
    packets.clear();
    packets.swap(looped_);
  }

 private:
  void emit(const net::IpAddress& destination, std::size_t size);

  std::vector<net::IpAddress> addresses_;  // as configured
  net::EndpointMap own_;                   // the same, for finding
  std::uint16_t mtu_;
  HostCounters& counters_;
  net::PacketOutput& out_;
  std::vector<std::vector<std::uint8_t>> looped_;
  std::array<std::uint8_t, net::kLargestPacket> buffer_;
};

}  // namespace elblab::host
