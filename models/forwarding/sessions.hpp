// The life of bindings: opened for a first packet, kept alive by packets, ended by the phase
// timeouts of TCP, the idle timeout (TO-01..06, OPEN-06) or a successor.
//
// Timers are lazy: a packet only notes the time; when a timer fires, the binding is looked at and
// armed anew if it was used meanwhile. A change of TCP phase arms at once.
#pragma once

#include <optional>
#include <variant>

#include "models/forwarding/connection_table.hpp"
#include "models/forwarding/decision_teller.hpp"
#include "models/forwarding/flow_steering.hpp"
#include "models/forwarding/ledger.hpp"
#include "models/forwarding/timer_wheel.hpp"

namespace elblab::forwarding {

class Sessions {
 public:
  // All must outlive the sessions.
  struct Parts {
    const ListenerTable& listeners;
    ServerDirectory& servers;
    SourcePools& sources;
    Ledger& ledger;
    unsigned node = 0;                       // which one of the balancer this is
    const FlowSteering* steering = nullptr;  // nullptr: the only one
    DecisionTeller* decisions = nullptr;     // nullptr: nobody wants to know
  };
  Sessions(const config::LoadBalancer& balancer, const AddressBook& book, std::uint64_t hash_seed,
           Parts parts);

  ConnectionTable& table() { return table_; }
  const ConnectionTable& table() const { return table_; }

  // Opens a binding for the first packet of a flow (already checked to be one) and counts it in.
  // Gives its number, or why there is none: table_full, no_server, no_source_port.
  std::variant<ConnectionId, telemetry::Reason> open(std::uint16_t listener,
                                                     const net::PacketView& packet,
                                                     const net::FlowKey& flow, Instant now);
  // A packet of a binding passes.
  void pass(ConnectionId id, Side side, const net::PacketView& packet, Instant now);
  // Ends a binding and records it.
  void end(ConnectionId id, telemetry::Reason reason, Instant now);

  // The next binding whose time is over at `now`, its timer disarmed: the caller must end it with
  // end_expired(). kNoConnection when there is none left.
  ConnectionId next_expired(Instant now);
  void end_expired(ConnectionId id, telemetry::Reason reason, Instant now);
  Instant next_deadline() const { return timers_.next_deadline(); }

  // The listeners' idle timeouts have changed: they hold for open bindings too. O(bindings).
  void rearm_idle(Instant now);

  void finish(Instant now);
  void reserve(std::size_t connections);
  SessionGauges gauges() const;
  std::size_t memory_bytes() const { return table_.memory_bytes() + timers_.memory_bytes(); }

 private:
  using Tick = TimerWheel::Tick;

  Connection filled(std::uint16_t listener, std::uint16_t server, const net::PacketView& packet,
                    const net::FlowKey& flow) const;
  // conflict: remap. Gives a binding whose return path another has a source port of its own; false
  // when every draw met another one.
  bool remap_on_conflict(Connection& connection, Instant now);
  // Whether flows of this endpoint come to this node.
  bool is_met_here(const net::Endpoint& client, std::uint16_t virtual_port) const;
  std::uint32_t pool_of(const Connection& connection) const;
  bool lives(ConnectionId id) const {
    return id != kNoConnection && table_[id].state != BindingState::closed;
  }
  void start(ConnectionId id, const net::FlowKey& flow, Instant now);
  // Tells what stickiness had to do with the choice that was just made; why it was made, where it
  // was neither load nor turn nor hash.
  telemetry::Reason tell_choice(std::uint16_t group, const net::FlowKey& flow, Instant now);
  // Of the binding that was opened and shadows another: where it stands then.
  ConnectionId shadow(const ConnectionTable::Opened& opened, Instant now);
  void count_payload(ConnectionId id, Side side, std::size_t bytes);
  void note_phase(ConnectionId id, BindingState before, Instant now);
  Tick ticks_allowed(const Connection& connection) const;
  std::uint64_t& gauge_of(BindingState state);
  void remove(ConnectionId id, telemetry::Reason reason, Instant now);
  telemetry::ConnectionRecord record_of(ConnectionId id, telemetry::Reason reason, Instant now);

  Parts parts_;
  config::TcpPhaseTimeouts tcp_timeouts_;
  config::ConflictPolicy conflict_;
  std::uint64_t hash_seed_;
  ConnectionTable table_;
  TimerWheel timers_;
  SessionGauges gauges_;
};

}  // namespace elblab::forwarding
