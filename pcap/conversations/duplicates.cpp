#include "pcap/conversations/duplicates.hpp"

#include <unordered_map>

#include "pcap/conversations/extractor.hpp"

namespace elblab::pcap {
namespace {

std::uint64_t mark_of(const Conversation& c) {
  return (std::uint64_t{c.mark.client} << 32) | c.mark.server;
}

bool one_and_the_same(const Conversation& earlier, const Conversation& later) {
  if (earlier.protocol != later.protocol || later.begin - earlier.begin > kTwiceWithin)
    return false;
  const bool same_client =
      earlier.client == later.client && earlier.client_port == later.client_port;
  if (later.protocol == net::Protocol::udp) return same_client && earlier.server != later.server;
  return !same_client || earlier.server != later.server;
}

}  // namespace

std::vector<bool> find_repeated(const Conversations& conversations) {
  std::vector<bool> repeated(conversations.list.size(), false);
  // The latest of each mark that is no repetition itself.
  std::unordered_map<std::uint64_t, std::uint32_t> first;
  first.reserve(conversations.list.size());
  for (std::uint32_t i = 0; i < conversations.list.size(); ++i) {
    const Conversation& c = conversations.list[i];
    // Without a packet of the server half of the mark is missing.
    if (c.packets.client == 0 || c.packets.server == 0) continue;
    const auto [known, added] = first.try_emplace(mark_of(c), i);
    if (added) continue;
    if (one_and_the_same(conversations.list[known->second], c)) {
      repeated[i] = true;
    } else {
      known->second = i;
    }
  }
  return repeated;
}

}  // namespace elblab::pcap
