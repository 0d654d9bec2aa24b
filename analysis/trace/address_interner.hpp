// Gives every address that occurs a small number, in the order of first occurrence.
//
// A flow's addresses then cost a byte or two per row instead of a text. Open addressing over a
// power of two: about one cache line per look-up, and a run has few addresses.
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/address.hpp"

namespace elblab::trace {

class AddressInterner {
 public:
  AddressInterner() : slots_(64) {}

  // The address's number, from 1. `is_new` is set when it had none before.
  std::int64_t id_of(const net::IpAddress& address, bool& is_new);

 private:
  struct Slot {
    net::IpAddress address;
    std::int64_t id = 0;  // 0: free
  };
  Slot& find(const net::IpAddress& address);
  void grow();

  std::vector<Slot> slots_;
  std::int64_t last_id_ = 0;
};

}  // namespace elblab::trace
