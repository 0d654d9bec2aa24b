// The memory of a packet log for decisions: of each connection the last few, in one bounded pool.
//
// A connection has one decision at each balancer on its way, and over UDP one more whenever its
// flow is given to another server. A decision costs 350 bytes. Adding is O(1); nothing is allocated
// once the pool has grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/telemetry/decision.hpp"

namespace elblab::worlds {

class DecisionBuffers {
 public:
  static constexpr std::uint8_t kMostOfConnection = 4;

  // One connection's; belongs to its owner, who gives it to clear() in the end.
  struct Chain {
    std::uint32_t oldest = 0;  // places count from 1; 0: none
    std::uint32_t newest = 0;
    std::uint8_t held = 0;
  };

  explicit DecisionBuffers(std::size_t most) : most_(most) {}

  // A connection that has as many as it may forgets its oldest. With an empty pool the decision is
  // not kept.
  void add(Chain& chain, const telemetry::DecisionRecord& decision);
  // In their order: visit(const telemetry::DecisionRecord&).
  template <class Visit>
  void each(const Chain& chain, Visit visit) const {
    for (std::uint32_t place = chain.oldest; place != 0; place = pool_[place - 1].next) {
      visit(pool_[place - 1].decision);
    }
  }
  void clear(Chain& chain);

 private:
  struct Entry {
    telemetry::DecisionRecord decision;
    std::uint32_t next = 0;
  };

  std::uint32_t take_place();
  void forget_oldest(Chain& chain);

  std::size_t most_;
  std::vector<Entry> pool_;
  std::uint32_t free_ = 0;
};

}  // namespace elblab::worlds
