// Follows one UDP flow: every datagram is a turn.
#pragma once

#include "pcap/conversations/flow.hpp"

namespace elblab::pcap {

// The same datagram captured twice on its way through a machine lies no further apart than this.
inline constexpr Duration kSameDatagramWithin = std::chrono::milliseconds(10);

// Takes a packet of the flow, sent by `from`. O(1).
void track_datagram(Flow& flow, Side from, const PacketHeaders& packet, Duration at,
                    TurnPool& turns, ExtractionCounts& counts);

}  // namespace elblab::pcap
