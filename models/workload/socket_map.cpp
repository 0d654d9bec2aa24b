#include "models/workload/socket_map.hpp"

#include "models/contract/require.hpp"
#include "models/random/stream.hpp"

namespace elblab::workload {
namespace {

std::uint32_t hash_of(host::SocketId socket) {
  return static_cast<std::uint32_t>(random::splitmix64(socket) >> 32);
}

}  // namespace

void SocketMap::insert(host::SocketId socket, std::uint32_t slot) {
  ELBLAB_REQUIRE(socket != 0, "0 is no socket");
  if (slot >= sockets_.size()) sockets_.resize(std::size_t{slot} + 1);
  ELBLAB_REQUIRE(sockets_[slot] == 0, "a slot has one socket at a time");
  sockets_[slot] = socket;
  index_.insert(hash_of(socket), slot);
}

std::uint32_t SocketMap::find(host::SocketId socket) const {
  return index_.find(hash_of(socket), [&](std::uint32_t slot) { return sockets_[slot] == socket; });
}

void SocketMap::erase(host::SocketId socket) {
  const std::uint32_t slot = find(socket);
  if (slot == kNone) return;
  index_.erase(hash_of(socket), slot);
  sockets_[slot] = 0;
}

}  // namespace elblab::workload
