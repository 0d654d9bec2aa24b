// An application that hears of its sockets. Whatever they tell it may move its deadline, so that is
// said here, once for all of them, and nobody else needs to be asked after a packet.
#pragma once

#include "models/host/sockets.hpp"
#include "models/workload/application.hpp"

namespace elblab::workload {

class SocketApplication : public Application, private host::SocketEvents {
 protected:
  // What the application gives to its sockets: their events come to the functions below.
  host::SocketEvents& events() { return *this; }

 private:
  // As those of host::SocketEvents.
  virtual void on_connected(host::SocketId, Instant) {}
  virtual void on_acceptable(host::ListenerId, Instant) {}
  virtual void on_received(host::SocketId, std::span<const std::uint8_t>, Instant) {}
  virtual void on_peer_finished(host::SocketId, Instant) {}
  virtual void on_sent_all(host::SocketId, Instant) {}
  virtual void on_closed(host::SocketId, host::SocketError, Instant) {}
  virtual void on_datagram(host::SocketId, const net::Endpoint& /*from*/,
                           std::span<const std::uint8_t>, Instant) {}

  void connected(host::SocketId socket, Instant now) final {
    on_connected(socket, now);
    moved();
  }
  void acceptable(host::ListenerId listener, Instant now) final {
    on_acceptable(listener, now);
    moved();
  }
  void received(host::SocketId socket, std::span<const std::uint8_t> bytes, Instant now) final {
    on_received(socket, bytes, now);
    moved();
  }
  void peer_finished(host::SocketId socket, Instant now) final {
    on_peer_finished(socket, now);
    moved();
  }
  void sent_all(host::SocketId socket, Instant now) final {
    on_sent_all(socket, now);
    moved();
  }
  void closed(host::SocketId socket, host::SocketError error, Instant now) final {
    on_closed(socket, error, now);
    moved();
  }
  void datagram(host::SocketId socket, const net::Endpoint& from,
                std::span<const std::uint8_t> bytes, Instant now) final {
    on_datagram(socket, from, bytes, now);
    moved();
  }
};

}  // namespace elblab::workload
