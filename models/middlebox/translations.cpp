#include "models/middlebox/translations.hpp"

#include <utility>

#include "models/contract/require.hpp"
#include "models/forwarding/tcp_tracker.hpp"
#include "models/middlebox/tcp_phase.hpp"

namespace elblab::middlebox {

using forwarding::TimerWheel;
using telemetry::Reason;

Translations::Translations(const config::Nat& nat, const InsideNetworks& inside,
                           random::Stream stream, telemetry::ObjectId object,
                           telemetry::Recorder& recorder)
    : nat_(nat),
      inside_(inside),
      object_(object),
      recorder_(recorder),
      pools_(nat.ports, nat.order, stream.child("ports")),
      table_(stream.next()) {}

std::variant<SessionId, Reason> Translations::open(const net::FlowKey& flow, Side from,
                                                   Instant now) {
  if (table_.sessions() >= nat_.session_limit) return Reason::translation_table_full;
  Session session;
  session.protocol = flow.protocol;
  session.phase = flow.protocol == net::Protocol::tcp ? Phase::opening : Phase::datagrams;
  session.begun_by = from;
  session.opened_at = now;
  if (from == Side::inside) {
    session.inside = flow.source;
    session.remote = flow.destination;
    session.mapping = hold_mapping(flow, now);
    if (session.mapping == kNoTranslation) return Reason::translation_table_full;
  } else {
    const MappingId id = table_.find_mapping_of_outer(flow.protocol, flow.destination, {});
    if (id == kNoTranslation || table_.mapping(id).holding == 0) return Reason::no_connection;
    hold(id);
    session.inside = table_.mapping(id).inside;
    session.remote = flow.source;
    session.mapping = id;
  }
  const SessionId id = table_.add(session);
  ++counters_.sessions_opened;
  timers_.grow_to(std::size_t{id} + 1);
  arm(id, now);
  return id;
}

MappingId Translations::hold_mapping(const net::FlowKey& flow, Instant now) {
  const net::Endpoint destination =
      nat_.mapping == config::NatMapping::per_destination ? flow.destination : net::Endpoint();
  const MappingId id = table_.find_mapping_of_inside(flow.protocol, flow.source, destination);
  if (id == kNoTranslation) return make_mapping(flow, destination, now);
  return hold(id) ? id : kNoTranslation;
}

MappingId Translations::make_mapping(const net::FlowKey& flow, const net::Endpoint& destination,
                                     Instant now) {
  Mapping mapping;
  mapping.protocol = flow.protocol;
  mapping.inside = flow.source;
  mapping.destination = destination;
  mapping.outer.address = outer_address_of(flow.source.address);
  mapping.pool = pools_.open({flow.protocol, mapping.outer.address, destination});
  if (mapping.pool == PortPools::kNoPool) return kNoTranslation;
  const auto port = pools_.take(mapping.pool, flow.source.port);
  if (!port) return kNoTranslation;
  mapping.outer.port = *port;
  mapping.holding = 1;
  displace(table_.find_mapping_of_outer(flow.protocol, mapping.outer, destination), now);
  ++counters_.mappings_opened;
  return table_.add(mapping);
}

// Paired (RFC 4787 REQ-2): an inside address always has the same outer one, whatever else is full.
const net::IpAddress& Translations::outer_address_of(const net::IpAddress& inside) const {
  return nat_.addresses[inside_.number_of(inside) % nat_.addresses.size()];
}

bool Translations::hold(MappingId id) {
  Mapping& mapping = table_.mapping(id);
  if (mapping.holding == 0) {
    // Nobody else has it, or this mapping would be gone.
    const PortPools::PoolId pool =
        pools_.open({mapping.protocol, mapping.outer.address, mapping.destination});
    if (pool == PortPools::kNoPool || !pools_.take_this(pool, mapping.outer.port)) return false;
    mapping.pool = pool;
  }
  ++mapping.holding;
  return true;
}

void Translations::release(MappingId id) {
  Mapping& mapping = table_.mapping(id);
  ELBLAB_REQUIRE(mapping.holding > 0, "a port to let go of is held");
  if (--mapping.holding == 0) pools_.give_back(mapping.pool, mapping.outer.port);
}

void Translations::displace(MappingId id, Instant now) {
  if (id == kNoTranslation) return;
  ELBLAB_REQUIRE(table_.mapping(id).holding == 0, "only a mapping whose port is free makes way");
  for (SessionId each = table_.mapping(id).first; each != kNoTranslation;) {
    const SessionId next = table_[each].next;
    end(each, end_reason(table_[each]), now);
    each = next;
  }
}

bool Translations::pass(SessionId id, Side from, const net::PacketView& packet, Instant now) {
  Session& session = table_[id];
  if (session.protocol == net::Protocol::tcp) {
    const bool over = session.phase == Phase::over || session.phase == Phase::lingering;
    if (over && forwarding::opens_connection(packet) && !begin_anew(id, from, now)) return false;
  }
  session.last_active = static_cast<std::uint32_t>(TimerWheel::tick_at_or_after(now));
  (from == Side::inside ? session.bytes_out : session.bytes_in) += packet.payload().size();
  if (session.protocol != net::Protocol::tcp) return true;
  const Phase before = session.phase;
  follow(session, from, packet.tcp_flags());
  if (session.phase != before) note_phase(id, now);
  return true;
}

// The same two endpoints connect again: the mapping stays, with its port.
bool Translations::begin_anew(SessionId id, Side from, Instant now) {
  Session& session = table_[id];
  if (session.phase == Phase::lingering && !hold(session.mapping)) return false;
  record(id, end_reason(session), now);
  session.phase = Phase::opening;
  session.seen = 0;
  session.begun_by = from;
  session.opened_at = now;
  session.established_at = kNever;
  session.bytes_out = 0;
  session.bytes_in = 0;
  ++counters_.sessions_opened;
  timers_.disarm(id);
  arm(id, now);
  return true;
}

void Translations::note_phase(SessionId id, Instant now) {
  Session& session = table_[id];
  if (session.phase == Phase::established) session.established_at = now;
  if (session.phase == Phase::over && config::effective_quarantine(nat_).count() == 0) {
    session.phase = Phase::lingering;
    release(session.mapping);
  }
  timers_.disarm(id);
  arm(id, now);
}

Translations::Tick Translations::ticks_allowed(const Session& session) const {
  const auto ticks = [](Duration d) { return TimerWheel::tick_at_or_after(Instant(d)); };
  switch (session.phase) {
    case Phase::datagrams:
      return ticks(session.protocol == net::Protocol::udp ? nat_.timeouts.udp : nat_.timeouts.icmp);
    case Phase::established:
      return ticks(nat_.timeouts.tcp_established);
    case Phase::over:
      return ticks(config::effective_quarantine(nat_));
    case Phase::opening:
    case Phase::closing:
    case Phase::lingering:
      break;
  }
  return ticks(nat_.timeouts.tcp_transitory);
}

void Translations::arm(SessionId id, Instant now) {
  timers_.arm(id, TimerWheel::tick_at_or_after(now) + ticks_allowed(table_[id]));
}

void Translations::advance(Instant now) {
  // Ticks that have begun: rounding up would end a session early.
  const Tick tick = now.time_since_epoch() / TimerWheel::kTick;
  for (SessionId id = timers_.pop_due(tick); id != kNoTranslation; id = timers_.pop_due(tick)) {
    expire(id, now);
  }
}

void Translations::expire(SessionId id, Instant now) {
  Session& session = table_[id];
  const auto unused = static_cast<std::int32_t>(static_cast<std::uint32_t>(timers_.current()) -
                                                session.last_active);
  Tick left = ticks_allowed(session) - unused;
  if (left <= 0 && session.phase == Phase::over) {
    session.phase = Phase::lingering;
    release(session.mapping);
    left = ticks_allowed(session) - unused;
  }
  if (left > 0) return timers_.arm(id, timers_.current() + left);
  remove(id, end_reason(session), now);
}

void Translations::finish(Instant now) {
  for (SessionId id = 0; id < table_.highest(); ++id) {
    if (!table_.in_use(id)) continue;
    const Phase phase = table_[id].phase;
    const bool over = phase == Phase::over || phase == Phase::lingering;
    end(id, over ? end_reason(table_[id]) : Reason::run_ended, now);
  }
}

void Translations::end(SessionId id, Reason reason, Instant now) {
  timers_.disarm(id);
  remove(id, reason, now);
}

void Translations::remove(SessionId id, Reason reason, Instant now) {
  record(id, reason, now);
  const Session& session = table_[id];
  if (session.phase != Phase::lingering) release(session.mapping);
  table_.remove(id);
}

void Translations::record(SessionId id, Reason reason, Instant now) {
  const Session& session = table_[id];
  const net::Endpoint& outer = table_.mapping_of(id).outer;
  telemetry::ConnectionRecord record;
  record.object = object_;
  record.role = telemetry::ConnectionRole::translation;
  record.reason = reason;
  if (session.begun_by == Side::inside) {
    record.flow = {session.inside, session.remote, session.protocol};
    record.translated = {outer, session.remote, session.protocol};
    record.bytes_sent = session.bytes_out;
    record.bytes_received = session.bytes_in;
  } else {
    record.flow = {session.remote, outer, session.protocol};
    record.translated = {session.remote, session.inside, session.protocol};
    record.bytes_sent = session.bytes_in;
    record.bytes_received = session.bytes_out;
  }
  record.opened_at = session.opened_at;
  record.established_at = session.established_at;
  record.closed_at = now;
  ++counters_.sessions_closed;
  recorder_.record(record);
}

}  // namespace elblab::middlebox
