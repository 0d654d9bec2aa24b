// QUIC packets as a balancer and a capture see them: the headers of RFC 9000 (sections 17.2.2 and
// 17.3.1), version 1, around a payload that is not encrypted. No handshake protocol, no loss
// recovery, no NEW_CONNECTION_ID: what is carried is a reset token and requests.
//
// Header protection would hide packet numbers; here they stand in the clear, four bytes each.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace elblab::workload::quic {

inline constexpr std::uint32_t kVersion1 = 1;
inline constexpr std::size_t kLongestId = 20;
// A datagram with an Initial packet is no shorter (RFC 9000 section 14.1).
inline constexpr std::size_t kInitialBytes = 1200;
// Before the payload of a packet with a short header, at most: flags, ID, packet number.
inline constexpr std::size_t kShortOverhead = 1 + kLongestId + 4;

class ConnectionId {
 public:
  ConnectionId() = default;
  // Of at most kLongestId bytes.
  explicit ConnectionId(std::span<const std::uint8_t> bytes)
      : size_(static_cast<std::uint8_t>(bytes.size())) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }
  // `size` bytes made of a number; different numbers give different ones from 8 bytes on.
  static ConnectionId of_number(std::uint64_t number, std::size_t size);

  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }
  friend bool operator==(const ConnectionId&, const ConnectionId&) = default;

 private:
  std::array<std::uint8_t, kLongestId> bytes_{};  // behind size_: 0
  std::uint8_t size_ = 0;
};

using ResetToken = std::array<std::uint8_t, 16>;
// The token of a server's ID. Servers of one service have one key for it, so that each can reset
// what another one accepted (RFC 9000 section 10.3.2).
ResetToken reset_token(const ConnectionId& id);

// Whether a datagram is one of QUIC version 1, by its first bytes.
bool is_quic(std::span<const std::uint8_t> datagram);

struct InitialPacket {
  ConnectionId destination;
  ConnectionId source;
  std::span<const std::uint8_t> payload;  // of the datagram, padding included
};
// nullopt: it is none, or it is shorter than it says.
std::optional<InitialPacket> read_initial(std::span<const std::uint8_t> datagram);
// What stands behind the header; nullopt: it has no short header with an ID of that length.
std::optional<std::span<const std::uint8_t>> read_short(std::span<const std::uint8_t> datagram,
                                                        std::size_t id_bytes);

// Into `out`, which has room; gives back what was written. The payload is short enough.
std::span<const std::uint8_t> write_initial(std::span<std::uint8_t> out,
                                            const ConnectionId& destination,
                                            const ConnectionId& source, std::uint32_t number,
                                            std::span<const std::uint8_t> payload);
// The header alone: a payload may be written behind it.
std::span<std::uint8_t> write_short_header(std::span<std::uint8_t> out,
                                           const ConnectionId& destination, std::uint32_t number);
// A stateless reset: looks like a packet with a short header, ends with the token, and is shorter
// than what it answers. Empty: that was too short to be answered so. noise: fills the rest.
std::span<const std::uint8_t> write_reset(std::span<std::uint8_t> out, std::size_t answered_bytes,
                                          const ResetToken& token, std::uint64_t noise);
bool is_reset(std::span<const std::uint8_t> datagram, const ResetToken& token);

}  // namespace elblab::workload::quic
