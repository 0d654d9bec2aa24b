// What the way does to connections that work all the same: packets lost, receivers that do not
// read.
#pragma once

#include "pcap/findings/judgement.hpp"

namespace elblab::findings {

// From this share of the segments on, sent again, packets are lost.
inline constexpr double kLossShare = 0.002;
inline constexpr std::uint64_t kLeastLost = 3;
// A connection is held up by what is sent again after so long: nobody waits for less than the
// shortest timeout of Linux.
inline constexpr Duration kStall = std::chrono::milliseconds(200);
inline constexpr double kStalledShare = 0.01;

// Connections that were held up by it, or by SYNs that found no answer at first; first hops alone.
double delayed_connections(const Judgement& judgement);
void find_path_troubles(Judgement& judgement);

}  // namespace elblab::findings
