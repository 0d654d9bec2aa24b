// QUIC connections that stay open, with requests spread over them in turn, whose client may change
// its address while they last: with address_change each goes on from the next of its addresses
// after that long, on a new socket, with the connection ID that it has - as behind a NAT box that
// has forgotten it (RFC 9000 section 9), so that only the ID tells whose its datagrams are.
//
// As much of QUIC as quic_packet.hpp has: an Initial, sent again after 1 s, 2 s, 4 s ... as often
// as kInitials, the server's answer, then requests, each one packet. A connection moves when a
// request is due and its time is up. A request that is not answered within request_timeout has
// failed, and so have all others of its connection, which is given up; likewise when the server
// resets it. It is opened again for the next request, from where it last was. Failed requests are
// sent again up to `retries` times. Response times count from the first attempt.
#pragma once

#include <array>
#include <vector>

#include "models/random/stream.hpp"
#include "models/workload/arrivals.hpp"
#include "models/workload/client.hpp"
#include "models/workload/quic_packet.hpp"
#include "models/workload/ring_queue.hpp"
#include "models/workload/socket_map.hpp"
#include "models/workload/timer_heap.hpp"

namespace elblab::workload {

class QuicConnections final : public Client {
 public:
  static constexpr unsigned kInitials = 6;

  // source: where its connections come from unless parameters name addresses. `sockets` must
  // outlive the client, and the client its sockets.
  QuicConnections(const ClientParameters& parameters, host::Sockets& sockets, net::IpAddress source,
                  random::Stream stream);

  void start(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;

  std::uint64_t moves() const { return moves_; }
  std::uint32_t established() const;

 private:
  enum class Phase : std::uint8_t { closed, connecting, open };
  using Index = std::uint32_t;  // of a connection
  struct Connection {
    host::SocketId socket = 0;
    std::size_t address = 0;  // of those it may come from
    Phase phase = Phase::closed;
    quic::ConnectionId own;
    quic::ConnectionId peer;  // until the server has answered, one that the client chose
    quic::ResetToken token{};
    std::uint32_t packets = 0;   // sent
    unsigned initials = 0;       // likewise
    std::uint32_t openings = 0;  // tells its timers from those of earlier ones
    Instant moves_at = kNever;
  };
  struct Request {
    Instant wanted_at;
    Instant sent_at;
    Index connection = 0;
    std::uint32_t attempts = 0;
    bool sent = false;  // false: waits for its connection
    bool done = false;
  };
  struct InitialTimer {
    Index connection = 0;
    std::uint32_t opening = 0;
  };

  // SocketApplication
  void on_datagram(host::SocketId socket, const net::Endpoint& from,
                   std::span<const std::uint8_t> bytes, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  void open_all(Instant now);
  void open(Index index, Instant now);
  host::SocketError open_socket(Index index, Instant now);
  void close_socket(Index index, Instant now);
  void send_initial(Index index, Instant now);
  void initial_unanswered(const InitialTimer& timer, Instant now);
  void accepted(Index index, std::span<const std::uint8_t> bytes, Instant now);
  void move_when_due(Index index, Instant now);
  void attempt(Instant wanted_at, std::uint32_t attempts, Instant now);
  void transmit(std::uint32_t number, Instant now);
  void take_answer(Index index, std::span<const std::uint8_t> payload, Instant now);
  // Gives a connection up: its requests have failed.
  void lose(Index index, host::SocketError error, Instant now);
  void fail(Request& request, host::SocketError error, Instant now);
  Request* find(std::uint32_t number);
  void drop_done() const;
  quic::ConnectionId drawn_id();

  ArrivalProcess arrivals_;
  random::Stream stream_;
  std::vector<net::IpAddress> addresses_;
  std::vector<Connection> connections_;
  Index next_ = 0;
  SocketMap indices_;
  TimerHeap<InitialTimer> initial_timers_;
  // By number, which counts up, and so by sent_at. Asking for a deadline drops ended ones in front.
  mutable RingQueue<Request> requests_;
  mutable std::uint32_t first_number_ = 0;
  Instant begin_ = kNever;  // kNever once done
  std::uint64_t moves_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace elblab::workload
