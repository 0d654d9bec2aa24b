#include "models/forwarding/source_port_pool.hpp"

#include <type_traits>

namespace elblab::forwarding {

static_assert(std::is_trivially_default_constructible_v<SourcePortPool::Cell>);

SourcePortPool::SourcePortPool(std::uint32_t first_address, std::uint32_t addresses,
                               config::PortRange ports)
    : first_address_(first_address),
      addresses_(addresses),
      first_port_(ports.first),
      ports_(std::size_t{ports.last} - ports.first + 1),
      capacity_(ports_ * addresses),
      cells_(std::make_unique_for_overwrite<Cell[]>(capacity_)) {
  ELBLAB_REQUIRE(ports.first <= ports.last, "a range of ports holds one at least");
  ELBLAB_REQUIRE(first_address + addresses <= 65536, "a source address has a number of 16 bits");
}

std::optional<SourcePort> SourcePortPool::take(std::uint32_t holder) {
  if (in_use_ == capacity_) return std::nullopt;
  std::size_t n = fresh_;
  if (fresh_ < capacity_) {  // has rested for ever
    ++fresh_;
  } else {
    n = longest_;
    longest_ = cells_[n].holder;
  }
  ++in_use_;
  cells_[n] = {holder, 0};
  if constexpr (contract::kChecked) {
    taken_.resize(fresh_);
    taken_[n] = true;
  }
  return at(n);
}

void SourcePortPool::give_back(SourcePort port) {
  const std::size_t n = index_of(port);
  ELBLAB_REQUIRE(n < fresh_ && taken_[n], "a source port to give back is in use");
  if constexpr (contract::kChecked) taken_[n] = false;
  if (in_use_ == fresh_) {
    longest_ = n;
  } else {
    cells_[latest_].holder = static_cast<std::uint32_t>(n);
  }
  latest_ = n;
  --in_use_;
}

}  // namespace elblab::forwarding
