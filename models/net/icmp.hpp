// ICMP and ICMPv6 types used by hosts and probes (RFC 792, RFC 4443), and the view of the packet
// that an error message quotes.
#pragma once

#include <cstdint>
#include <optional>

#include "models/net/packet_view.hpp"

namespace elblab::net {

namespace icmp_type {
inline constexpr std::uint8_t echo_reply = 0;
inline constexpr std::uint8_t destination_unreachable = 3;
inline constexpr std::uint8_t source_quench = 4;
inline constexpr std::uint8_t echo_request = 8;
inline constexpr std::uint8_t time_exceeded = 11;
inline constexpr std::uint8_t parameter_problem = 12;
inline constexpr std::uint8_t v6_destination_unreachable = 1;
inline constexpr std::uint8_t v6_echo_request = 128;
inline constexpr std::uint8_t v6_echo_reply = 129;
}  // namespace icmp_type

inline constexpr std::uint8_t kIcmpPortUnreachable = 3;
inline constexpr std::uint8_t kIcmpV6PortUnreachable = 4;

// The flow of the packet an ICMP error quotes, as that packet stood when it met the error (its
// source is who gets the message). nullopt for messages that quote nothing or too little.
std::optional<FlowKey> quoted_flow(const PacketView& icmp_error);

// Rewrites the quoted packet's source or destination (NAT of an error message, RFC 5508 §4),
// and repairs the quoted IP checksum and the ICMP checksum. False if nothing is quoted.
bool rewrite_quoted(PacketView& icmp_error, const Endpoint& source, const Endpoint& destination);

}  // namespace elblab::net
