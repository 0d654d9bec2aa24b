// A UDP server: answers each request datagram, after service_time and the delay its header asks
// for, with one that begins with the request's header and has the size the header asks for
// (kRequestHeaderBytes..kLargestDatagram). A request that says so is not answered. Datagrams that
// are no request are counted and not answered.
#pragma once

#include <vector>

#include "models/workload/request_header.hpp"
#include "models/workload/server.hpp"
#include "models/workload/timer_heap.hpp"

namespace elblab::workload {

class UdpResponder final : public Server, private host::SocketEvents {
 public:
  // `sockets` must outlive the server, and the server its sockets.
  UdpResponder(const ServerParameters& parameters, host::Sockets& sockets);

  void start(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;
  void set_listening(bool listening, Instant now) override;
  bool listening() const override { return socket_ != 0; }

 private:
  struct Service {
    net::Endpoint to;
    RequestHeader header;
  };

  // host::SocketEvents
  void datagram(host::SocketId socket, const net::Endpoint& from,
                std::span<const std::uint8_t> bytes, Instant now) override;
  void closed(host::SocketId socket, host::SocketError error, Instant now) override;

  void respond(const Service& service, Instant now);

  host::SocketId socket_ = 0;
  TimerHeap<Service> services_;
  std::vector<std::uint8_t> buffer_;
  bool started_ = false;
};

}  // namespace elblab::workload
