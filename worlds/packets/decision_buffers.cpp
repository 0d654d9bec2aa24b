#include "worlds/packets/decision_buffers.hpp"

namespace elblab::worlds {

void DecisionBuffers::add(Chain& chain, const telemetry::DecisionRecord& decision) {
  if (chain.held == kMostOfConnection) forget_oldest(chain);
  const std::uint32_t place = take_place();
  if (place == 0) return;
  pool_[place - 1] = {decision, 0};
  (chain.newest == 0 ? chain.oldest : pool_[chain.newest - 1].next) = place;
  chain.newest = place;
  ++chain.held;
}

void DecisionBuffers::clear(Chain& chain) {
  while (chain.oldest != 0) forget_oldest(chain);
}

std::uint32_t DecisionBuffers::take_place() {
  if (free_ != 0) {
    const std::uint32_t place = free_;
    free_ = pool_[place - 1].next;
    return place;
  }
  if (pool_.size() >= most_) return 0;
  pool_.emplace_back();
  return static_cast<std::uint32_t>(pool_.size());
}

void DecisionBuffers::forget_oldest(Chain& chain) {
  const std::uint32_t place = chain.oldest;
  chain.oldest = pool_[place - 1].next;
  if (chain.oldest == 0) chain.newest = 0;
  --chain.held;
  pool_[place - 1].next = free_;
  free_ = place;
}

}  // namespace elblab::worlds
