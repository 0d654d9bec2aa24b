// One connection per request: SHORT(r) of the scenario catalogue (scenarios.md 0.2).
//
// Open loop (connections == 0): a request is wanted at every arrival, whatever became of those
// before. Closed loop (connections > 0): so many users, each of whom waits for the end of a
// request, then think_time, then makes the next; after a failure a user pauses kFailurePause at
// least. Users have sessions (user_sessions.hpp) unless they do without; those who roam connect
// from the address that is theirs at the moment.
//
// A request is answered when response_bytes of the right pattern arrived (response_bytes 0: when
// the request is acknowledged). Then, with closes = client, the client waits `hold` and sends FIN
// or RST; with closes = server it waits for the server's end and closes too. request_timeout runs
// per attempt; what it meets unanswered is aborted. An attempt that failed is repeated at once up
// to `retries` times; one refused by the own host is not, as the same instant gives the same
// answer. After `end` no request begins; those under way are brought to their end.
#pragma once

#include "models/random/stream.hpp"
#include "models/workload/arrivals.hpp"
#include "models/workload/client.hpp"
#include "models/workload/delay_queue.hpp"
#include "models/workload/slot_pool.hpp"
#include "models/workload/socket_map.hpp"

namespace elblab::workload {

class ShortConnections final : public Client {
 public:
  // `sockets` must outlive the client, and the client its sockets.
  ShortConnections(const ClientParameters& parameters, host::Sockets& sockets,
                   net::IpAddress source, random::Stream stream);

  void start(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;

 private:
  enum class Phase : std::uint8_t {
    thinking,    // a user between requests: no socket
    connecting,  // SYN sent
    awaiting_answer,
    holding,         // answered; this side closes when `hold` is over
    awaiting_close,  // answered; the server closes first
  };
  struct Request {
    host::SocketId socket = 0;
    Instant wanted_at;
    std::uint64_t received = 0;  // response bytes
    std::uint32_t attempts = 0;
    std::uint8_t session_step = 0;  // of a user: see RequestHeader
    Phase phase = Phase::thinking;
  };

  // SocketApplication
  void on_connected(host::SocketId socket, Instant now) override;
  void on_received(host::SocketId socket, std::span<const std::uint8_t> bytes,
                   Instant now) override;
  void on_peer_finished(host::SocketId socket, Instant now) override;
  void on_sent_all(host::SocketId socket, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  RequestHeader header_of(std::uint32_t slot);
  net::Endpoint source(Instant now) const;
  bool closed_loop() const { return parameters().connections > 0; }
  void begin_users(Instant now);
  void begin_request(std::uint32_t slot, Instant now);
  void attempt(std::uint32_t slot, Instant now);
  void attempt_failed(std::uint32_t slot, host::SocketError error, Instant now);
  void answered(std::uint32_t slot, Instant now);
  void timed_out(std::uint32_t slot, Instant now);
  void close_connection(std::uint32_t slot, Instant now);
  void abort_connection(std::uint32_t slot, Instant now);
  void forget_socket(std::uint32_t slot);
  void end_request(std::uint32_t slot, bool failed, Instant now);

  ArrivalProcess arrivals_;
  SlotPool<Request> requests_;
  SocketMap slots_;
  // Asking for a deadline drops stale timers from their fronts, which changes nothing seen outside.
  mutable DelayQueue timeouts_;
  mutable DelayQueue holds_;
  mutable DelayQueue thinking_;
  mutable DelayQueue pausing_;
  Instant began_ = kStart;
  Instant users_begin_ = kNever;
};

}  // namespace elblab::workload
