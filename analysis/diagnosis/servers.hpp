// What each server made of the connections and datagrams that the balancer gave it, from the
// balancer's sessions: who answered, who refused, who said nothing.
#pragma once

#include <map>
#include <string>

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

struct ServerSigns {
  // TCP connections, by the column in which they were opened.
  Curve established;
  Curve refused;     // the SYN was answered by RST
  Curve unanswered;  // the SYN was answered by nothing
  Curve syns;        // SYNs of those, the repeated ones too
  Curve mute;        // of established, on which something was sent and nothing came back
  // Flows of datagrams.
  double flows = 0;
  double flows_answered = 0;
  Curve flows_unanswered;  // by the column in which they began
};

struct SessionBook {
  std::map<std::string, ServerSigns> servers;  // "app/b1"
  // TCP connections that the idle timeout ended, by the column of their end; and those of them on
  // which something was sent and nothing came back: an answer was awaited.
  Curve idle;
  Curve idle_awaiting;
  // TCP connections that were cut because their client's stickiness was over (CON-04), likewise.
  Curve cut;
  Duration shortest_idle{};  // life of the shortest-lived of idle; 0: none
};

// O(sessions), of which at most Observations::kMostSessionsRead are read.
SessionBook read_sessions(const Observations& seen);

// "app/b1" -> "b1", "lb2/app/b1" -> "b1"
std::string host_of(const std::string& server);
// "app/b1" -> "app", "lb2/app/b1" -> "lb2/app"
std::string group_of(const std::string& server);
// Hosts of servers, each once, in the order of their servers.
std::vector<std::string> server_hosts(const Observations& seen);

}  // namespace elblab::diagnosis
