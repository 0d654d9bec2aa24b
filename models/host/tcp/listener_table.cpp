#include "models/host/tcp/listener_table.hpp"

#include <algorithm>

namespace elblab::host {

Listener* ListenerTable::add(const net::IpAddress& address, std::uint16_t port,
                             std::uint32_t backlog, SocketEvents& events) {
  auto& same_port = by_port_[port];
  for (const ListenerId id : same_port) {
    const net::IpAddress& other = at(id)->address;
    if (address.is_unspecified() || other.is_unspecified() || address == other) return nullptr;
  }
  auto listener = std::make_unique<Listener>();
  listener->id = static_cast<ListenerId>(listeners_.size() + 1);
  listener->address = address;
  listener->port = port;
  listener->backlog = backlog;
  listener->events = &events;
  same_port.push_back(listener->id);
  listeners_.push_back(std::move(listener));
  return listeners_.back().get();
}

void ListenerTable::remove(ListenerId id) {
  Listener* listener = at(id);
  if (listener == nullptr) return;
  const auto entry = by_port_.find(listener->port);
  std::erase(entry->second, id);
  if (entry->second.empty()) by_port_.erase(entry);
  listeners_[id - 1].reset();
}

const Listener* ListenerTable::fullest() const {
  const Listener* fullest = nullptr;
  for (const auto& listener : listeners_) {
    if (listener == nullptr) continue;
    const bool fuller =
        fullest == nullptr || listener->accept_queue.size() * fullest->accept_queue_limit() >
                                  fullest->accept_queue.size() * listener->accept_queue_limit();
    if (fuller) fullest = listener.get();
  }
  return fullest;
}

Listener* ListenerTable::find(const net::Endpoint& local) {
  const auto entry = by_port_.find(local.port);
  if (entry == by_port_.end()) return nullptr;
  for (const ListenerId id : entry->second) {
    Listener* listener = at(id);
    if (listener->address == local.address) return listener;
    // 0.0.0.0 takes IPv4 only, :: both (as with bindv6only 0).
    const bool any =
        listener->address.is_unspecified() && (!listener->address.is_v4() || local.address.is_v4());
    if (any) return listener;
  }
  return nullptr;
}

}  // namespace elblab::host
