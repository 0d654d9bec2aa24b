// One packet of a transcript as text: flags, relative sequence numbers, what the header carries.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace elblab::golden {

// What sequence numbers are counted from; 0 leaves them as they are on the wire.
struct SequenceOrigin {
  std::uint32_t sender = 0;
  std::uint32_t receiver = 0;
};

// "S. seq 0 ack 1 mss 1460 sackOK ts ws 7", "icmp 3/3". Flags as tcpdump writes them: S, F, R
// and "." for ACK; "wire-0" is a reset's sequence number that is 0 itself. Windows are shown where
// they are fixed by the table only: on resets.
// PSH is left out: where Linux sets it depends on how it cut what the application wrote into
// buffers, and no receiver here minds it.
std::string packet_text(std::span<const std::uint8_t> packet, const SequenceOrigin& origin);

}  // namespace elblab::golden
