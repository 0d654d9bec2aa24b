// Source IP hash (SCH-06): a client's address has a slot, and each slot a server.
//
// Only usable servers are in the table: it is filled anew, at the next decision, after a change of
// who is (OPEN-07: weight 0 takes a server out, other weights do nothing, SCH-07). Whoever asks
// twice is sent to the same server as long as the same servers are usable, on every node of a
// balancer. A decision is O(1), after a change as much as SlotTable::fill().
#pragma once

#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/slot_table.hpp"

namespace elblab::scheduling {

class SourceIpHash final : public Scheduler {
 public:
  explicit SourceIpHash(config::SourceHash settings) : settings_(settings) {}

  Decision explain(const Candidates& candidates, const Arrival& arrival) override;
  void reset(std::size_t servers) override;

  std::size_t memory_bytes() const { return table_.memory_bytes(); }

 protected:
  std::optional<std::size_t> choose(const Candidates& candidates, const Arrival& arrival) override;

 private:
  std::optional<std::size_t> holder(const Candidates& candidates, std::uint32_t slot);

  config::SourceHash settings_;
  SlotTable table_;
  std::uint64_t version_ = 0;  // of the candidates that are in the table
};

}  // namespace elblab::scheduling
