// A live world under a test's hand: built, forwarding, and turned until something has happened.
#pragma once

#include <functional>
#include <memory>

#include "live/loop.hpp"
#include "live/world.hpp"

namespace elblab::live::test {

class Stage {
 public:
  // Servers run, clients do not. Throws with what could not be made.
  explicit Stage(const language::Scenario& scenario);

  World& world() { return *world_; }
  Port& port(std::size_t host) { return *world_->ports()[host]; }
  const NetworkNamespace& network(std::size_t host) const {
    return world_->topology().hosts[host].network;
  }
  forwarding::ForwarderCounters balancer() const { return world_->network().totals(); }
  Instant now() const { return clock_.now(); }
  Duration longest_delay() const { return loop_->longest_delay(); }

  // Turns the loop until the condition holds; false: it did not within 20 s.
  bool turn_until(const std::function<bool()>& condition);

 private:
  language::Scenario scenario_;
  std::unique_ptr<worlds::Recording> nowhere_;
  std::unique_ptr<World> world_;
  RunClock clock_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace elblab::live::test
