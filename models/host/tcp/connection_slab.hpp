// Connection records in chunks that never move, with a free list.
//
// A reference stays valid while its connection lives, whatever is opened meanwhile. A slot's
// generation goes up when it is freed, so that find() does not take a new connection for an old.
#pragma once

#include <vector>

#include "models/host/tcp/tcp_connection.hpp"
#include "models/tables/lazy_chunks.hpp"

namespace elblab::host {

class ConnectionSlab {
 public:
  // A fresh record with slot and generation set. O(1); allocates room for 256 when all are used.
  TcpConnection& acquire();
  void release(TcpConnection& connection);

  TcpConnection& at(std::uint32_t slot) { return records_[slot]; }
  const TcpConnection& at(std::uint32_t slot) const { return records_[slot]; }
  // nullptr when the socket is no more.
  TcpConnection* find(SocketId id);
  const TcpConnection* find(SocketId id) const {
    return const_cast<ConnectionSlab*>(this)->find(id);
  }

  // Slots ever used, for a walk in slot order; a free one is in TcpState::closed.
  std::uint32_t slots() const { return records_.size(); }
  std::size_t memory_bytes() const { return records_.memory_bytes() + free_.capacity() * 4; }

 private:
  tables::LazyChunks<TcpConnection> records_;
  std::vector<std::uint32_t> free_;
};

}  // namespace elblab::host
