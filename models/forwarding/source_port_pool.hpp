// The source addresses and ports that fullNAT may use towards one server endpoint over one
// protocol (FWD-01, BW-09), and who has each of them.
//
// A tuple is in use only together with its server's endpoint, so each endpoint has a pool of its
// own and the ceiling is addresses x ports x endpoints (BW-10). Ports go out first in, first out,
// so that each rests as long as possible after a connection: recycling inside a server's TIME_WAIT
// is what TW-12 is about.
//
// A cell per port: of one in use, who has it and where that one was seen last; of one that rests,
// the port that came back next. So an answer, which is for a port of the node's own, leads to its
// binding without a look-up by hash. take, give_back, cell: O(1), no allocation. Memory: 8 bytes
// per address and port, taken in full at the start (untouched pages cost nothing).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/contract/require.hpp"

namespace elblab::forwarding {

// An address of the node's source addresses, by number, and a port.
struct SourcePort {
  std::uint32_t packed = 0;

  static SourcePort of(std::uint32_t address, std::uint16_t port) { return {address << 16 | port}; }
  std::uint32_t address() const { return packed >> 16; }
  std::uint16_t port() const { return static_cast<std::uint16_t>(packed); }
};

class SourcePortPool {
 public:
  // Without initial values: there are many, and take() fills each in before anybody reads it.
  struct Cell {
    std::uint32_t holder;  // as given to take(); of a port that is not in use: any number
    std::uint32_t place;   // a note of whoever uses the pool; may be out of date
  };

  // Addresses first_address .. first_address + addresses - 1, at most 65,536.
  SourcePortPool(std::uint32_t first_address, std::uint32_t addresses, config::PortRange ports);

  // nullopt when every port is in use.
  std::optional<SourcePort> take(std::uint32_t holder);
  // One that take() gave and that has not come back since.
  void give_back(SourcePort port);
  // nullptr: not one of the pool's, or never used. The note can be changed by whoever reads it.
  Cell* cell(SourcePort port) const {
    const std::size_t n = index_of(port);
    return n < fresh_ ? &cells_[n] : nullptr;
  }
  [[gnu::always_inline]] void prefetch(SourcePort port) const {
    if (const std::size_t n = index_of(port); n < fresh_) __builtin_prefetch(&cells_[n]);
  }

  std::size_t in_use() const { return in_use_; }
  std::size_t capacity() const { return capacity_; }
  // As far as ports were ever used.
  std::size_t memory_bytes() const { return fresh_ * sizeof(Cell); }

 private:
  // Address by address in turn, so that load spreads over the addresses from the start.
  SourcePort at(std::size_t n) const {
    return SourcePort::of(first_address_ + static_cast<std::uint32_t>(n % addresses_),
                          static_cast<std::uint16_t>(first_port_ + n / addresses_));
  }
  // capacity_ or more for what is not one of the pool's.
  std::size_t index_of(SourcePort port) const {
    // Below the first one, they wrap to more than any number of addresses or ports.
    const std::size_t address = std::size_t{port.address()} - first_address_;
    const std::size_t number = std::size_t{port.port()} - first_port_;
    return address < addresses_ && number < ports_ ? number * addresses_ + address : capacity_;
  }

  std::uint32_t first_address_;
  std::uint32_t addresses_;
  std::uint16_t first_port_;
  std::size_t ports_;
  std::size_t capacity_;
  std::size_t fresh_ = 0;    // how many have been used at least once
  std::size_t in_use_ = 0;   // of these; the others rest
  std::size_t longest_ = 0;  // the one that has rested longest, where one rests
  std::size_t latest_ = 0;   // the one that came back last
  std::unique_ptr<Cell[]> cells_;
  std::vector<bool> taken_;  // kept where contracts are checked
};

}  // namespace elblab::forwarding
