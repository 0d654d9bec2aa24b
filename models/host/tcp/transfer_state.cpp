#include "models/host/tcp/transfer_state.hpp"

namespace elblab::host {

std::uint32_t TransferStatePool::acquire() {
  if (free_.empty()) {
    const std::uint32_t index = states_.size();
    states_.add();
    return index;
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  states_[index] = TransferState{};
  return index;
}

}  // namespace elblab::host
