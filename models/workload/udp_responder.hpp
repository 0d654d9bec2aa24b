// A UDP server: answers each request datagram, after its time on a CPU where those are modelled
// (cpu_queue.hpp), service_time and the delay its header asks for, with one that begins with the
// request's header and has the size the header asks for (kRequestHeaderBytes..kLargestDatagram). A
// request that says so costs the same and is not answered. Datagrams that are no request are
// counted and not answered, and those from sources that it denies. What waits for a CPU when the
// port closes is lost with the socket; it is never too much for the socket's buffer, which is not
// modelled.
//
// It speaks QUIC as well (quic_service.hpp), on the same port: a client's Initial is accepted at
// once, a request in a packet of a connection costs what any request costs, and one of a connection
// that it does not know is answered by a stateless reset.
#pragma once

#include <vector>

#include "models/workload/cpu_queue.hpp"
#include "models/workload/quic_service.hpp"
#include "models/workload/request_header.hpp"
#include "models/workload/server.hpp"
#include "models/workload/timer_heap.hpp"

namespace elblab::workload {

class UdpResponder final : public Server, private CpuUser {
 public:
  // Lifetimes and `cpus` as for Responder.
  UdpResponder(const ServerParameters& parameters, host::Sockets& sockets,
               CpuQueue* cpus = nullptr);

  Instant next_deadline() const override;
  void advance(Instant now) override;
  bool listening() const override { return socket_ != 0; }

 private:
  static constexpr QuicService::Number kNoConnection = 0xFFFFFFFF;
  struct Service {
    net::Endpoint to;
    RequestHeader header;
    QuicService::Number connection = kNoConnection;  // QUIC: what the answer goes over
  };
  struct Work {
    Service service;
    CpuQueue::Job job;
  };

  // SocketApplication
  void on_datagram(host::SocketId socket, const net::Endpoint& from,
                   std::span<const std::uint8_t> bytes, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  // CpuUser
  void computed(std::uint32_t work, Instant now) override;

  // Server
  void open_port(Instant now) override;
  void close_port(Instant now) override;

  void take_quic(std::span<const std::uint8_t> bytes, const net::Endpoint& from, Instant now);
  void take_request(std::span<const std::uint8_t> bytes, const net::Endpoint& from,
                    QuicService::Number connection, Instant now);
  void respond_after_delay(const Service& service, Instant now);
  void respond(const Service& service, Instant now);
  void drop_waiting();

  host::SocketId socket_ = 0;
  CpuQueue* cpus_;
  SlotPool<Work> works_;
  TimerHeap<Service> services_;
  QuicService quic_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace elblab::workload
