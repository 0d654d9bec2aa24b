// A fuzzer's input as packets at points in time. Each packet is
//
//   1 byte   options: 0x01 leave the checksums as they are, 0x02 the pause is in seconds (else
//            milliseconds), 0x04 it goes back to where the last packet sent came from (answer())
//   1 byte   pause before it
//   2 bytes  length in network order (bits above 11 ignored; cut at the end of the input)
//   bytes    the IP packet
//
// Checksums are made right unless told otherwise: a fuzzer does not find them, and behind them most
// of the code lies.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::fuzz {

struct FuzzedPacket {
  std::uint8_t options = 0;
  Duration pause{};
  std::vector<std::uint8_t> bytes;  // of exactly its size, so that the sanitizers see every overrun
};

class PacketSequence {
 public:
  explicit PacketSequence(std::span<const std::uint8_t> input) : rest_(input) {}
  // False at the end of the input.
  bool next(FuzzedPacket& packet);

 private:
  std::span<const std::uint8_t> rest_;
};

// Turns a packet into an answer to `sent`: its addresses and ports swapped, of TCP also the numbers
// that continue it. Whatever else the packet holds stays, so that answers may be right or wrong.
// Nothing happens when the two do not fit.
void answer(std::span<std::uint8_t> packet, std::span<const std::uint8_t> sent);

// Makes the checksums of a packet that parses right, by full computation.
void repair_checksums(std::span<std::uint8_t> packet);

}  // namespace elblab::fuzz
