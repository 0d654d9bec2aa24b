// ICMP and ICMPv6 types used by hosts and probes (RFC 792, RFC 4443), and the view of the packet
// that an error message quotes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/net/packet_view.hpp"

namespace elblab::net {

namespace icmp_type {
inline constexpr std::uint8_t echo_reply = 0;
inline constexpr std::uint8_t destination_unreachable = 3;
inline constexpr std::uint8_t source_quench = 4;
inline constexpr std::uint8_t echo_request = 8;
inline constexpr std::uint8_t time_exceeded = 11;
inline constexpr std::uint8_t parameter_problem = 12;
inline constexpr std::uint8_t timestamp_request = 13;
inline constexpr std::uint8_t timestamp_reply = 14;
inline constexpr std::uint8_t v6_destination_unreachable = 1;
inline constexpr std::uint8_t v6_packet_too_big = 2;
inline constexpr std::uint8_t v6_time_exceeded = 3;
inline constexpr std::uint8_t v6_parameter_problem = 4;
inline constexpr std::uint8_t v6_echo_request = 128;
inline constexpr std::uint8_t v6_echo_reply = 129;
}  // namespace icmp_type

inline constexpr std::uint8_t kIcmpPortUnreachable = 3;
inline constexpr std::uint8_t kIcmpV6PortUnreachable = 4;
inline constexpr std::uint8_t kIcmpFragmentationNeeded = 4;

// The flow of the packet an ICMP error quotes, as that packet stood when it met the error (its
// source is who gets the message). nullopt for messages that quote nothing or too little.
std::optional<FlowKey> quoted_flow(const PacketView& icmp_error);

// Rewrites the quoted packet's source or destination (NAT of an error message, RFC 5508 §4),
// and repairs the quoted IP checksum and the ICMP checksum. False if nothing is quoted.
bool rewrite_quoted(PacketView& icmp_error, const Endpoint& source, const Endpoint& destination);

// Whether the message is an error about another packet; nobody is told of errors about such a one
// (RFC 1122 section 3.2.2). `packet`: whole and well-formed.
bool is_icmp_error(std::span<const std::uint8_t> packet);

// Room for the longest message of build_too_long.
inline constexpr std::size_t kLongestNotice = 1280;
// "Fragmentation needed" (RFC 1191) or "packet too big" (RFC 8201) to the sender of a packet that is
// longer than a link's `mtu_bytes`, from the dummy address of routers (RFC 7600). Returns its size; 0
// about an ICMP error. packet: whole and well-formed.
std::size_t build_too_long(std::span<std::uint8_t> out, std::span<const std::uint8_t> packet,
                           std::uint32_t mtu_bytes);

// An echo request or reply. Its identifier stands for a port of the side that asked, and is what
// NAT tells echoes apart by (RFC 5508 §3.1).
struct Echo {
  bool request = false;
  std::uint16_t identifier = 0;
};
// nullopt for every other message, and for TCP and UDP.
std::optional<Echo> echo_of(const PacketView& packet);
// Of the echo that an ICMP error quotes; nullopt when it quotes none, or not so far.
std::optional<Echo> quoted_echo(const PacketView& icmp_error);
// Rewrite the identifier and repair the checksums over it; only where there is an echo.
void set_echo_identifier(PacketView& echo, std::uint16_t identifier);
void set_quoted_echo_identifier(PacketView& icmp_error, std::uint16_t identifier);

}  // namespace elblab::net
