// One TCP socket of the kernel with what waits to be written to it. No callbacks here: the calls
// say what happened, and kernel_streams.hpp tells the application. tcp(7), socket(7).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "live/network/file_descriptor.hpp"
#include "models/host/sockets.hpp"
#include "models/host/tcp/send_buffer.hpp"

namespace elblab::live {

class StreamSocket {
 public:
  enum class Phase : std::uint8_t {
    connecting,  // SYN sent; what is sent waits in the queue
    open,
    draining,  // the application closed it; what is queued is still to be written
  };
  enum class Write : std::uint8_t {
    done,     // nothing is queued any more
    blocked,  // the kernel's buffer is full: EPOLLOUT will come
    portion,  // there is room, but so much at once is enough
    failed,   // see take_error()
  };

  StreamSocket() = default;
  StreamSocket(FileDescriptor descriptor, const net::Endpoint& peer, host::SocketEvents& told,
               Phase first)
      : phase(first), events(&told), peer_endpoint(peer), descriptor_(std::move(descriptor)) {}

  // Options of every TCP socket; those that accept() gives have their listener's. Small segments
  // leave at once, as the host model has no Nagle; acknowledgements of what was sent arrive in the
  // error queue (SOF_TIMESTAMPING_TX_ACK) and so wake the epoll instance: nothing is polled for.
  static void set_options(int descriptor);

  int descriptor() const { return descriptor_.get(); }
  std::optional<net::Endpoint> local() const;
  // The connection's, client to server.
  net::FlowKey flow() const;

  // Real bytes and pattern bytes, in the order of the calls. Writes what the kernel takes.
  Write send(std::span<const std::uint8_t> bytes);
  Write send_pattern(std::uint64_t bytes);
  // Writes queued bytes, at most a portion.
  Write write_queued();
  bool queue_empty() const { return queue_.begin() == queue_.end(); }

  // FIN after what the kernel has.
  void finish();
  // The next close() sends RST instead of FIN.
  void reset_on_close();

  // Acknowledgements that were told of.
  void empty_error_queue();
  // SO_ERROR; an error kept from before if there is none.
  host::SocketError take_error();
  // For the next take_error(): the kernel tells an error only once.
  void keep_error(host::SocketError error) { kept_error_ = error; }
  // Everything written has been acknowledged (SIOCOUTQ), and nothing waits to be written.
  bool all_acknowledged() const;
  // The kernel is through with the connection: TCP_CLOSE.
  bool ended() const;

  Phase phase = Phase::open;
  bool client = false;
  bool finish_wanted = false;  // shutdown() or close() was called
  bool peer_finished = false;
  bool tell_sent = false;  // sent_all() is due once all is acknowledged
  host::SocketEvents* events = nullptr;
  net::Endpoint peer_endpoint;
  std::optional<net::Endpoint> local_endpoint;  // where it was asked for already

 private:
  // Bytes taken by the kernel; nullopt when the socket failed.
  std::optional<std::size_t> write(std::span<const std::uint8_t> bytes);

  FileDescriptor descriptor_;
  host::SendBuffer queue_;
  host::SocketError kept_error_ = host::SocketError::none;
};

}  // namespace elblab::live
