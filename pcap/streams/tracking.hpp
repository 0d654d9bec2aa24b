// Takes the packets of one connection, one by one. O(1) each.
#pragma once

#include "pcap/streams/connection.hpp"

namespace elblab::streams {

// A TCP segment that `from` sent.
void track_segment(Connection& connection, Side from, const pcap::PacketHeaders& segment,
                   Duration at);
// A datagram that `from` sent.
void track_datagram(Connection& connection, Side from, const pcap::PacketHeaders& datagram,
                    Duration at);

}  // namespace elblab::streams
