// The open connections that a node ends before their time: those of servers that have left their
// group (LIFE-11, LIFE-12) or were found unhealthy where that cuts (OPEN-14), and those whose
// client's stickiness is over where that cuts (CON-04).
//
// Both sides of a TCP connection that the server has answered get a RST (OPEN-32). A handshake that
// it has not answered is forgotten: the client's next SYN goes to another server. What is closed
// goes away by itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/forwarding/ledger.hpp"
#include "models/forwarding/listener_table.hpp"
#include "models/forwarding/resets.hpp"
#include "models/forwarding/server_directory.hpp"
#include "models/forwarding/sessions.hpp"
#include "models/forwarding/sticky_ends.hpp"
#include "models/network/node.hpp"
#include "models/time/instant.hpp"

namespace elblab::forwarding {

class ConnectionCuts {
 public:
  // All must outlive this.
  ConnectionCuts(const ListenerTable& listeners, const ServerDirectory& servers, Sessions& sessions,
                 Ledger& ledger)
      : listeners_(listeners), servers_(servers), sessions_(sessions), ledger_(ledger) {}

  // The connections of this server are cut at that time, unless it is back by then.
  void cut_of_server(std::uint16_t server, telemetry::Reason reason, Instant at) {
    departures_.push_back({at, server, reason});
  }
  void keep_of_server(std::uint16_t server);

  // A connection was opened of a group whose stickiness cuts.
  void watch_stickiness(ConnectionId id, Instant now);
  // Durations of stickiness may have changed.
  void look_again(Instant now) { sticky_ends_.look_again(now); }

  Instant next_deadline() const {
    Instant earliest = sticky_ends_.next_deadline();
    for (const Departure& each : departures_) earliest = std::min(earliest, each.at);
    return earliest;
  }
  // What is due, in the order in which it was asked for.
  void advance(Instant now, network::NodeOutput& out);

 private:
  struct Departure {
    Instant at;
    std::uint16_t server = 0;
    telemetry::Reason reason{};
  };

  void cut_departed(Instant now, network::NodeOutput& out);
  void cut_where_stickiness_is_over(Instant now, network::NodeOutput& out);
  void cut(ConnectionId id, telemetry::Reason reason, Instant now, network::NodeOutput& out);

  const ListenerTable& listeners_;
  const ServerDirectory& servers_;
  Sessions& sessions_;
  Ledger& ledger_;
  ResetBuilder resets_;
  StickyEnds sticky_ends_;
  std::vector<Departure> departures_;
};

}  // namespace elblab::forwarding
