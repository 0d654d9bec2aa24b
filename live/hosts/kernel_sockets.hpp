// host::Sockets over the kernel's own sockets of one network namespace: what makes every workload
// of models/workload run on real Linux hosts, unchanged.
//
// One thread, nothing blocks. The world polls descriptor() for input, and calls handle() when it
// is readable or when next_deadline() has come; callbacks come from inside handle() only. The
// kernel does the TCP: which port a connect() gets, when an accept queue is full and what becomes
// of data for a closed socket are its decisions, and its sysctls rule.
//
// Differences from the host model that applications can notice:
//   - after close(), closed() says that the kernel has taken over, not that the peer has answered;
//   - a connection that was reset in the accept queue is still given by accept(), and then told as
//     closed(connection_reset);
//   - acknowledgements are heard of when the kernel says so (sent_all()), within a turn of the
//   loop.
// Without a file descriptor left, connect() answers not_connected and accept() nothing, and both
// are counted in out_of_descriptors; accepting is tried again soon. The constructor raises the
// process's limit as far as it goes.
//
// Thousands of sockets: O(1) per event; memory per socket about 300 bytes besides the kernel's,
// more while data waits to be written.
#pragma once

#include "live/hosts/kernel_context.hpp"
#include "live/hosts/kernel_datagrams.hpp"
#include "live/hosts/kernel_listeners.hpp"
#include "live/hosts/kernel_streams.hpp"

namespace elblab::live {

class KernelSockets final : public host::Sockets {
 public:
  // Both must outlive the sockets. The thread is left in the namespace by calls that make a
  // socket.
  KernelSockets(const NetworkNamespace& network, observation::SilentEnds& ends);

  // To poll for input (POLLIN); -1: the system gave none, and nothing will work.
  int descriptor() const { return context_.epoll.get(); }
  // Delivers what is ready, at most a bounded portion; the rest at the next call.
  void handle(Instant now);
  // When handle() is due though descriptor() is silent.
  Instant next_deadline() const;

  const SocketCounters& counters() const { return context_.counters; }
  // Connections in the kernel's accept queue (row 20).
  std::size_t accept_queue_length(host::ListenerId listener) const {
    return listeners_.queue_length(listener);
  }

  host::ConnectResult connect(const net::Endpoint& source, const net::Endpoint& destination,
                              host::SocketEvents& events, Instant now) override;
  std::optional<host::ListenerId> listen(const host::ListenOptions& options,
                                         host::SocketEvents& events, Instant now) override;
  void stop_listening(host::ListenerId listener, Instant now) override;
  host::SocketId accept(host::ListenerId listener, host::SocketEvents& events,
                        Instant now) override;
  host::SocketError send(host::SocketId socket, std::span<const std::uint8_t> bytes,
                         Instant now) override;
  host::SocketError send_pattern(host::SocketId socket, std::uint64_t bytes, Instant now) override;
  void shutdown(host::SocketId socket, Instant now) override;
  void close(host::SocketId socket, Instant now) override;
  void abort(host::SocketId socket, Instant now) override;
  host::ConnectResult open_udp(const net::Endpoint& local, const std::optional<net::Endpoint>& peer,
                               host::SocketEvents& events, Instant now) override;
  host::SocketError send_datagram(host::SocketId socket, const net::Endpoint& to,
                                  std::span<const std::uint8_t> bytes, Instant now) override;
  std::optional<net::Endpoint> local_endpoint(host::SocketId socket) const override;
  std::optional<net::Endpoint> peer_endpoint(host::SocketId socket) const override;

 private:
  void dispatch(std::uint64_t id, std::uint32_t epoll_events, Instant now);
  void note(Instant now) { last_call_ = now; }

  KernelContext context_;
  KernelStreams streams_;
  KernelListeners listeners_;
  KernelDatagrams datagrams_;
  Instant last_call_;
};

}  // namespace elblab::live
