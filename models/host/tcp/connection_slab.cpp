#include "models/host/tcp/connection_slab.hpp"

namespace elblab::host {

TcpConnection& ConnectionSlab::acquire() {
  if (free_.empty()) {
    const std::uint32_t slot = records_.size();
    TcpConnection& fresh = records_.add();
    fresh.slot = slot;
    return fresh;
  }
  TcpConnection& reused = at(free_.back());
  free_.pop_back();
  return reused;
}

void ConnectionSlab::release(TcpConnection& connection) {
  const std::uint32_t slot = connection.slot;
  const std::uint32_t generation = connection.generation + 1;
  connection = TcpConnection{};
  connection.slot = slot;
  connection.generation = generation;
  free_.push_back(slot);
}

TcpConnection* ConnectionSlab::find(SocketId id) {
  const auto slot = static_cast<std::uint32_t>(id);
  if (slot >= records_.size()) return nullptr;
  TcpConnection& connection = at(slot);
  const bool lives = connection.generation == static_cast<std::uint32_t>(id >> 32) &&
                     connection.state != TcpState::closed;
  return lives ? &connection : nullptr;
}

}  // namespace elblab::host
