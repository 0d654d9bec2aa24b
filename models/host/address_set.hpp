// The host's own addresses, asked for twice with every packet: an open-addressing set, never full.
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/flow_key.hpp"

namespace elblab::host {

class AddressSet {
 public:
  explicit AddressSet(const std::vector<net::IpAddress>& addresses) {
    std::size_t slots = 4;
    while (slots < 4 * addresses.size()) slots *= 2;
    slots_.resize(slots);
    for (const net::IpAddress& address : addresses) {
      std::size_t at = home(address);
      while (slots_[at].used && slots_[at].address != address) at = (at + 1) & (slots - 1);
      slots_[at] = {address, true};
    }
  }

  bool contains(const net::IpAddress& address) const {
    std::size_t at = home(address);
    for (; slots_[at].used; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].address == address) return true;
    }
    return false;
  }

 private:
  struct Slot {
    net::IpAddress address;
    bool used = false;
  };
  std::size_t home(const net::IpAddress& address) const {
    return net::mix64(address.high() ^ 0xA0761D6478BD642FULL,
                      address.low() ^ 0xE7037ED1A0B428DBULL) &
           (slots_.size() - 1);
  }

  std::vector<Slot> slots_;
};

}  // namespace elblab::host
