// Connection records in chunks that never move, with a free list.
//
// A reference stays valid while its connection lives, whatever is opened meanwhile. A slot's
// generation goes up when it is freed, so that find() does not take a new connection for an old.
#pragma once

#include <memory>
#include <vector>

#include "models/host/tcp/tcp_connection.hpp"

namespace elblab::host {

class ConnectionSlab {
 public:
  // A fresh record with slot and generation set. O(1); allocates a chunk of 256 when all are used.
  TcpConnection& acquire();
  void release(TcpConnection& connection);

  TcpConnection& at(std::uint32_t slot) { return chunks_[slot >> kShift][slot & kMask]; }
  const TcpConnection& at(std::uint32_t slot) const {
    return chunks_[slot >> kShift][slot & kMask];
  }
  // nullptr when the socket is no more.
  TcpConnection* find(SocketId id);
  const TcpConnection* find(SocketId id) const {
    return const_cast<ConnectionSlab*>(this)->find(id);
  }

  // Slots ever used, for a walk in slot order; a free one is in TcpState::closed.
  std::uint32_t slots() const { return slots_; }
  std::size_t memory_bytes() const {
    return chunks_.size() * (sizeof(TcpConnection) << kShift) + free_.capacity() * 4;
  }

 private:
  static constexpr unsigned kShift = 8;
  static constexpr std::uint32_t kMask = (1U << kShift) - 1;

  std::vector<std::unique_ptr<TcpConnection[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t slots_ = 0;
};

}  // namespace elblab::host
