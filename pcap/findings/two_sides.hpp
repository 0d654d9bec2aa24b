// Two captures of the same traffic, one nearer to the clients and one nearer to the servers: which
// connection of the one is which of the other, and how their clocks stand to each other.
//
// TCP whose SYN is in both is matched by its sequence numbers, which plain routing, DNAT and
// fullNAT keep; what a full proxy made anew by the first payload of both directions, each taken
// once, in order; UDP by its first datagrams. Clocks: each matched connection gives an offset, by
// half the round trip between the places, as NTP does (RFC 5905 §8); the median counts. Drift is
// how the offset changes from the first third of the matched connections to the last.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pcap/findings/service.hpp"

namespace elblab::findings {

enum class Rewriting : std::uint8_t { nothing, server, both, proxy };

struct Pair {
  std::uint32_t near = 0;  // index in the streams of the clients' side
  std::uint32_t far = 0;   // ... and of the servers' side
  Rewriting rewriting = Rewriting::nothing;
};

struct TwoSides {
  bool swapped = false;  // the first capture is the servers' side
  const Books* near = nullptr;
  const Books* far = nullptr;
  std::vector<Pair> pairs;             // by begin at the clients' side
  std::vector<std::uint32_t> partner;  // per connection of the clients' side; kNoHop: none
  // What a time of the servers' side is ahead of the clients', and how much it gains.
  std::optional<Duration> offset;
  double drift_ppm = 0;
  // Both ways, between the two places; the median.
  Duration round_trip_between{0};

  // A moment of the clients' side in the time of the servers' side; offset is there.
  Duration at_far(Duration near_time) const;
};

// The books must outlive the result.
TwoSides match_sides(const Books& first, const Books& second);

}  // namespace elblab::findings
