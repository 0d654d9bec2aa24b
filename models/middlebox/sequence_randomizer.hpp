// Makes a host look like one whose initial sequence numbers are random (FTC-14, TW-11): a box on
// the host's link, as a NAT or firewall that hides them. Live, where a Linux client's own numbers
// rise with its clock, it stands for the host model's InitialSequence::random.
//
// Per flow a random offset is added to the sequence numbers that the host sends, and taken off the
// acknowledgements and SACK blocks that come back, and off what ICMP errors quote. A SYN (or
// SYN+ACK) with another number than the flow's last begins a new connection and draws a new offset;
// one sent again keeps it. Numbers of an older connection of the same flow go through the present
// offset in both directions, so what the host answers to them (row 4: RST with the number of a
// wrong acknowledgement) arrives as it must. Flows never seen to begin are left alone.
//
// Checksums are updated incrementally (RFC 1624): a wrong one stays wrong. Memory is bounded: of
// more than `most_flows` flows the one silent for longest is forgotten, and would break if it still
// lived. O(1) per packet. Pure: bytes in place; randomness is handed in, and time is not needed.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/net/packet_view.hpp"
#include "models/random/stream.hpp"

namespace elblab::middlebox {

class SequenceRandomizer {
 public:
  explicit SequenceRandomizer(random::Stream stream, std::size_t most_flows = 131'072);

  // A whole IP packet that the host sent, or that is about to reach it; changed in place.
  void outbound(std::span<std::uint8_t> packet);
  void inbound(std::span<std::uint8_t> packet);

  std::size_t flows() const { return by_flow_.size(); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Flow {
    net::FlowKey key;                    // host to network
    std::uint32_t initial_sequence = 0;  // the host's own
    std::uint32_t offset = 0;
    std::uint32_t newer = kNone;  // neighbours in the order of use
    std::uint32_t older = kNone;
  };
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const net::FlowKey& key) const { return hash_of(key, seed); }
  };

  // nullptr: not known. Becomes the one used last.
  Flow* find(const net::FlowKey& key);
  Flow& add(const net::FlowKey& key);
  void unlink(std::uint32_t slot);
  void link_newest(std::uint32_t slot);
  void inbound_error(net::PacketView& view);

  random::Stream stream_;
  std::size_t most_flows_;
  std::vector<Flow> slots_;
  std::unordered_map<net::FlowKey, std::uint32_t, Hash> by_flow_;  // never iterated
  std::uint32_t newest_ = kNone;
  std::uint32_t oldest_ = kNone;
};

}  // namespace elblab::middlebox
