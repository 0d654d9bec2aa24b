// Connections that stay open, with requests spread over them: LONG(n) of the scenario catalogue
// (scenarios.md 0.2).
//
//   rate_per_second > 0                  open loop: arrivals go to the connection idle longest;
//   while
//                                        none is idle they queue
//   rate_per_second == 0, think_time > 0  each connection asks, waits think_time after the answer,
//                                        asks again
//   both 0                               the connections are opened and stay idle
//
// A response time counts from when the request was wanted, time in the queue included. Who is not
// answered request_timeout after that gives up: the connection is aborted, as nobody can tell the
// late answer from the next. A connection that is lost is opened again at once, one that could not
// be opened after kFailurePause. A request whose connection was lost is sent again up to `retries`
// times. At `end` the connections are closed (close_with), busy ones after their answer.
#pragma once

#include "models/random/stream.hpp"
#include "models/workload/arrivals.hpp"
#include "models/workload/client.hpp"
#include "models/workload/delay_queue.hpp"
#include "models/workload/slot_pool.hpp"
#include "models/workload/socket_map.hpp"

namespace elblab::workload {

class PersistentConnections final : public Client {
 public:
  // `sockets` must outlive the client, and the client its sockets.
  PersistentConnections(const ClientParameters& parameters, host::Sockets& sockets,
                        net::IpAddress source, random::Stream stream);

  void start(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;
  std::uint32_t established() const { return established_; }

 private:
  enum class Phase : std::uint8_t { pausing, connecting, idle, thinking, busy };
  struct Request {
    Instant wanted_at;
    Instant queued_at;  // of this attempt
    std::uint32_t attempts = 0;
  };
  struct Connection {
    host::SocketId socket = 0;
    std::uint64_t sent = 0;        // bytes of this side's stream
    std::uint64_t received = 0;    // bytes of the server's stream
    std::uint64_t answer_end = 0;  // where in it the current answer ends
    Request request;               // while busy
    Phase phase = Phase::pausing;
  };

  // SocketApplication
  void on_connected(host::SocketId socket, Instant now) override;
  void on_received(host::SocketId socket, std::span<const std::uint8_t> bytes,
                   Instant now) override;
  void on_peer_finished(host::SocketId socket, Instant now) override;
  void on_sent_all(host::SocketId socket, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  void open_all(Instant now);
  void end_all(Instant now);
  void open(std::uint32_t slot, Instant now);
  void became_idle(std::uint32_t slot, Instant now);
  void want_request(const Request& request, Instant now);
  bool take_idle(std::uint32_t& slot);
  void ask(std::uint32_t slot, const Request& request, Instant now);
  void answered(std::uint32_t slot, Instant now);
  void lose(std::uint32_t slot, host::SocketError error, Instant now);
  void request_failed(Request request, host::SocketError error, Instant now);
  void expire_queued(Instant now);
  void close_connection(std::uint32_t slot, Instant now);
  void abort_socket(std::uint32_t slot, Instant now);
  void forget_socket(std::uint32_t slot);
  bool established_phase(Phase phase) const { return phase >= Phase::idle; }
  void set_phase(std::uint32_t slot, Phase phase);

  ArrivalProcess arrivals_;
  SlotPool<Connection> connections_;
  SocketMap slots_;
  RingQueue<SlotRef> idle_;     // idle longest first; stale entries are passed over
  RingQueue<Request> waiting_;  // in order of queued_at
  mutable DelayQueue connect_timeouts_;
  mutable DelayQueue timeouts_;
  mutable DelayQueue thinking_;
  mutable DelayQueue pausing_;
  Instant begin_ = kNever;  // kNever once done
  Instant end_ = kNever;
  std::uint32_t established_ = 0;
  bool ended_ = false;
};

}  // namespace elblab::workload
