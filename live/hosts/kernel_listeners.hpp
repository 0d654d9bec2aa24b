// The listening sockets of KernelSockets. A connection stays in the kernel's accept queue until
// the application takes it, so that a slow one fills it (linux-host.md rows 20, 21).
//
// Unspecified addresses are listened on in both families by one socket, with one queue.
#pragma once

#include <vector>

#include "live/hosts/kernel_streams.hpp"

namespace elblab::live {

class KernelListeners {
 public:
  // Marks what epoll tells as being about a listener; the rest of it is the ListenerId.
  static constexpr std::uint64_t kTag = 0x40000000;

  KernelListeners(KernelContext& context, KernelStreams& streams)
      : context_(context), streams_(streams) {}

  std::optional<host::ListenerId> listen(const host::ListenOptions& options,
                                         host::SocketEvents& events);
  void stop(host::ListenerId id);
  host::SocketId accept(host::ListenerId id, host::SocketEvents& events, Instant now);
  // Connections that wait in the accept queue; 0 for no such listener.
  std::size_t queue_length(host::ListenerId id) const;

  // The queue may have grown: acceptable() once for each connection not yet told of.
  void handle(host::ListenerId id, std::uint32_t epoll_events, Instant now);

 private:
  struct Listener {
    FileDescriptor descriptor;
    host::SocketEvents* events = nullptr;
    std::size_t announced = 0;  // told of by acceptable() and not yet taken
  };

  FileDescriptor open(const host::ListenOptions& options);
  Listener* find(host::ListenerId id);

  KernelContext& context_;
  KernelStreams& streams_;
  std::vector<Listener> listeners_;  // by id - 1; closed ones stay as empty places
};

}  // namespace elblab::live
