// A small map from endpoints, or from addresses (port 0), to numbers, asked with every packet: own
// addresses, routes to hosts, servers. Open addressing at a load of at most 1/2, linear probing.
//
// Filled from configuration, never from traffic: the hash needs no seed. find: O(1), as a rule one
// cache line and one comparison of two words. The order of slots never decides anything.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/net/flow_key.hpp"

namespace elblab::net {

class EndpointMap {
 public:
  EndpointMap() : slots_(kFirstSlots) {}

  // Of several values for one endpoint the first counts. Amortised O(1).
  void insert(const Endpoint& endpoint, std::uint32_t value) {
    if (find(endpoint) != nullptr) return;
    if (2 * (size_ + 1) > slots_.size()) grow();
    place({endpoint, true, value});
    if (++size_ == 1) lowest_ = highest_ = endpoint.address;
    lowest_ = std::min(lowest_, endpoint.address);
    highest_ = std::max(highest_, endpoint.address);
  }

  // nullptr when the endpoint was never inserted. Valid until the next insert.
  const std::uint32_t* find(const Endpoint& endpoint) const {
    return find(endpoint.address, endpoint.port);
  }
  const std::uint32_t* find(const IpAddress& address, std::uint16_t port) const {
    // Most addresses asked for are others' altogether.
    if (address < lowest_ || highest_ < address) return nullptr;
    // At least half of the slots are free.
    for (std::size_t at = home(address, port); slots_[at].used;
         at = (at + 1) & (slots_.size() - 1)) {
      const Endpoint& there = slots_[at].endpoint;
      if (there.port == port && there.address == address) return &slots_[at].value;
    }
    return nullptr;
  }
  bool contains(const Endpoint& endpoint) const { return find(endpoint) != nullptr; }

 private:
  static constexpr std::size_t kFirstSlots = 8;  // a power of two, as every later size
  struct Slot {
    Endpoint endpoint;
    bool used = false;
    std::uint32_t value = 0;
  };

  std::size_t home(const IpAddress& address, std::uint16_t port) const {
    return mix64(address.high() ^ 0xA0761D6478BD642FULL ^ port,
                 address.low() ^ 0xE7037ED1A0B428DBULL) &
           (slots_.size() - 1);
  }
  void place(const Slot& slot) {
    std::size_t at = home(slot.endpoint.address, slot.endpoint.port);
    while (slots_[at].used) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
  void grow() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
    for (const Slot& slot : old) {
      if (slot.used) place(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  IpAddress lowest_;  // of all addresses
  IpAddress highest_;
};

}  // namespace elblab::net
