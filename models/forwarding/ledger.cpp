#include "models/forwarding/ledger.hpp"

namespace elblab::forwarding {

using telemetry::Event;
using telemetry::EventKind;
using telemetry::Reason;

void Ledger::dropped(Reason reason, const net::FlowKey& flow, Instant now) {
  ++counters.dropped[static_cast<std::size_t>(reason)];
  recorder_.record(Event{now, EventKind::packet_dropped, reason, object_, 0, flow, 0});
}

void Ledger::decided(const net::FlowKey& client_flow, telemetry::ObjectId server,
                     std::int64_t index, Instant now, Reason why) {
  ++counters.sessions_opened;
  recorder_.record(
      Event{now, EventKind::scheduler_decision, why, object_, server, client_flow, index});
}

void Ledger::stickiness_broken(Reason why, const net::FlowKey& client_flow,
                               telemetry::ObjectId server, Instant now) {
  recorder_.record(Event{now, EventKind::stickiness_broken, why, object_, server, client_flow, 0});
}

void Ledger::conflicted(const net::FlowKey& server_flow, telemetry::ObjectId server, Instant now) {
  ++counters.five_tuple_conflicts;
  recorder_.record(
      Event{now, EventKind::five_tuple_conflict, Reason::none, object_, server, server_flow, 0});
}

void Ledger::remapped(const net::FlowKey& server_flow, telemetry::ObjectId server,
                      std::uint16_t port, Instant now) {
  ++counters.source_ports_remapped;
  recorder_.record(Event{now, EventKind::source_port_remapped, Reason::none, object_, server,
                         server_flow, port});
}

void Ledger::ended(telemetry::ConnectionRecord record) {
  ++counters.sessions_closed;
  if (record.reason == Reason::idle_timeout) ++counters.idle_timeouts;
  record.object = object_;
  record.role = telemetry::ConnectionRole::session;
  recorder_.record(record);
}

}  // namespace elblab::forwarding
