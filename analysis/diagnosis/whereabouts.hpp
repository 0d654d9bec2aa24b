// Where requests stood while they were under way, and who took the SYNs that nobody answered.
//
// A request that is not answered stands somewhere: its client has no connection yet, its connection
// waits in an accept queue, it waits for a CPU, or its packets are on the network. Queues are
// counted by those who keep them; what is left over beyond the usual number is on the network.
// A CPU that is fully busy is upstream of its host's accept queue: what stands there counts for the
// CPU then.
#pragma once

#include <map>
#include <string>

#include "analysis/diagnosis/load.hpp"

namespace elblab::diagnosis {

struct Whereabouts {
  // Requests, mean of the column.
  Curve without_connection;
  Curve in_turn;           // behind other requests, on connections that are all busy
  Curve in_accept_queues;  // of hosts with CPU to spare
  Curve at_busy_cpus;
  Curve on_the_network;
  // SYNs without an answer, by who did not let them pass.
  Curve no_source_port;
  Curve queue_full;              // accept queues of hosts with CPU to spare
  Curve queue_full_at_busy_cpu;  // and of others
  Curve syns_lost;               // the rest
  // Of what is lost or late on the network, the share of the EIP's bandwidth and that of plain
  // loss.
  Curve by_bandwidth;
  Curve by_loss;
  // Packets that nobody dropped and that are missing; 0 where that is no more than what may be
  // under way. Not those towards a server that was silent.
  double lost = 0;
  // Servers that got connections and not one packet for a while, and when.
  std::map<std::string, Curve> silent;
  // 1 where the CPUs of this host were fully busy and requests waited for them, else 0.
  std::map<std::string, Curve> busy;
};

Whereabouts locate(const Observations& seen, const Load& load);

// 1 in the columns in which the public address passed all that its bandwidth allows while more
// waited in front of it, else 0.
Curve address_full(const Observations& seen);

// Ports - the clients' own and the balancer's - are held by requests that do not end: what was
// refused for want of a port because so many stood at `waiting`.
struct HeldPorts {
  Curve refused;  // of Failures::refused
  Curve syns;     // of Whereabouts::no_source_port
};
HeldPorts ports_held(const Observations& seen, const Load& load, const Whereabouts& where,
                     const Curve& waiting);
// All that stand somewhere for a reason that is known.
Curve held_up(const Whereabouts& where);

}  // namespace elblab::diagnosis
