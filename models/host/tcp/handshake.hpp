// What both sides of a handshake take from the peer's SYN.
#pragma once

#include "models/host/tcp/segment.hpp"
#include "models/host/tcp/tcp_shared.hpp"

namespace elblab::host {

// Timestamps and two NOPs, as they stand in every segment of a connection that uses them (RFC 7323
// Appendix A).
inline constexpr std::uint16_t kTimestampBytes = 12;

// Sets timestamps, SACK, scaling and MSS from the peer's SYN or SYN+ACK, where we allow them.
// `mtu_segment` is our own largest segment. Connection options must hold what we allow.
void negotiate(TcpConnection& connection, const net::TcpOptions& peer, std::uint16_t mtu_segment,
               Instant now);

// The TSval of the first SYN or SYN+ACK that we sent.
std::uint32_t first_timestamp(const TcpConnection& connection);
// The peer answers the first one, by its timestamp: those after it were sent for nothing.
bool answers_first(const TcpConnection& connection, const Segment& segment);
// The first round trip: from the handshake when nothing was sent again, else from the peer's echo
// of our timestamp, else unknown.
void begin_round_trip(TcpConnection& connection, const Segment& segment, Instant now);

}  // namespace elblab::host
