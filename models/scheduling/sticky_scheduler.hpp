// Sticky sessions of layer 4 in front of any other scheduler (STK-01, STK-03): a client that is
// bound goes where it was, others are scheduled and bound.
//
// A binding breaks when its time is over (STK-06) and when its server is not usable (STK-08):
// stickiness asks the same as the scheduler does. Then the client is scheduled anew, and stays
// there even if the first server comes back. Where no server is usable a binding is left alone:
// nothing better was found.
#pragma once

#include <cstdint>
#include <memory>

#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/stickiness_table.hpp"

namespace elblab::scheduling {

class StickyScheduler final : public Scheduler {
 public:
  // How often clients were sent where, and why: of those that had a binding, whether it held.
  struct Counts {
    std::uint64_t first = 0;       // without a binding
    std::uint64_t kept = 0;        // by it
    std::uint64_t over = 0;        // its time was
    std::uint64_t server_out = 0;  // its server was not usable
    std::uint64_t evicted = 0;     // bindings that held and made room for another client's
    Counts& operator+=(const Counts& other);
  };
  enum class Outcome : std::uint8_t { first, kept, over, server_out };
  // What became of the last client that was sent somewhere.
  struct Last {
    Outcome outcome = Outcome::first;
    std::uint16_t bound_to = 0;                       // before; unless `first`
    std::optional<StickinessTable::Evicted> evicted;  // for its sake
  };

  // table: of this node alone, or shared with the others of a balancer, which number servers alike.
  StickyScheduler(std::unique_ptr<Scheduler> scheduler, std::shared_ptr<StickinessTable> table);

  Decision explain(const Candidates& candidates, const Arrival& arrival) override;
  void reset(std::size_t servers) override;
  const Counts& counts() const { return counts_; }
  const Last& last() const { return last_; }

 protected:
  std::optional<std::size_t> choose(const Candidates& candidates, const Arrival& arrival) override;

 private:
  std::unique_ptr<Scheduler> scheduler_;
  std::shared_ptr<StickinessTable> table_;
  Counts counts_;
  Last last_;
};

}  // namespace elblab::scheduling
