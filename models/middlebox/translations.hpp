// The life of what a NAT box remembers: sessions opened by a first packet, kept alive by packets of
// either side, followed through TCP, ended by their timeout or by whoever gets their port.
//
// A mapping's port is held while a session under it is alive, or over and in quarantine. After that
// the port is free, but the session lingers until the transitory timeout, so that the last ACK of a
// close still passes: unless a new mapping gets the port first, which ends it.
//
// Timers are lazy, as a balancer's: a packet only notes the time; when a timer fires, the session
// is looked at and armed anew if it was used meanwhile. They fire at most 1 ms late, never early.
//
// O(1) per call, but that a mapping that makes way takes its lingering sessions along: each once.
// Memory is bounded by the session limit and the pools'. One ConnectionRecord (role translation)
// per session when it ends: its client is who sent the first packet, and `closed_at` is when it is
// forgotten, quarantine included. Sequence numbers are not followed: retransmissions are not
// counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "models/config/nat.hpp"
#include "models/forwarding/timer_wheel.hpp"
#include "models/middlebox/inside_networks.hpp"
#include "models/middlebox/port_pools.hpp"
#include "models/middlebox/translation_table.hpp"
#include "models/net/packet_view.hpp"
#include "models/random/stream.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::middlebox {

struct TranslationCounters {
  std::uint64_t sessions_opened = 0;
  std::uint64_t sessions_closed = 0;
  std::uint64_t mappings_opened = 0;
};

class Translations {
 public:
  // inside and recorder must outlive them. object: as what it records.
  Translations(const config::Nat& nat, const InsideNetworks& inside, random::Stream stream,
               telemetry::ObjectId object, telemetry::Recorder& recorder);
  Translations(const Translations&) = delete;
  Translations& operator=(const Translations&) = delete;

  // inside -> remote, or remote -> outer; kNoTranslation: none.
  SessionId find(const net::FlowKey& flow, Side from) const {
    return from == Side::inside ? table_.find_from_inside(flow) : table_.find_from_outside(flow);
  }
  const Session& session(SessionId id) const { return table_[id]; }
  const net::Endpoint& inside(SessionId id) const { return table_[id].inside; }
  const net::Endpoint& outer(SessionId id) const { return table_.mapping_of(id).outer; }

  // A session for the first packet of a flow, which the caller has found to be none that is known
  // and one that may begin something. From outside: translation of an outer endpoint that is held.
  // Or why there is none: translation_table_full, no_connection.
  std::variant<SessionId, telemetry::Reason> open(const net::FlowKey& flow, Side from, Instant now);
  // A packet passes, its first included. False: it begins a session anew that is over, and there is
  // no room for its port (translation_table_full).
  bool pass(SessionId id, Side from, const net::PacketView& packet, Instant now);

  Instant next_deadline() const { return timers_.next_deadline(); }
  void advance(Instant now);
  // Ends and records everything; what is not over with Reason::run_ended.
  void finish(Instant now);

  const TranslationCounters& counters() const { return counters_; }
  std::size_t sessions() const { return table_.sessions(); }
  std::size_t mappings() const { return table_.mappings(); }
  const PortPools& pools() const { return pools_; }

 private:
  using Tick = forwarding::TimerWheel::Tick;

  // The mapping to use for a flow from inside, its port held once more; kNoTranslation: none is
  // free.
  MappingId hold_mapping(const net::FlowKey& flow, Instant now);
  MappingId make_mapping(const net::FlowKey& flow, const net::Endpoint& destination, Instant now);
  const net::IpAddress& outer_address_of(const net::IpAddress& inside) const;
  // One session more, or fewer, keeps the mapping's port. hold: false when there is no pool for it.
  bool hold(MappingId id);
  void release(MappingId id);
  // Ends the sessions of a mapping whose port is free.
  void displace(MappingId id, Instant now);

  bool begin_anew(SessionId id, Side from, Instant now);
  void note_phase(SessionId id, Instant now);
  void expire(SessionId id, Instant now);
  Tick ticks_allowed(const Session& session) const;
  void arm(SessionId id, Instant now);
  void end(SessionId id, telemetry::Reason reason, Instant now);
  void remove(SessionId id, telemetry::Reason reason, Instant now);
  void record(SessionId id, telemetry::Reason reason, Instant now);

  config::Nat nat_;
  const InsideNetworks& inside_;
  telemetry::ObjectId object_;
  telemetry::Recorder& recorder_;
  PortPools pools_;
  TranslationTable table_;
  forwarding::TimerWheel timers_;
  TranslationCounters counters_;
};

}  // namespace elblab::middlebox
