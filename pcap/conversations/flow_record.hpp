// Makes the record of a flow that has ended, with the network's share taken off its pauses.
#pragma once

#include "pcap/conversations/flow.hpp"

namespace elblab::pcap {

// What became of the flow. `counts` counts those that are no conversations.
enum class FlowKind : std::uint8_t { conversation, unanswered, refused, half_open, stray };
FlowKind kind_of(const Flow& flow);

// Precondition: kind_of() is conversation. Moves the flow's turns to the end of `turns`. Indices of
// client and server are left to the caller.
Conversation record_of(Flow& flow, TurnPool& pool, std::vector<Turn>& turns);

// Swaps the roles of a conversation and its turns.
void turn_round(Conversation& conversation, std::vector<Turn>& turns);

}  // namespace elblab::pcap
