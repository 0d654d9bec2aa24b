// A CDN or WAF: a server that answers with what another one answers. It ends its clients' TCP and
// asks the destination (a balancer's listener, or another relay) over connections of its own, from
// addresses of its own, so that nobody behind it sees a client (STK-06, STK-09; facts about cookies
// and headers belong to layer 7).
//
// It speaks the protocol of workload/request_header.hpp on both sides. A request is read whole and
// checked, then sent on with the client's header but for how to close, which is each connection's
// own business. The answer is passed on as it comes; then the client's connection is closed as the
// header asks: by FIN, by RST once the answer is acknowledged, or not. Requests of one connection
// are answered in order, one at a time.
//
// What fails behind it fails in front: a destination that refuses, resets, finishes early, answers
// damaged or not within the timeout, and a host without a free port, end the client's connection
// with RST. A client that leaves ends its exchange.
//
// Memory is bounded: per client's connection one request and kMostPipelined behind it, as headers
// (of bodies and answers only the lengths are kept, by the pattern stream); `connections` requests
// under way and as many idle connections; `queue` requests that wait. What is beyond is refused
// with RST. An answer is taken as fast as it comes and lies, as a length, in the client's socket
// until that is ready for it: Sockets has no way of not reading. O(1) per event.
#pragma once

#include <array>
#include <optional>

#include "models/relay/upstream_connections.hpp"
#include "models/workload/ring_queue.hpp"
#include "models/workload/server.hpp"

namespace elblab::relay {

inline constexpr std::size_t kMostPipelined = 16;

// Totals since the start, of requests read whole: what ServerCounters::requests counts is
// relayed + failed + refused + abandoned + Relay::under_way().
struct RelayCounters {
  std::uint64_t relayed = 0;    // answered in full
  std::uint64_t failed = 0;     // no answer from behind; the client's connection was reset
  std::uint64_t refused = 0;    // too many at once
  std::uint64_t abandoned = 0;  // the client was gone, or spoke nonsense behind them
};

class Relay final : public workload::Server, private UpstreamUser {
 public:
  // `listener`: its port, backlog, and whether it is open; nothing else of it matters. `sockets`
  // must outlive the relay, and the relay its sockets. The stream draws egress addresses.
  Relay(const workload::ServerParameters& listener, const RelayParameters& parameters,
        host::Sockets& sockets, random::Stream stream);

  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  Instant next_deadline() const override;
  void advance(Instant now) override;
  bool listening() const override { return listener_.has_value(); }

  const RelayCounters& relay_counters() const { return relay_counters_; }
  const UpstreamCounters& upstream_counters() const { return upstream_.counters(); }
  std::uint32_t client_connections() const { return clients_.in_use(); }
  std::uint32_t upstream_connections() const { return upstream_.open(); }
  std::uint32_t egress_addresses_used() const { return egress_.used(); }
  std::uint64_t under_way() const;

 private:
  static constexpr std::uint32_t kNoExchange = UpstreamConnections::kNone;
  enum class Phase : std::uint8_t { reading, waiting, asking };
  struct Client {
    host::SocketId socket = 0;
    std::uint64_t received = 0;      // bytes of the client's stream
    std::uint64_t request_left = 0;  // body bytes still to come
    workload::RequestHeader incoming;
    std::array<std::uint8_t, workload::kRequestHeaderBytes> partial{};
    std::uint32_t partial_size = 0;
    Phase phase = Phase::reading;
    workload::RequestHeader request;  // that waits or is asked for
    workload::RingQueue<workload::RequestHeader> behind;
    std::uint32_t egress = 0;
    std::uint32_t exchange = kNoExchange;
    bool peer_finished = false;
    bool reset_when_sent = false;
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

  // UpstreamUser
  void answer_came(std::uint32_t asker, std::uint64_t bytes, Instant now) override;
  void answer_whole(std::uint32_t asker, Instant now) override;
  void answer_failed(std::uint32_t asker, Instant now) override;
  void upstream_moved() override { moved(); }

  std::uint32_t slot_of(host::SocketId socket);
  std::uint32_t adopt(host::SocketId socket);
  std::optional<std::size_t> take(Client& client, std::span<const std::uint8_t> bytes);
  std::optional<std::size_t> take_header(Client& client, std::span<const std::uint8_t> bytes);
  void request_read(std::uint32_t slot, Instant now);
  void begin(std::uint32_t slot, const workload::RequestHeader& request, Instant now);
  void choose_egress(Client& client);
  void ask(std::uint32_t slot, Instant now);
  void ask_waiting(Instant now);
  void drop_stale_waiting();
  void after_answer(std::uint32_t slot, Instant now);
  void refuse(std::uint32_t slot, Instant now);
  void fail(std::uint32_t slot, Instant now);
  void end_requests(std::uint32_t slot, std::uint64_t& counter, Instant now);
  void close_client(std::uint32_t slot, Instant now);
  void reset_client(std::uint32_t slot, Instant now);
  void forget(std::uint32_t slot);

  RelayParameters parameters_;
  EgressAddresses egress_;
  UpstreamConnections upstream_;
  std::optional<host::ListenerId> listener_;
  workload::SlotPool<Client> clients_;
  workload::SocketMap slots_;
  workload::RingQueue<workload::SlotRef> waiting_;  // in the order they came; may hold stale ones
  std::uint32_t waiting_now_ = 0;                   // that are not stale
  std::uint64_t behind_now_ = 0;                    // requests behind others of their connections
  mutable workload::DelayQueue waiting_timeouts_;
  RelayCounters relay_counters_;
  host::SocketId adopted_ = 0;  // heard of during Sockets::accept(), before it returned
  bool accepting_ = false;      // inside Sockets::accept()
};

}  // namespace elblab::relay
