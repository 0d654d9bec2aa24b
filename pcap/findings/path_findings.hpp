// What the way does to connections that work all the same: packets lost, receivers that do not read.
#pragma once

#include "pcap/findings/judgement.hpp"

namespace elblab::findings {

// From this share of the segments on, sent again, packets are lost.
inline constexpr double kLossShare = 0.002;
inline constexpr std::uint64_t kLeastLost = 3;

// Connections that were held up by it, first hops alone.
double delayed_by_loss(const Books& books);
void find_path_troubles(Judgement& judgement);

}  // namespace elblab::findings
