// What an application on a host sees: sockets in the spirit of the BSD ones, without blocking.
//
// The simulated Host implements this interface; the live world implements it over kernel sockets,
// so one workload runs on both. Callbacks come from inside receive()/advance() of the host; an
// application may call any member from a callback. A SocketId is never reused within a run.
//
// Closing, in Linux terms:
//   shutdown()  shutdown(SHUT_WR): FIN after what is queued; data may still arrive
//   close()     close(): FIN after what is queued; data arriving later is answered by RST; the
//               application hears nothing more except closed()
//   abort()     SO_LINGER {1, 0} + close(): RST at once, nothing lingers
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "models/net/address.hpp"
#include "models/telemetry/recorder.hpp"
#include "models/time/instant.hpp"

namespace elblab::host {

using SocketId = std::uint64_t;  // 0: none
using ListenerId = std::uint32_t;

enum class SocketError : std::uint8_t {
  none,
  address_in_use,         // EADDRINUSE
  address_not_available,  // EADDRNOTAVAIL: no free port for that destination (row 18), or not ours
  connection_refused,     // ECONNREFUSED
  connection_reset,       // ECONNRESET
  timed_out,              // ETIMEDOUT
  host_unreachable,       // EHOSTUNREACH and kin: an ICMP error
  not_connected,          // ENOTCONN, EPIPE, EBADF: no such socket, or its sending side is closed
};
const char* to_string(SocketError error);

class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  // connect() succeeded.
  virtual void connected(SocketId, Instant) {}
  // A connection entered the accept queue; call accept() to take it (or later, or never).
  virtual void acceptable(ListenerId, Instant) {}
  // In-order payload arrived. The bytes are valid during the call only; they are consumed.
  virtual void received(SocketId, std::span<const std::uint8_t>, Instant) {}
  // The peer's FIN was reached.
  virtual void peer_finished(SocketId, Instant) {}
  // Everything queued by send() so far has been acknowledged.
  virtual void sent_all(SocketId, Instant) {}
  // The socket is gone for the application: an error (connect failed, reset, timed out), or none
  // after an orderly end. Last call for this id. TIME_WAIT may go on in the host.
  virtual void closed(SocketId, SocketError, Instant) {}
  // A datagram of a connected UDP socket came back as an error. True: the application goes on with
  // the socket, as it may; false: it closes it, and closed() follows.
  virtual bool failed(SocketId, SocketError, Instant) { return false; }
  // A UDP datagram arrived on a bound socket.
  virtual void datagram(SocketId, const net::Endpoint& /*from*/, std::span<const std::uint8_t>,
                        Instant) {}
};

struct ConnectResult {
  SocketId socket = 0;
  SocketError error = SocketError::none;  // address_not_available at once, without a packet
};

struct ListenOptions {
  net::IpAddress address;  // unspecified: any local address
  std::uint16_t port = 0;
  int backlog = 4096;  // cut to net.core.somaxconn
};

// All calls carry the time of the world. `events` must outlive the socket.
class Sockets {
 public:
  virtual ~Sockets() = default;

  // source.port 0: an ephemeral port, chosen as Linux does (row 17). source.address unspecified:
  // the host's first address of the destination's family.
  virtual ConnectResult connect(const net::Endpoint& source, const net::Endpoint& destination,
                                SocketEvents& events, Instant now) = 0;
  virtual std::optional<ListenerId> listen(const ListenOptions& options, SocketEvents& events,
                                           Instant now) = 0;
  virtual void stop_listening(ListenerId listener, Instant now) = 0;
  // Takes one connection from the accept queue; 0 when it is empty. One that its peer has reset
  // meanwhile is given too: what it sent and closed(connection_reset) follow.
  virtual SocketId accept(ListenerId listener, SocketEvents& events, Instant now) = 0;

  // Queues real bytes; copies them. Writes as window and congestion allow.
  virtual SocketError send(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) = 0;
  // Queues `bytes` bytes of a pattern that is a function of the offset in the stream, without
  // storing them; for bulk. May follow and precede send() on one socket.
  virtual SocketError send_pattern(SocketId socket, std::uint64_t bytes, Instant now) = 0;
  virtual void shutdown(SocketId socket, Instant now) = 0;
  virtual void close(SocketId socket, Instant now) = 0;
  virtual void abort(SocketId socket, Instant now) = 0;

  // UDP. port 0: an ephemeral port. A connected socket receives from `peer` only and hears
  // closed(connection_refused) on an ICMP port unreachable.
  virtual ConnectResult open_udp(const net::Endpoint& local,
                                 const std::optional<net::Endpoint>& peer, SocketEvents& events,
                                 Instant now) = 0;
  virtual SocketError send_datagram(SocketId socket, const net::Endpoint& to,
                                    std::span<const std::uint8_t> bytes, Instant now) = 0;

  virtual std::optional<net::Endpoint> local_endpoint(SocketId socket) const = 0;
  virtual std::optional<net::Endpoint> peer_endpoint(SocketId socket) const = 0;
};

// The byte at an offset of the pattern stream: what send_pattern() sends and a receiver can check.
// The period is prime, so that a segment put in the wrong place does not look right.
inline constexpr std::uint64_t kPatternPeriod = 251;
constexpr std::uint8_t pattern_byte(std::uint64_t stream_offset) {
  return static_cast<std::uint8_t>(stream_offset % kPatternPeriod);
}

}  // namespace elblab::host
