// The last call of every socket, closed(), and other calls that must not come from inside a
// Sockets call: kept until the host is at the end of receive() or advance() (sockets.hpp).
#pragma once

#include <vector>

#include "models/host/sockets.hpp"

namespace elblab::host {

class SocketNotices {
 public:
  void closed(SocketEvents* events, SocketId socket, SocketError error, Instant now) {
    if (events == nullptr) return;
    pending_.push_back({events, socket, error});
    since_ = now;
  }
  // Calls them in order; what they cause is called too.
  void deliver(Instant now) {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const Notice notice = pending_[i];
      notice.events->closed(notice.socket, notice.error, now);
    }
    pending_.clear();
  }
  // When the host must be advanced to deliver; kNever if nothing waits.
  Instant next_deadline() const { return pending_.empty() ? kNever : since_; }

 private:
  struct Notice {
    SocketEvents* events;
    SocketId socket;
    SocketError error;
  };
  std::vector<Notice> pending_;
  Instant since_;
};

}  // namespace elblab::host
