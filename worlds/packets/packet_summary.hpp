// What a packet log notes of a TCP or UDP packet: its flow and what stands in its headers.
#pragma once

#include <cstdint>
#include <span>

#include "models/net/flow_key.hpp"

namespace elblab::worlds {

struct PacketSummary {
  net::FlowKey flow;
  std::uint32_t sequence = 0;  // this and the following of TCP; 0 of UDP
  std::uint32_t acknowledgment = 0;
  std::uint32_t timestamp_value = 0;
  std::uint32_t timestamp_echo = 0;
  std::uint16_t window = 0;
  std::uint16_t payload_bytes = 0;  // of UDP too
  std::uint16_t mss = 0;            // in a SYN; 0: none
  std::uint8_t tcp_flags = 0;
  bool has_timestamps = false;

  bool opens() const;                  // a SYN of its own accord; any UDP packet
  std::uint32_t sequence_end() const;  // one past its last byte, SYN and FIN counted
};

// False for what is neither TCP nor UDP, is a fragment or cut short, or has IPv6 extension headers.
// The bytes are an IP packet, padding allowed. Changes nothing; O(1).
bool summarize(std::span<const std::uint8_t> packet, PacketSummary& summary);

}  // namespace elblab::worlds
