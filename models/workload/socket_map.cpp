#include "models/workload/socket_map.hpp"

#include "models/random/stream.hpp"

namespace elblab::workload {

std::size_t SocketMap::home(host::SocketId socket) const {
  return static_cast<std::size_t>(random::splitmix64(socket)) & (entries_.size() - 1);
}

void SocketMap::insert(host::SocketId socket, std::uint32_t slot) {
  if (2 * (size_ + 1) > entries_.size()) grow();
  place(socket, slot);
  ++size_;
}

void SocketMap::place(host::SocketId socket, std::uint32_t slot) {
  std::size_t at = home(socket);
  while (entries_[at].socket != 0) at = (at + 1) & (entries_.size() - 1);
  entries_[at] = {socket, slot};
}

std::uint32_t SocketMap::find(host::SocketId socket) const {
  if (size_ == 0 || socket == 0) return kNone;
  for (std::size_t at = home(socket); entries_[at].socket != 0;
       at = (at + 1) & (entries_.size() - 1)) {
    if (entries_[at].socket == socket) return entries_[at].slot;
  }
  return kNone;
}

void SocketMap::erase(host::SocketId socket) {
  if (find(socket) == kNone) return;
  const std::size_t mask = entries_.size() - 1;
  std::size_t hole = home(socket);
  while (entries_[hole].socket != socket) hole = (hole + 1) & mask;
  // Knuth, volume 3, algorithm 6.4R: an entry moves back unless its home lies behind the hole.
  for (std::size_t at = (hole + 1) & mask; entries_[at].socket != 0; at = (at + 1) & mask) {
    const std::size_t distance_from_home = (at - home(entries_[at].socket)) & mask;
    if (distance_from_home < ((at - hole) & mask)) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole] = {};
  --size_;
}

void SocketMap::grow() {
  std::vector<Entry> old(entries_.empty() ? 64 : 2 * entries_.size());
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.socket != 0) place(entry.socket, entry.slot);
  }
}

}  // namespace elblab::workload
