// What the tests of rules share: rules in few words, and packets.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/config/packet_rules.hpp"
#include "models/net/packet_view.hpp"
#include "models/random/stream.hpp"
#include "models/time/instant.hpp"

namespace elblab::access {

using Bytes = std::vector<std::uint8_t>;

net::IpAddress ip(std::string_view text);
net::Subnet subnet(std::string_view text);
net::Endpoint at(std::string_view address, std::uint16_t port);
Instant after(Duration since_start);

// A packet that owns its bytes.
class Packet {
 public:
  explicit Packet(Bytes bytes);
  Packet(const Packet& other) : Packet(other.bytes_) {}
  Packet& operator=(const Packet&) = delete;
  operator const net::PacketView&() const { return view_; }  // NOLINT(*-explicit-*)
  const net::PacketView& view() const { return view_; }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  net::PacketView view_;
};

namespace flag {
inline constexpr std::uint8_t syn = net::tcp_flag::syn;
inline constexpr std::uint8_t ack = net::tcp_flag::ack;
inline constexpr std::uint8_t syn_ack = syn | ack;
inline constexpr std::uint8_t fin = net::tcp_flag::fin | ack;
inline constexpr std::uint8_t rst = net::tcp_flag::rst;
}  // namespace flag

Packet tcp(const net::Endpoint& from, const net::Endpoint& to, std::uint8_t flags = flag::syn);
Packet udp(const net::Endpoint& from, const net::Endpoint& to);
Packet icmp(const net::IpAddress& from, const net::IpAddress& to, std::uint8_t type,
            std::uint8_t code = 0, std::uint32_t rest = 0, const Bytes& body = {});
// Echo request or reply of either IP version.
Packet ping(const net::IpAddress& from, const net::IpAddress& to, std::uint16_t identifier);
Packet pong(const net::IpAddress& from, const net::IpAddress& to, std::uint16_t identifier);
// Port unreachable about a packet, told to its sender.
Packet unreachable(const Packet& about, const net::IpAddress& from);

// A rule in words, as the language has it: allow("tcp 80 90-91").from("10.0.0.0/8").
class Rule {
 public:
  Rule(bool allow, std::string_view traffic);
  Rule from(std::string_view text) const;
  Rule to(std::string_view text) const;
  Rule from_ports(std::uint16_t first, std::uint16_t last) const;
  operator config::PacketRule() const { return rule_; }  // NOLINT(*-explicit-*)

 private:
  config::PacketRule rule_;
};
inline Rule allow(std::string_view traffic) { return {true, traffic}; }
inline Rule deny(std::string_view traffic) { return {false, traffic}; }

// Rules and packets among few addresses and ports, so that they often meet.
config::PacketRule random_rule(random::Stream& random);
Packet random_packet(random::Stream& random);

}  // namespace elblab::access
