// A TCP server that answers every request with as many bytes as the request's header asks for.
//
// It takes connections from the accept queue at once, or evenly at accepts_per_second (what fills
// the queue, linux-host.md rows 20 and 21). Where CPUs are modelled, a request that is read in full
// first gets its time on one of them (cpu_queue.hpp); then service_time and the delay that its
// header asks for pass before the first byte of its response. Requests of one connection are
// answered in order. Those of a connection that ends by an error while they wait for a CPU cost
// nothing: read() tells the program (ECONNRESET); one that a CPU works on is finished for nobody.
// After the response it closes first if the header says so: with FIN, or with RST once the response
// is acknowledged (an earlier one would throw it away). A client that finishes is answered in full,
// then the connection is closed. Bytes that are no request end the connection with RST.
//
// It speaks HTTP as well, on the same port (http_pages.hpp): a connection whose first bytes are
// "GET " or "HEAD " has one request, which costs what any request costs, is answered with its
// page's status, and then the service closes. A malformed one is answered 400 at once, as nothing
// was asked for; one that is too long ends the connection with RST.
//
// A source that it denies is turned away as TCP wrappers do: the kernel has accepted the
// connection, the service closes it without having read. Where the client's bytes came earlier, the
// end is RST, as that of any socket closed with bytes unread.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "models/workload/cpu_queue.hpp"
#include "models/workload/http_pages.hpp"
#include "models/workload/request_header.hpp"
#include "models/workload/server.hpp"
#include "models/workload/slot_pool.hpp"
#include "models/workload/socket_map.hpp"
#include "models/workload/timer_heap.hpp"
#include "models/workload/user_log.hpp"
#include "models/workload/user_sessions.hpp"

namespace elblab::workload {

class Responder final : public Server, private CpuUser {
 public:
  // `sockets` must outlive the server, and the server its sockets. `cpus`: those of the host, which
  // must outlive the server, as `users` must; nullptr: requests take no CPU time, and users are
  // written down nowhere.
  Responder(const ServerParameters& parameters, host::Sockets& sockets, CpuQueue* cpus = nullptr,
            UserLog* users = nullptr);

  Instant next_deadline() const override;
  void advance(Instant now) override;
  bool listening() const override { return listener_.has_value(); }
  std::uint32_t connections() const { return connections_.in_use(); }

 private:
  static constexpr std::uint32_t kNoWork = UINT32_MAX;
  struct Connection {
    host::SocketId socket = 0;
    std::uint64_t received = 0;                               // bytes of the client's stream
    std::uint64_t request_left = 0;                           // body bytes still to come
    std::array<std::uint8_t, kRequestHeaderBytes> partial{};  // the header, as far as it came
    std::uint32_t partial_size = 0;
    std::uint32_t in_service = 0;        // requests read and not answered
    std::uint32_t first_work = kNoWork;  // of those, that have not left the CPUs, in their order
    std::uint32_t last_work = kNoWork;
    std::uint32_t delayed = 0;  // of those, in services_
    Instant answered_until;     // when the last of them is due
    bool peer_finished = false;
    bool reset_when_sent = false;
    bool denied = false;                      // to be closed once accept() has returned
    std::unique_ptr<HttpRequestReader> http;  // nullptr: it does not speak HTTP, or not yet
  };
  struct Service {
    SlotRef connection;
    std::uint64_t response_bytes = 0;
    std::uint16_t flags = 0;
  };
  // A request and its place on the CPUs.
  struct Work {
    Service service;
    Duration delay{0};  // what follows
    CpuQueue::Job job;
    std::uint32_t next = kNoWork;  // of the same connection
    bool computed = false;
  };

  // SocketApplication
  void on_acceptable(host::ListenerId listener, Instant now) override;
  void on_received(host::SocketId socket, std::span<const std::uint8_t> bytes,
                   Instant now) override;
  void on_peer_finished(host::SocketId socket, Instant now) override;
  void on_sent_all(host::SocketId socket, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  // Server
  void open_port(Instant now) override;
  void close_port(Instant now) override;

  void accept_waiting(Instant now);
  bool accept_one(Instant now);
  std::uint32_t slot_of(host::SocketId socket);
  std::uint32_t adopt(host::SocketId socket);
  void turn_away_denied(host::SocketId socket, Instant now);
  void take_requests(std::uint32_t slot, std::span<const std::uint8_t> bytes, Instant now);
  std::size_t read_header(Connection& connection, std::span<const std::uint8_t> bytes);
  static bool speaks_http(Connection& connection, std::span<const std::uint8_t> bytes);
  void take_http(std::uint32_t slot, std::span<const std::uint8_t> bytes, Instant now);
  void answer_http(std::uint32_t slot, std::uint16_t status, Instant now);
  void request_read(std::uint32_t slot, Instant now);
  void serve(std::uint32_t slot, const Service& service, Duration asked_delay, Instant now);
  void note_user(std::uint32_t slot, const RequestHeader& header, Instant now);
  void start_work(std::uint32_t slot, const Service& service, Duration delay, Instant now);
  // CpuUser
  void computed(std::uint32_t work, Instant now) override;
  void respond_after(const Service& service, Duration delay, Instant now);
  void respond(const Service& service, Instant now);
  void close_connection(std::uint32_t slot, Instant now);
  void abort_connection(std::uint32_t slot, Instant now);
  void forget(std::uint32_t slot);
  void drop_stale() const;

  std::optional<host::ListenerId> listener_;
  SlotPool<Connection> connections_;
  SocketMap slots_;
  HttpPages pages_;
  UserSessions sessions_;
  UserLog* users_;
  CpuQueue* cpus_;
  SlotPool<Work> works_;
  mutable TimerHeap<Service> services_;
  Duration accept_gap_{0};
  Instant next_accept_;
  bool accept_waits_ = false;   // the queue was not empty when it was last looked at
  host::SocketId adopted_ = 0;  // heard of during Sockets::accept(), before it returned
  bool accepting_ = false;      // inside Sockets::accept()
};

}  // namespace elblab::workload
