#include "models/workload/quic_service.hpp"

#include "models/random/stream.hpp"

namespace elblab::workload {

using quic::ConnectionId;

std::size_t QuicService::IdHash::operator()(const ConnectionId& id) const {
  std::uint64_t hash = id.bytes().size();
  for (const std::uint8_t byte : id.bytes()) hash = random::splitmix64(hash ^ byte);
  return hash;
}

std::size_t QuicService::FirstHash::operator()(const First& first) const {
  const net::IpAddress& address = first.from.address;
  return random::splitmix64(IdHash()(first.destination) ^ address.high() ^
                            random::splitmix64(address.low() ^ first.from.port));
}

std::optional<QuicService::Accepted> QuicService::accept(std::span<const std::uint8_t> datagram,
                                                         const net::Endpoint& from) {
  const auto initial = quic::read_initial(datagram);
  if (!initial || datagram.size() < quic::kInitialBytes) return std::nullopt;
  const First first{initial->destination, from};
  if (const auto known = by_first_.find(first); known != by_first_.end()) {
    return Accepted{known->second, false};
  }
  if (connections_.size() >= kMostConnections) return std::nullopt;
  const auto number = static_cast<Number>(connections_.size());
  const std::optional<ConnectionId> own = unused_id(number);
  if (!own) return std::nullopt;
  connections_.push_back({*own, initial->source});
  by_first_.emplace(first, number);
  return Accepted{number, true};
}

// Short IDs repeat, and there may be none left.
std::optional<ConnectionId> QuicService::unused_id(Number number) {
  constexpr int kTries = 64;
  for (int i = 0; i < kTries; ++i) {
    const ConnectionId id = ConnectionId::of_number(seed_ + ++ids_made_, id_bytes_);
    if (by_own_id_.emplace(id, number).second) return id;
  }
  return std::nullopt;
}

std::optional<QuicService::Carried> QuicService::read(
    std::span<const std::uint8_t> datagram) const {
  const auto payload = quic::read_short(datagram, id_bytes_);
  if (!payload) return std::nullopt;
  const auto at = by_own_id_.find(ConnectionId(datagram.subspan(1, id_bytes_)));
  if (at == by_own_id_.end()) return Carried{std::nullopt, *payload};
  return Carried{at->second, *payload};
}

std::span<const std::uint8_t> QuicService::accepting(Number number, std::span<std::uint8_t> out) {
  Connection& connection = connections_[number];
  return quic::write_initial(out, connection.of_client, connection.own, connection.packets++,
                             quic::reset_token(connection.own));
}

std::span<std::uint8_t> QuicService::header_of_next(Number number, std::span<std::uint8_t> out) {
  Connection& connection = connections_[number];
  return quic::write_short_header(out, connection.of_client, connection.packets++);
}

std::span<const std::uint8_t> QuicService::reset_of(std::span<const std::uint8_t> datagram,
                                                    std::span<std::uint8_t> out) {
  if (datagram.size() < 1 + id_bytes_) return {};
  const ConnectionId id(datagram.subspan(1, id_bytes_));
  return quic::write_reset(out, datagram.size(), quic::reset_token(id), seed_ + ++resets_);
}

}  // namespace elblab::workload
