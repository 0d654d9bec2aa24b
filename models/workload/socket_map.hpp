// From a socket to the slot of its state: open addressing with linear probing, and deletion by
// moving later entries back, so that no tombstones gather. O(1) on average, no allocation once it
// has its size. Order of iteration is not offered, as nothing may depend on it.
#pragma once

#include <cstdint>
#include <vector>

#include "models/host/sockets.hpp"

namespace elblab::workload {

class SocketMap {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // `socket` is not 0 and not in the map.
  void insert(host::SocketId socket, std::uint32_t slot);
  // kNone when it is not in the map.
  std::uint32_t find(host::SocketId socket) const;
  void erase(host::SocketId socket);
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    host::SocketId socket = 0;
    std::uint32_t slot = 0;
  };

  std::size_t home(host::SocketId socket) const;
  void place(host::SocketId socket, std::uint32_t slot);
  void grow();

  std::vector<Entry> entries_;  // a power of two, at most half full
  std::size_t size_ = 0;
};

}  // namespace elblab::workload
