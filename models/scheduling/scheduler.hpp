// Chooses a server for a new flow.
//
// A scheduler sees servers as numbers 0..n-1 of a Candidates, which also says who is usable and how
// many flows each has. It reads no clock and draws nothing: the same calls choose the same servers.
// pick() is O(servers) or better and allocates nothing, except where a scheduler says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "models/config/load_balancer.hpp"
#include "models/net/address.hpp"
#include "models/scheduling/candidates.hpp"
#include "models/scheduling/decision.hpp"
#include "models/time/instant.hpp"

namespace elblab::scheduling {

// The first packet of a flow.
struct Arrival {
  net::IpAddress client;                  // all of its address
  std::span<const std::uint8_t> payload;  // what connection IDs are read from; may be empty
  Instant now{};                          // what stickiness counts from
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // nullopt when no candidate is usable. Until reset(), always of the same Candidates.
  std::optional<std::size_t> pick(const Candidates& candidates, const Arrival& arrival) {
    if (observer_ == nullptr) [[likely]]
      return choose(candidates, arrival);
    return choose_observed(candidates, arrival);
  }
  // What pick() would choose now, and why. Changes no later choice. O(servers), allocates.
  virtual Decision explain(const Candidates& candidates, const Arrival& arrival) = 0;
  // The set of servers is another, with this many: forget everything.
  virtual void reset(std::size_t servers) = 0;

  // Is told every decision that it wants to know from now on; nullptr: nobody, which costs one
  // comparison for each. Not owned.
  void observe(DecisionObserver* observer) { observer_ = observer; }

 protected:
  virtual std::optional<std::size_t> choose(const Candidates& candidates,
                                            const Arrival& arrival) = 0;

 private:
  std::optional<std::size_t> choose_observed(const Candidates& candidates, const Arrival& arrival);

  DecisionObserver* observer_ = nullptr;
};

// The scheduler of a group, as each node makes its own: equal ones from an equal group. Of a group
// with connection IDs the one for what carries none that is known (connection_id_scheduler.hpp).
std::unique_ptr<Scheduler> make_scheduler(const config::BackendGroup& group);

}  // namespace elblab::scheduling
