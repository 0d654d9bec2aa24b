// Request and reply over UDP: UDP(r) of the scenario catalogue (scenarios.md 0.2).
//
// Each request goes out on a socket of its own with a new ephemeral port, or on fixed ones: with
// source_port on one bound to that port, with connections > 0 on so many in turn (flows that a
// balancer sees again and again). Sockets are connected, so that an ICMP port unreachable is heard.
// A request without its reply request_timeout after it was sent has failed; it is sent again up to
// `retries` times. The response time counts from the first attempt.
#pragma once

#include <vector>

#include "models/random/stream.hpp"
#include "models/workload/arrivals.hpp"
#include "models/workload/client.hpp"
#include "models/workload/ring_queue.hpp"
#include "models/workload/slot_pool.hpp"
#include "models/workload/socket_map.hpp"

namespace elblab::workload {

class Datagrams final : public Client {
 public:
  // `sockets` must outlive the client, and the client its sockets.
  Datagrams(const ClientParameters& parameters, host::Sockets& sockets, net::IpAddress source,
            random::Stream stream);

  void start(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;

 private:
  struct Flow {
    host::SocketId socket = 0;
    std::uint32_t request = 0;  // the number it was opened for, where it serves one request only
  };
  struct Request {
    Instant wanted_at;
    Instant sent_at;
    std::uint32_t flow = 0;
    std::uint32_t attempts = 0;
    bool done = false;
  };

  // SocketApplication
  void on_datagram(host::SocketId socket, const net::Endpoint& from,
                   std::span<const std::uint8_t> bytes, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  bool fixed_flows() const { return fixed_count_ > 0; }
  void attempt(Instant wanted_at, std::uint32_t attempts, Instant now);
  std::uint32_t choose_flow();
  host::SocketError open(std::uint32_t flow, Instant now);
  host::SocketError transmit(std::uint32_t flow, const RequestHeader& header, Instant now);
  Request* find(std::uint32_t number);
  void attempt_failed(Request& request, host::SocketError error, Instant now);
  void leave_flow(std::uint32_t flow, Instant now);
  void drop_done() const;
  std::size_t reply_size() const;

  ArrivalProcess arrivals_;
  std::uint32_t fixed_count_;
  std::uint32_t next_fixed_ = 0;
  SlotPool<Flow> flows_;  // the fixed ones first, for the whole run
  SocketMap slots_;
  // By number, which counts up, and so by sent_at. Asking for a deadline drops ended ones in front.
  mutable RingQueue<Request> requests_;
  mutable std::uint32_t first_number_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace elblab::workload
