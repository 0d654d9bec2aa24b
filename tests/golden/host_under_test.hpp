// A host seen as a black box: sockets on one side, raw IP packets on the other.
//
// The golden cases are written against this interface, so that each of them runs against the host
// model in virtual time and against a real kernel in a network namespace. The host has one network
// interface with the addresses kHostAddress in a /8 and kHostAddress6 in a /16, and everything else
// of those is reached directly. Times are relative to the start of the case.
//
// An application acts when the host has nothing to do at this instant, in next_packet(): packets
// that are injected one after the other without it find it asleep.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/host/sockets.hpp"
#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::golden {

inline const net::IpAddress kHostAddress = net::IpAddress::v4(10, 9, 0, 1);
inline const net::IpAddress kPeerAddress = net::IpAddress::v4(10, 9, 0, 2);
inline const net::IpAddress kHostAddress6 = *net::IpAddress::parse("fd09::1");  // in a /16

// An IP packet the host emitted.
struct EmittedPacket {
  Duration at{};
  std::vector<std::uint8_t> bytes;
};

using SocketHandle = std::uint32_t;
using ListenerHandle = std::uint32_t;

struct ConnectOutcome {
  SocketHandle socket = 0;  // valid also after an error
  host::SocketError error = host::SocketError::none;
};

enum class SocketPhase : std::uint8_t { connecting, connected, failed };

// What the application behind a socket knows.
struct SocketState {
  SocketPhase phase = SocketPhase::connecting;
  host::SocketError error = host::SocketError::none;
  std::uint64_t bytes_received = 0;
  bool peer_finished = false;  // end of file was read
};

struct HostGauges {
  std::uint64_t syn_received = 0;
  std::uint64_t established = 0;  // those waiting in accept queues included
  std::uint64_t time_wait = 0;
  std::uint64_t resets_sent = 0;
};

class HostUnderTest {
 public:
  virtual ~HostUnderTest() = default;

  // Names as in models/host/sysctls.hpp.
  virtual void set_sysctl(std::string_view name, std::int64_t value) = 0;

  virtual ListenerHandle listen(std::uint16_t port, int backlog) = 0;
  virtual void stop_listening(ListenerHandle listener) = 0;
  virtual std::optional<SocketHandle> accept(ListenerHandle listener) = 0;
  // source_port 0: an ephemeral one.
  virtual ConnectOutcome connect(const net::Endpoint& destination,
                                 std::uint16_t source_port = 0) = 0;
  // A bound UDP socket; with a peer it is connected to it.
  virtual SocketHandle open_udp(std::uint16_t port,
                                const std::optional<net::Endpoint>& peer = std::nullopt) = 0;
  // TCP, or a connected UDP socket.
  virtual void send(SocketHandle socket, std::span<const std::uint8_t> bytes) = 0;
  virtual void shutdown(SocketHandle socket) = 0;
  virtual void close(SocketHandle socket) = 0;
  virtual void abort(SocketHandle socket) = 0;
  // Takes what has come; for sockets that are not read at once.
  virtual void read(SocketHandle socket) = 0;
  virtual SocketState state(SocketHandle socket) = 0;

  // Of what listen(), connect() and open_udp() make from now on: kHostAddress, or kHostAddress6.
  virtual void use_address(const net::IpAddress& address) = 0;
  // Whether applications read as soon as something comes (they do), from now on and for all
  // sockets.
  virtual void read_at_once(bool at_once) = 0;
  // Whether connections of this listener are accepted as soon as they can be (they are not).
  virtual void accept_at_once(ListenerHandle listener, bool at_once) = 0;
  // Handles given so far: they count from 0.
  virtual SocketHandle sockets() const = 0;
  // Sockets and listeners of an exchange before are no more; handles count from 0 again, and
  // applications are as at first.
  virtual void forget_sockets() = 0;
  virtual HostGauges gauges() = 0;

  // Puts one IP packet on the host's link.
  virtual void inject(std::span<const std::uint8_t> packet) = 0;
  virtual Duration now() = 0;
  // Lets time pass until the host emits a packet, or until the deadline: nullopt.
  virtual std::optional<EmittedPacket> next_packet(Duration deadline) = 0;
};

}  // namespace elblab::golden
