// The addresses a relay connects from, and which one is whose.
//
// Draws are uniform and independent. A client's own address is the n-th by a hash of all bits of
// its address: nothing is remembered, so that any number of clients takes no memory. O(1).
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/address.hpp"
#include "models/random/stream.hpp"

namespace elblab::relay {

class EgressAddresses {
 public:
  // At least one address. The stream draws, and stirs the hash: other runs, other pairs.
  EgressAddresses(std::vector<net::IpAddress> addresses, random::Stream stream);

  std::uint32_t draw() { return static_cast<std::uint32_t>(stream_.below(addresses_.size())); }
  std::uint32_t of_client(const net::IpAddress& client) const;

  const net::IpAddress& operator[](std::uint32_t index) const { return addresses_[index]; }
  std::size_t size() const { return addresses_.size(); }

  // Of the measure egress_addresses_used.
  void note_use(std::uint32_t index);
  std::uint32_t used() const { return used_count_; }

 private:
  std::vector<net::IpAddress> addresses_;
  random::Stream stream_;
  std::uint64_t key_;
  std::vector<bool> used_;
  std::uint32_t used_count_ = 0;
};

}  // namespace elblab::relay
