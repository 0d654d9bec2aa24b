// From a socket to the slot of its state. O(1) on average, no allocation once it has its size; 8
// bytes per slot and at most 13.4 for the index. Order of iteration is not offered, as nothing may
// depend on it.
#pragma once

#include <cstdint>
#include <vector>

#include "models/host/sockets.hpp"
#include "models/tables/handle_index.hpp"

namespace elblab::workload {

class SocketMap {
 public:
  static constexpr std::uint32_t kNone = tables::HandleIndex::kNone;

  // `socket` is not 0 and not in the map; no other socket has the slot. Slots are numbers of a
  // pool: memory goes with the largest.
  void insert(host::SocketId socket, std::uint32_t slot);
  // kNone when it is not in the map.
  std::uint32_t find(host::SocketId socket) const;
  void erase(host::SocketId socket);
  std::size_t size() const { return index_.size(); }

 private:
  tables::HandleIndex index_;
  std::vector<host::SocketId> sockets_;  // by slot; 0: none
};

}  // namespace elblab::workload
