// The first 24 bytes of every request: they tell a server all it has to do, so that a server needs
// no configuration per workload. Behind them the request is filled with the pattern stream.
//
// Layout, network byte order: magic (2), flags (2; of a user's request, where it stands in his
// session is in the upper byte), request number, or number of the user (4), request length in
// bytes, this header included (6), response length in bytes (6), delay of the response in
// microseconds (4).
//
// TCP: the response is nothing but the pattern stream, by its offset in the server's direction of
// the connection. UDP: the reply begins with the request's own header (so that it can be matched),
// then pattern by the offset in the datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/host/sockets.hpp"

namespace elblab::workload {

// The smallest request, and the smallest reply datagram: shorter ones are padded up to it.
inline constexpr std::size_t kRequestHeaderBytes = 24;
// The largest datagram over IPv4: 65,535 - 20 - 8. Longer ones are cut down to it.
inline constexpr std::size_t kLargestDatagram = 65507;

namespace request_flag {
inline constexpr std::uint16_t server_closes = 0x0001;  // with FIN, after the response
inline constexpr std::uint16_t server_resets = 0x0002;  // with RST, once it is acknowledged
inline constexpr std::uint16_t no_reply = 0x0004;       // UDP: the datagram is not answered
inline constexpr std::uint16_t of_user = 0x0008;        // it belongs to a user's session
inline constexpr std::uint16_t all = server_closes | server_resets | no_reply | of_user;
}  // namespace request_flag

// The longest request or response: 2^48 - 1 bytes. Longer ones are cut down to it.
inline constexpr std::uint64_t kLongestMessage = (std::uint64_t{1} << 48) - 1;
// The longest delay of a response: 2^32 - 1 us, about 71 min. Longer ones are cut down to it.
inline constexpr Duration kLongestDelay = std::chrono::microseconds(0xFFFFFFFF);

struct RequestHeader {
  std::uint16_t flags = 0;
  std::uint32_t number = 0;  // of_user: whose session
  // of_user: 0 of the first request of a session, then 1 to 255 over and over. It moves on with
  // each answer, so a server that knows the one before has seen the user last.
  std::uint8_t session_step = 0;
  std::uint64_t request_bytes = kRequestHeaderBytes;
  std::uint64_t response_bytes = 0;
  // What the server waits before this response, over and above its service_time; whole microseconds
  // travel, rounded down.
  Duration delay{0};

  std::array<std::uint8_t, kRequestHeaderBytes> write() const;
  // nullopt for bytes that are no header: fewer than 24, wrong magic, unknown flags, a step without
  // a user, a request shorter than its header.
  static std::optional<RequestHeader> read(std::span<const std::uint8_t> bytes);
  friend bool operator==(const RequestHeader&, const RequestHeader&) = default;
};

// Queues a whole request on a connected socket: header, then pattern. `header.request_bytes` is at
// least kRequestHeaderBytes; `stream_offset` is how many bytes were queued on the socket before.
host::SocketError send_request(host::Sockets& sockets, host::SocketId socket,
                               const RequestHeader& header, std::uint64_t stream_offset,
                               Instant now);

// Writes the first `size` bytes (kRequestHeaderBytes..kLargestDatagram) of a request, or a reply
// datagram of that size: the header, then the pattern. `out` holds at least `size` bytes.
std::span<const std::uint8_t> write_request(std::span<std::uint8_t> out,
                                            const RequestHeader& header, std::size_t size,
                                            std::uint64_t stream_offset = 0);

}  // namespace elblab::workload
