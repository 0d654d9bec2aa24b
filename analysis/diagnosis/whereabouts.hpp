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
#include <vector>

#include "analysis/diagnosis/conflicts.hpp"
#include "analysis/diagnosis/dead_servers.hpp"
#include "analysis/diagnosis/health_book.hpp"
#include "analysis/diagnosis/load.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::diagnosis {

using language::CauseId;

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
  Curve queue_full_unseen;       // of these, while no sample shows a full queue
  Curve queue_full_at_busy_cpu;  // and of others
  Curve table_full;              // the balancer's connection table
  Curve no_listener;
  Curve halted;             // that came while the balancer was
  Curve refused_by_rules;   // or their answers were
  Curve time_wait_refused;  // answered by an ACK, which is none to a SYN
  Curve at_dead_servers;
  Curve syns_lost;  // the rest
  // Datagrams of servers whose session had ended by the idle timeout.
  Curve late_answers;
  // Of what is lost or late on the network, the share of each cause that takes packets there, 0 … 1
  // per column. A cause without an entry takes none.
  std::map<CauseId, Curve> on_the_way;
  // The same of syns_lost: those who take SYNs without being seen to.
  std::map<CauseId, Curve> of_lost_syns;
  // Packets that nobody dropped and that are missing; 0 where that is no more than what may be
  // under way. Not those towards a server that was silent.
  double lost = 0;
  std::vector<DeadServer> dead;
  HealthBook health;
  Conflicts conflicts;
  // 1 where the CPUs of this host were fully busy and requests waited for them, else 0.
  std::map<std::string, Curve> busy;
};

Whereabouts locate(const Observations& seen, const Load& load, const SessionBook& sessions);

// 1 in the columns in which the public address passed all that its bandwidth allows while more
// waited in front of it, else 0.
Curve address_full(const Observations& seen);

// Ports - the clients' own and the balancer's - and room in the balancer's table are held by
// requests that do not end: what was refused for want of them because so many stood at `waiting`.
struct HeldPorts {
  Curve refused;  // of Failures::refused
  Curve syns;     // of Whereabouts::no_source_port
  Curve table;    // of Whereabouts::table_full
};
HeldPorts ports_held(const Observations& seen, const Load& load, const Whereabouts& where,
                     const Curve& waiting);
// All that stand somewhere for a reason that is known.
Curve held_up(const Whereabouts& where);

}  // namespace elblab::diagnosis
