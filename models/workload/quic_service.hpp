// The QUIC connections that a UDP server has accepted: by the IDs that it gave out (RFC 9000
// section 5.1), which is how it knows a client whose address has changed (section 9.3; the new path
// is not validated).
//
// Bounded: beyond kMostConnections it accepts none. A connection stays until the server goes: none
// is closed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/net/address.hpp"
#include "models/workload/quic_packet.hpp"

namespace elblab::workload {

class QuicService {
 public:
  static constexpr std::size_t kMostConnections = 1u << 20;
  using Number = std::uint32_t;  // of a connection

  // id_bytes: of the IDs that it gives out, 1 to quic::kLongestId. seed: of its IDs, which are to
  // differ from those of other servers.
  QuicService(std::size_t id_bytes, std::uint64_t seed) : id_bytes_(id_bytes), seed_(seed) {}

  struct Accepted {
    Number number = 0;
    bool is_new = false;  // false: a client's Initial came again
  };
  // A client's Initial; nullopt: it is none, or there are too many connections.
  std::optional<Accepted> accept(std::span<const std::uint8_t> datagram, const net::Endpoint& from);
  // What a datagram of a client carries, and over which connection.
  struct Carried {
    std::optional<Number> number;           // nullopt: of none that is known here
    std::span<const std::uint8_t> payload;  // of the datagram
  };
  // nullopt: it has no short header.
  std::optional<Carried> read(std::span<const std::uint8_t> datagram) const;

  // Datagrams to a client, written into `out`, which has room for a datagram.
  std::span<const std::uint8_t> accepting(Number number, std::span<std::uint8_t> out);
  // Where a payload may stand behind the header of the next packet; at most as long as the rest.
  std::span<std::uint8_t> header_of_next(Number number, std::span<std::uint8_t> out);
  // Empty: too short for being answered.
  std::span<const std::uint8_t> reset_of(std::span<const std::uint8_t> datagram,
                                         std::span<std::uint8_t> out);
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Connection {
    quic::ConnectionId own;
    quic::ConnectionId of_client;
    std::uint32_t packets = 0;  // sent
  };
  struct IdHash {
    std::size_t operator()(const quic::ConnectionId& id) const;
  };
  // What a client's first datagrams are known by.
  struct First {
    quic::ConnectionId destination;
    net::Endpoint from;
    friend bool operator==(const First&, const First&) = default;
  };
  struct FirstHash {
    std::size_t operator()(const First& first) const;
  };

  // That is the connection's from now on; nullopt: none was found.
  std::optional<quic::ConnectionId> unused_id(Number number);

  std::size_t id_bytes_;
  std::uint64_t seed_;
  std::uint64_t ids_made_ = 0;
  std::uint64_t resets_ = 0;
  std::vector<Connection> connections_;
  std::unordered_map<quic::ConnectionId, Number, IdHash> by_own_id_;  // never walked
  std::unordered_map<First, Number, FirstHash> by_first_;             // likewise
};

}  // namespace elblab::workload
