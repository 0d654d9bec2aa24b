#include "models/host/tcp/transfer_state.hpp"

namespace elblab::host {

std::uint32_t TransferStatePool::acquire() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(states_.size()));
    states_.push_back(std::make_unique<TransferState>());
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  *states_[index] = TransferState{};
  return index;
}

}  // namespace elblab::host
