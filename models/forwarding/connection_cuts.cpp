#include "models/forwarding/connection_cuts.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

void ConnectionCuts::keep_of_server(std::uint16_t server) {
  std::erase_if(departures_, [&](const Departure& each) { return each.server == server; });
}

void ConnectionCuts::advance(Instant now, network::NodeOutput& out) {
  if (!departures_.empty()) cut_departed(now, out);
  if (sticky_ends_.next_deadline() <= now) cut_where_stickiness_is_over(now, out);
}

void ConnectionCuts::cut_departed(Instant now, network::NodeOutput& out) {
  ConnectionTable& table = sessions_.table();
  for (const Departure& each : departures_) {
    if (each.at > now) continue;
    table.for_each([&](ConnectionId id) {
      if (table[id].server == each.server) cut(id, each.reason, now, out);
    });
  }
  std::erase_if(departures_, [&](const Departure& each) { return each.at <= now; });
}

void ConnectionCuts::cut(ConnectionId id, Reason reason, Instant now, network::NodeOutput& out) {
  const ConnectionTable& table = sessions_.table();
  const Connection& connection = table[id];
  const BindingState state = connection.state;
  if (state == BindingState::closed) return;
  if (state != BindingState::udp && state != BindingState::syn_sent) {
    ledger_.originate_to_client(resets_.to_client(table, connection), out);
    ledger_.originate(resets_.to_server(table, connection), out);
  }
  sessions_.end(id, reason, now);
}

void ConnectionCuts::watch_stickiness(ConnectionId id, Instant now) {
  const ConnectionTable& table = sessions_.table();
  const Connection& connection = table[id];
  const auto binding = servers_.binding(listeners_[connection.listener].group,
                                        table.client(connection).address, now);
  if (!binding) return;
  if (sticky_ends_.has_many_over(sessions_.gauges().all())) {
    sticky_ends_.forget_over([&](const StickyEnds::Watched& each) {
      const ConnectionId of = table.find_if_open(each.number);
      return of != kNoConnection && table.detail(table[of]).opened_at.instant() == each.opened_at;
    });
  }
  sticky_ends_.watch(
      {binding->ends, table.detail(connection).opened_at.instant(), connection.number});
}

void ConnectionCuts::cut_where_stickiness_is_over(Instant now, network::NodeOutput& out) {
  const ConnectionTable& table = sessions_.table();
  while (auto due = sticky_ends_.take_due(now)) {
    const ConnectionId id = table.find_if_open(due->number);
    if (id == kNoConnection) continue;
    const Connection& connection = table[id];
    if (table.detail(connection).opened_at.instant() != due->opened_at) continue;
    const std::uint16_t group = listeners_[connection.listener].group;
    if (!servers_.cuts_when_over(group)) continue;  // switched off meanwhile
    const auto binding = servers_.binding(group, table.client(connection).address, now);
    if (binding && !binding->over) {
      due->at = binding->ends;
      sticky_ends_.watch(*due);
    } else {
      cut(id, Reason::stickiness_over, now, out);
    }
  }
}

}  // namespace elblab::forwarding
