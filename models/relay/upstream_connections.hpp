// The connections of a relay to its destination: one request at a time on each, and idle ones kept
// for the next, by the address they come from.
//
// Of the idle ones of an address the one idle longest is taken. A request on a connection that was
// idle and turns out to be gone before anything of the answer came is sent once more, on a new one:
// its end and the request crossed (RFC 9112 9.3.1). Every other end before the answer is whole is
// a failure. The answer is the pattern stream of the destination's direction; what is not ends the
// connection. Bytes are counted, none are stored.
#pragma once

#include <cstdint>
#include <vector>

#include "models/host/sockets.hpp"
#include "models/relay/egress_addresses.hpp"
#include "models/relay/relay_parameters.hpp"
#include "models/workload/delay_queue.hpp"
#include "models/workload/request_header.hpp"
#include "models/workload/socket_map.hpp"

namespace elblab::relay {

// Who asks. `asker`: as it was given to ask().
class UpstreamUser {
 public:
  virtual ~UpstreamUser() = default;
  // Something of the answer came. It may give up.
  virtual void answer_came(std::uint32_t asker, std::uint64_t bytes, Instant now) = 0;
  virtual void answer_whole(std::uint32_t asker, Instant now) = 0;
  virtual void answer_failed(std::uint32_t asker, Instant now) = 0;
  // A deadline of the connections may have moved.
  virtual void upstream_moved() = 0;
};

struct UpstreamCounters {
  std::uint64_t opened = 0;           // connections that the destination accepted
  std::uint64_t reused = 0;           // requests sent on a connection that was idle
  std::uint64_t repeated = 0;         // requests sent once more
  std::uint64_t damaged_answers = 0;  // bytes that are not what was asked for; failures too
};

class UpstreamConnections final : private host::SocketEvents {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // All must outlive this, and this its sockets.
  UpstreamConnections(const RelayParameters& parameters, host::Sockets& sockets,
                      EgressAddresses& egress, UpstreamUser& user);

  // Whether as many requests are on their way as may be.
  bool full() const { return busy_ >= parameters_.connections; }
  // Sends a request; its answer comes to the user. kNone: there is no connection to be had (all
  // ports of this address are taken); the user hears nothing more. Precondition: not full.
  std::uint32_t ask(std::uint32_t asker, const workload::RequestHeader& request,
                    std::uint32_t egress, Instant now);
  // Nobody waits for the answer any more.
  void give_up(std::uint32_t exchange, Instant now);

  Instant next_deadline() const;
  void advance(Instant now);

  std::uint32_t open() const { return connections_.in_use(); }  // connecting and idle ones too
  std::uint32_t busy() const { return busy_; }
  const UpstreamCounters& counters() const { return counters_; }

 private:
  enum class Phase : std::uint8_t { connecting, busy, idle };
  struct Connection {
    host::SocketId socket = 0;
    std::uint32_t asker = 0;
    std::uint32_t egress = 0;
    workload::RequestHeader request;
    std::uint64_t sent = 0;        // bytes of this side's stream
    std::uint64_t received = 0;    // bytes of the destination's stream
    std::uint64_t answer_end = 0;  // where in it the current answer ends
    Phase phase = Phase::connecting;
    bool was_idle = false;
  };

  void connected(host::SocketId socket, Instant now) override;
  void received(host::SocketId socket, std::span<const std::uint8_t> bytes, Instant now) override;
  void peer_finished(host::SocketId socket, Instant now) override;
  void sent_all(host::SocketId socket, Instant now) override;
  void closed(host::SocketId socket, host::SocketError error, Instant now) override;

  bool connect(std::uint32_t slot, Instant now);
  bool take_idle(std::uint32_t egress, std::uint32_t& slot);
  void drop_stale(std::uint32_t egress);
  bool send(std::uint32_t slot, Instant now);
  void whole(std::uint32_t slot, Instant now);
  void lost(std::uint32_t slot, Instant now);
  void fail(std::uint32_t slot, Instant now);
  void abort_socket(std::uint32_t slot, Instant now);
  void forget_socket(std::uint32_t slot);
  void release(std::uint32_t slot);

  const RelayParameters& parameters_;
  host::Sockets& sockets_;
  EgressAddresses& egress_;
  UpstreamUser& user_;
  workload::SlotPool<Connection> connections_;
  workload::SocketMap slots_;
  std::vector<workload::RingQueue<workload::SlotRef>> idle_;  // by egress address, longest first
  std::uint32_t busy_ = 0;
  mutable workload::DelayQueue timeouts_;
  mutable workload::DelayQueue idle_timeouts_;
  UpstreamCounters counters_;
};

}  // namespace elblab::relay
