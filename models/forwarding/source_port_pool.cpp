#include "models/forwarding/source_port_pool.hpp"

#include <algorithm>

namespace elblab::forwarding {

SourcePortPool::SourcePortPool(std::uint32_t first_address, std::uint32_t addresses,
                               config::PortRange ports)
    : first_address_(first_address),
      addresses_(addresses),
      first_port_(ports.first),
      capacity_(std::size_t{addresses} * (std::size_t{ports.last} - ports.first + 1)),
      ring_(std::make_unique_for_overwrite<std::uint32_t[]>(capacity_)) {}

std::optional<SourcePort> SourcePortPool::take() {
  if (fresh_ < capacity_) {  // has rested for ever
    ++in_use_;
    return never_used(fresh_++);
  }
  if (returned_ == 0) return std::nullopt;
  const SourcePort port{ring_[head_]};
  head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
  --returned_;
  ++in_use_;
  return port;
}

void SourcePortPool::give_back(SourcePort port) {
  std::size_t tail = head_ + returned_;
  if (tail >= capacity_) tail -= capacity_;
  ring_[tail] = port.packed;
  written_ = std::max(written_, tail + 1);
  ++returned_;
  --in_use_;
}

// Address by address in turn, so that load spreads over the addresses from the start.
SourcePort SourcePortPool::never_used(std::size_t n) const {
  const auto address = static_cast<std::uint32_t>(n % addresses_);
  return SourcePort::of(first_address_ + address,
                        static_cast<std::uint16_t>(first_port_ + n / addresses_));
}

}  // namespace elblab::forwarding
