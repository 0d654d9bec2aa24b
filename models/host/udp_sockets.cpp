#include "models/host/udp_sockets.hpp"

#include <algorithm>

namespace elblab::host {
namespace {
constexpr std::size_t kPorts = 65536;
}

const UdpSocket* UdpSockets::find(SocketId id) const {
  const auto slot = static_cast<std::uint32_t>(id) & ~static_cast<std::uint32_t>(kUdpBit);
  if (!is_udp(id) || slot >= sockets_.size()) return nullptr;
  const UdpSocket& socket = sockets_[slot];
  const bool lives = socket.open && socket.generation == static_cast<std::uint32_t>(id >> 32);
  return lives ? &socket : nullptr;
}

std::uint32_t UdpSockets::match(const net::Endpoint& local, const net::Endpoint& remote) const {
  if (chain_empty(local.port)) return kNone;
  std::uint32_t best = kNone;
  int best_score = -1;
  for (std::uint32_t at = heads_[local.port]; at != kNone; at = sockets_[at].next) {
    const UdpSocket& socket = sockets_[at];
    const bool any = socket.local.address.is_unspecified();
    if (!any && socket.local.address != local.address) continue;
    if (socket.peer && *socket.peer != remote) continue;
    const int score = (socket.peer ? 2 : 0) + (any ? 0 : 1);
    if (score > best_score) {
      best = at;
      best_score = score;
    }
  }
  return best;
}

bool UdpSockets::conflicts(const net::Endpoint& local,
                           const std::optional<net::Endpoint>& peer) const {
  if (chain_empty(local.port)) return false;
  for (std::uint32_t at = heads_[local.port]; at != kNone; at = sockets_[at].next) {
    const UdpSocket& other = sockets_[at];
    const bool overlap = local.address.is_unspecified() || other.local.address.is_unspecified() ||
                         local.address == other.local.address;
    // Two connected sockets to different peers may share a port (SO_REUSEADDR).
    if (overlap && other.peer == peer) return true;
  }
  return false;
}

std::optional<std::uint16_t> UdpSockets::ephemeral_port(net::Endpoint local) {
  const std::int64_t low = sysctls_.ip_local_port_range_low;
  const std::int64_t high = std::max(low, sysctls_.ip_local_port_range_high);
  const auto count = static_cast<std::uint64_t>(high - low + 1);
  const std::uint64_t first = stream_.below(count);
  for (std::uint64_t step = 0; step < count; ++step) {
    local.port =
        static_cast<std::uint16_t>(low + static_cast<std::int64_t>((first + step) % count));
    if (chain_empty(local.port)) return local.port;
  }
  return std::nullopt;
}

ConnectResult UdpSockets::open(const net::Endpoint& wanted,
                               const std::optional<net::Endpoint>& peer, SocketEvents& events) {
  net::Endpoint local = wanted;
  if (heads_.empty()) heads_.assign(kPorts, kNone);
  if (local.address.is_unspecified() && peer) {
    const net::IpAddress* first = wire_.first_of_family(peer->address.is_v4());
    if (first != nullptr) local.address = *first;
  }
  if (!local.address.is_unspecified() && !wire_.is_own(local.address)) {
    return {0, SocketError::address_not_available};
  }
  if (local.port == 0) {
    const auto port = ephemeral_port(local);
    if (!port) return {0, SocketError::address_in_use};
    local.port = *port;
  } else if (conflicts(local, peer)) {
    return {0, SocketError::address_in_use};
  }
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(sockets_.size()));
    sockets_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  UdpSocket& socket = sockets_[slot];
  socket.local = local;
  socket.peer = peer;
  socket.events = &events;
  socket.open = true;
  link(slot);
  return {id_of(slot), SocketError::none};
}

void UdpSockets::link(std::uint32_t slot) {
  std::uint32_t* end = &heads_[sockets_[slot].local.port];
  while (*end != kNone) end = &sockets_[*end].next;
  *end = slot;
  sockets_[slot].next = kNone;
}

void UdpSockets::unlink(std::uint32_t slot) {
  std::uint32_t* at = &heads_[sockets_[slot].local.port];
  while (*at != slot) at = &sockets_[*at].next;
  *at = sockets_[slot].next;
}

SocketError UdpSockets::send(SocketId id, const net::Endpoint& to,
                             std::span<const std::uint8_t> bytes) {
  const UdpSocket* socket = find(id);
  if (socket == nullptr) return SocketError::not_connected;
  net::Endpoint source = socket->local;
  const net::Endpoint& target = socket->peer && to.address.is_unspecified() ? *socket->peer : to;
  if (source.address.is_unspecified()) {
    const net::IpAddress* first = wire_.first_of_family(target.address.is_v4());
    if (first == nullptr) return SocketError::host_unreachable;
    source.address = *first;
  }
  if (source.address.is_v4() != target.address.is_v4()) return SocketError::host_unreachable;
  ++counters_.udp_sent;
  wire_.send_udp(source, target, bytes);
  return SocketError::none;
}

void UdpSockets::close(SocketId id, SocketError error, Instant now) {
  UdpSocket* socket = find_open(id);
  if (socket == nullptr) return;
  const auto slot = static_cast<std::uint32_t>(id) & ~static_cast<std::uint32_t>(kUdpBit);
  notices_.closed(socket->events, id, error, now);
  unlink(slot);
  socket->open = false;
  socket->events = nullptr;
  ++socket->generation;
  free_.push_back(slot);
}

bool UdpSockets::receive(const net::Endpoint& local, const net::Endpoint& remote,
                         std::span<const std::uint8_t> payload, Instant now) {
  const std::uint32_t slot = match(local, remote);
  if (slot == kNone) return false;
  ++counters_.udp_received;
  sockets_[slot].events->datagram(id_of(slot), remote, payload, now);
  return true;
}

void UdpSockets::failed(const net::FlowKey& sent, SocketError error, Instant now) {
  const std::uint32_t slot = match(sent.source, sent.destination);
  if (slot == kNone || !sockets_[slot].peer) return;
  if (!sockets_[slot].events->failed(id_of(slot), error, now)) close(id_of(slot), error, now);
}

}  // namespace elblab::host
