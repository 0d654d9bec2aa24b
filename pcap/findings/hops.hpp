// Connections that stand in a capture more than once: before a balancer and behind it.
//
// DNAT and fullNAT keep sequence numbers: what begins with the same SYN, to another endpoint, and
// the same answer to it, within kPassedOnWithin, is the same connection passed on. A full proxy
// makes connections of its own and keeps the bytes: what begins with the same payload, from an
// address that another connection of the capture goes to the machine of, within kPassedOnWithin,
// each taken once, in order. UDP: the same first datagram, likewise.
#pragma once

#include <cstdint>
#include <vector>

#include "pcap/streams/stream_table.hpp"

namespace elblab::findings {

inline constexpr Duration kPassedOnWithin = std::chrono::seconds(3);
inline constexpr std::uint32_t kNoHop = UINT32_MAX;

struct Hops {
  // Per connection: the one that it passes on, and the one that passes it on; kNoHop: none.
  std::vector<std::uint32_t> before;
  std::vector<std::uint32_t> behind;
  std::uint64_t by_numbers = 0;
  std::uint64_t by_payload = 0;
};

// O(n) on average.
Hops find_hops(const std::vector<streams::Connection>& list);

}  // namespace elblab::findings
