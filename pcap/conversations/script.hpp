// Makes scripts of a capture's conversations, for a workload to play (models/workload).
//
// A request of such a workload begins with a header of 24 bytes that tells the server what to do,
// and servers speak only when asked. What of the captured traffic does not fit that is adapted, and
// each adaptation counted:
//   a request (or a reply datagram) below 24 bytes is padded
//   what a server says unasked - first, or after a pause of its own - is asked for by a request of
//   24 bytes
//   a server that closes later than kClosesSoon after its last word is told to by such a request
//   datagrams longer than one packet carries are cut
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/workload/conversation_script.hpp"
#include "pcap/conversations/conversation.hpp"

namespace elblab::pcap {

inline constexpr Duration kClosesSoon = std::chrono::milliseconds(10);

struct ScriptAdaptations {
  std::uint64_t padded_messages = 0;
  std::uint64_t padded_bytes = 0;
  std::uint64_t server_first = 0;    // conversations in which the server speaks first
  std::uint64_t server_unasked = 0;  // further words, or datagrams, without a request
  std::uint64_t delayed_closes = 0;  // by the server
  std::uint64_t cut_datagrams = 0;
  std::uint64_t begun_before = 0;  // were under way when the capture began; played from there
};

struct ScriptSet {
  std::vector<workload::ConversationScript> scripts;  // one per target
  ScriptAdaptations adaptations;
  std::uint64_t without_target = 0;  // conversations that are in no script
};

inline constexpr std::uint32_t kNoTarget = UINT32_MAX;
// The number of the script that a conversation belongs to (below `targets`), or kNoTarget. All
// conversations of a target are of one protocol.
using TargetOf = std::function<std::uint32_t(const Conversation&)>;

// largest_datagram: payload that fits one packet of the network they are played on.
ScriptSet make_scripts(const Conversations& conversations, const TargetOf& target_of,
                       std::uint32_t targets, std::uint64_t largest_datagram);

}  // namespace elblab::pcap
