// The book of packets: what hosts sent and balancers made was received, dropped by a balancer or by
// the network between them (no route, a filter, a tuple that several claim), taken by a balancer
// for itself - or was lost on the way.
//
// Every entry is counted by whoever did it; nothing is inferred from other events (an idle timeout
// makes two RSTs of a TCP connection and none of a UDP session). Links, which would know, are
// hidden from a diagnosis.
#pragma once

#include <optional>
#include <string>

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

// Packets lost between hosts and balancer, per column; nullopt: the trace lacks an entry of the
// book. Packets under way are no loss: of each moment, no more can have been lost than were missing
// at any later one. O(objects × columns).
std::optional<Curve> lost_packets(const Observations& seen);

// What the trace lacks, "packets_made(balancer)"; empty where lost_packets() has an answer.
std::string missing_entry(const Observations& seen);

// SQL that gives how many packets are missing in all.
std::string lost_packets_query(const Observations& seen);

}  // namespace elblab::diagnosis
