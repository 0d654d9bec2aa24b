// UDP sockets: bound or connected. A connected one receives from its peer only and hears a port
// unreachable as ECONNREFUSED (rows 30–36 are the other side of it).
//
// Sockets of one local port form a chain in order of opening; among them a connected one comes
// before one bound to the address, and that before one on any address. Ids carry kUdpBit, so that
// they never meet those of TCP.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/host/network_interface.hpp"
#include "models/host/socket_notices.hpp"
#include "models/host/sockets.hpp"
#include "models/random/stream.hpp"

namespace elblab::host {

struct UdpSocket {
  net::Endpoint local;  // address unspecified: any
  std::optional<net::Endpoint> peer;
  SocketEvents* events = nullptr;
  std::uint32_t generation = 1;
  std::uint32_t next = 0xFFFFFFFF;  // in the chain of the port
  bool open = false;
};

class UdpSockets {
 public:
  static constexpr SocketId kUdpBit = 0x80000000;

  UdpSockets(random::Stream stream, const Sysctls& sysctls, HostCounters& counters,
             NetworkInterface& wire, SocketNotices& notices)
      : stream_(stream), sysctls_(sysctls), counters_(counters), wire_(wire), notices_(notices) {}

  static bool is_udp(SocketId id) { return (id & kUdpBit) != 0; }

  ConnectResult open(const net::Endpoint& local, const std::optional<net::Endpoint>& peer,
                     SocketEvents& events);
  SocketError send(SocketId id, const net::Endpoint& to, std::span<const std::uint8_t> bytes);
  void close(SocketId id, SocketError error, Instant now);
  // False: nobody listens on that port.
  bool receive(const net::Endpoint& local, const net::Endpoint& remote,
               std::span<const std::uint8_t> payload, Instant now);
  // An ICMP error quoted a datagram of ours with this flow.
  void failed(const net::FlowKey& sent, SocketError error, Instant now);
  const UdpSocket* find(SocketId id) const;
  std::size_t memory_bytes() const {
    return sockets_.capacity() * sizeof(UdpSocket) + (heads_.capacity() + free_.capacity()) * 4;
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  UdpSocket* find_open(SocketId id) { return const_cast<UdpSocket*>(find(id)); }
  std::uint32_t match(const net::Endpoint& local, const net::Endpoint& remote) const;
  bool conflicts(const net::Endpoint& local, const std::optional<net::Endpoint>& peer) const;
  std::optional<std::uint16_t> ephemeral_port(net::Endpoint local);
  SocketId id_of(std::uint32_t slot) const {
    return (SocketId{sockets_[slot].generation} << 32) | kUdpBit | slot;
  }
  bool chain_empty(std::uint16_t port) const { return heads_.empty() || heads_[port] == kNone; }
  void link(std::uint32_t slot);
  void unlink(std::uint32_t slot);

  random::Stream stream_;
  const Sysctls& sysctls_;
  HostCounters& counters_;
  NetworkInterface& wire_;
  SocketNotices& notices_;
  std::vector<UdpSocket> sockets_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> heads_;  // by port; made when the first socket is opened
};

}  // namespace elblab::host
