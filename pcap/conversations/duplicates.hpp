// Finds conversations that were captured on both sides of a NAT, such as a balancer.
#pragma once

#include "pcap/conversations/conversation.hpp"

namespace elblab::pcap {

// For each conversation of the list (by begin) whether it is a later sight of an earlier one; the
// rule is in extractor.hpp. O(n) on average.
std::vector<bool> find_repeated(const Conversations& conversations);

}  // namespace elblab::pcap
