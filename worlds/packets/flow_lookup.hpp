// Finds a connection by a flow, in either direction: open addressing with linear probing, entries
// removed without a trace (Knuth, TAOCP 3, 6.4, algorithm R).
//
// Holds hashes and numbers only; the caller, who has the flows, says whether one is meant. O(1)
// expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/net/flow_key.hpp"

namespace elblab::worlds {

class FlowLookup {
 public:
  FlowLookup() : slots_(1024) {}

  // The same for both directions of a flow.
  static std::uint32_t hash_of(const net::FlowKey& flow) {
    const auto of_end = [](const net::Endpoint& e) {
      return net::mix64(e.address.high() ^ e.address.low() ^ 0xA0761D6478BD642FULL,
                        (std::uint64_t{e.port} << 32 | e.port) ^ 0xE7037ED1A0B428DBULL);
    };
    const std::uint64_t both = of_end(flow.source) + of_end(flow.destination);
    const std::uint64_t mixed =
        net::mix64(both, 0x8EBC6AF09C88C6E3ULL + static_cast<std::uint8_t>(flow.protocol));
    return static_cast<std::uint32_t>(mixed >> 32) ^ static_cast<std::uint32_t>(mixed);
  }

  // The first number with this hash that `is_meant(number)` says yes to; 0: none.
  template <class IsMeant>
  std::uint32_t find(std::uint32_t hash, IsMeant is_meant) const {
    for (std::size_t i = hash & mask(); slots_[i].number != 0; i = (i + 1) & mask()) {
      if (slots_[i].hash == hash && is_meant(slots_[i].number)) return slots_[i].number;
    }
    return 0;
  }
  // number: from 1.
  void insert(std::uint32_t hash, std::uint32_t number);
  void erase(std::uint32_t hash, std::uint32_t number);

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // 0: free
  };
  std::size_t mask() const { return slots_.size() - 1; }
  void put(Slot slot);
  void grow();

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace elblab::worlds
