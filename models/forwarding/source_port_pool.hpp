// The source addresses and ports that fullNAT may use towards one server endpoint over one
// protocol (FWD-01, BW-09).
//
// A tuple is in use only together with its server's endpoint, so each endpoint has a pool of its
// own and the ceiling is addresses x ports x endpoints (BW-10). Ports go out first in, first out,
// so that each rests as long as possible after a connection: recycling inside a server's TIME_WAIT
// is what TW-12 is about. take, give_back: O(1), no allocation. Memory: 4 bytes per address and
// port, taken in full at the start (untouched pages cost nothing).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "models/config/load_balancer.hpp"

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
  // Addresses first_address .. first_address + addresses - 1, at most 65,536.
  SourcePortPool(std::uint32_t first_address, std::uint32_t addresses, config::PortRange ports);

  // nullopt when every port is in use.
  std::optional<SourcePort> take();
  // Only what take() gave.
  void give_back(SourcePort port);

  std::size_t in_use() const { return in_use_; }
  std::size_t capacity() const { return capacity_; }
  // Of the ring, as far as it was ever written.
  std::size_t memory_bytes() const { return written_ * sizeof(std::uint32_t); }

 private:
  SourcePort never_used(std::size_t n) const;

  std::uint32_t first_address_;
  std::uint32_t addresses_;
  std::uint16_t first_port_;
  std::size_t capacity_;
  std::size_t fresh_ = 0;     // how many have been used at least once
  std::size_t returned_ = 0;  // how many stand in the ring
  std::size_t head_ = 0;      // of the ring: the one that has rested longest
  std::size_t in_use_ = 0;
  std::size_t written_ = 0;
  std::unique_ptr<std::uint32_t[]> ring_;
};

}  // namespace elblab::forwarding
