// Follows one TCP connection through its packets (RFC 9293), from wherever they were captured.
//
// Bytes are counted by how far the highest sequence number moves, so that retransmissions,
// duplicates and reordering count once, and a hole that the capture never fills counts as sent.
#pragma once

#include "pcap/conversations/flow.hpp"

namespace elblab::pcap {

// A silence this long within one direction, everything before acknowledged, is the program's and
// not the network's: it begins a new turn.
inline constexpr Duration kProgramsPause = std::chrono::seconds(1);

// Takes a packet of the flow, sent by `from`. O(1).
void track_tcp(Flow& flow, Side from, const PacketHeaders& packet, Duration at, TurnPool& turns,
               ExtractionCounts& counts);

// What the network between the capture and a side adds to what the side seems to take: the round
// trip as the handshake showed it, 0 when it was not seen.
PerSide<Duration> network_share(const Flow& flow);

}  // namespace elblab::pcap
