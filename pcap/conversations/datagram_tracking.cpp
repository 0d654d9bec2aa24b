#include "pcap/conversations/datagram_tracking.hpp"

#include <algorithm>

namespace elblab::pcap {
namespace {

// FNV-1a over what was captured, and the length.
std::uint32_t hash_of_payload(const PacketHeaders& packet) {
  std::uint32_t hash = 2166136261U;
  for (const std::uint8_t byte : packet.captured) hash = (hash ^ byte) * 16777619U;
  return (hash ^ packet.payload) * 16777619U;
}

bool seen_before(const Flow& flow, Side from, const PacketHeaders& packet, Duration at) {
  return packet.identification != 0 && flow.turns.count > 0 && flow.last_speaker == from &&
         flow.identification[from] == packet.identification &&
         at - flow.last_data <= kSameDatagramWithin;
}

}  // namespace

void track_datagram(Flow& flow, Side from, const PacketHeaders& packet, Duration at,
                    TurnPool& turns, ExtractionCounts& counts) {
  ++flow.packets[from];
  flow.last = std::max(flow.last, at);
  if (seen_before(flow, from, packet, at)) {
    ++counts.duplicate_datagrams;
    return;
  }
  if (flow.bytes[from] == 0 && flow.turns.last_of[from] == TurnList::kNone) {
    flow.mark[from] = hash_of_payload(packet);
  }
  Turn* const joined = flow.turns.count >= kMostTurns ? turns.last_of(flow.turns, from) : nullptr;
  if (joined != nullptr) {
    ++counts.turns_joined;
  } else {
    const Duration since = flow.turns.count > 0 ? flow.last_data : at;
    turns.append(flow.turns,
                 {std::max(at - since, Duration{0}), packet.payload, from, at - flow.begin});
  }
  flow.bytes[from] += packet.payload;
  flow.identification[from] = packet.identification;
  flow.last_speaker = from;
  flow.last_data = at;
}

}  // namespace elblab::pcap
