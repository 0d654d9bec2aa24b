// The lazy timer: never late, never twice, silent after its end.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <vector>

#include "models/random/stream.hpp"
#include "sim/lazy_timer.hpp"

namespace elblab::sim::test {
namespace {

using namespace std::chrono_literals;

struct Owner {
  Owner() : timer(this, &LazyTimer::call<&Owner::fire>) {}
  void fire() {
    fired.push_back(now());
    if (!next.empty()) {
      timer.arm(next.back());
      next.pop_back();
    }
  }
  std::vector<Instant> fired;
  std::vector<Instant> next;  // armed for when it fires, last first
  LazyTimer timer;
};

struct SimulatorGuard {
  ~SimulatorGuard() { ns3::Simulator::Destroy(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(timer, SimulatorGuard)

BOOST_AUTO_TEST_CASE(fires_at_the_earliest_of_the_instants_it_was_armed_for) {
  Owner owner;
  owner.timer.arm(kStart + 5s);
  owner.timer.arm(kStart + 9s);
  owner.timer.arm(kStart + 2s);
  BOOST_TEST((owner.timer.armed_at() == kStart + 2s));
  ns3::Simulator::Run();
  BOOST_TEST((owner.fired == std::vector<Instant>{kStart + 2s}));
  BOOST_TEST((owner.timer.armed_at() == kNever));
}

BOOST_AUTO_TEST_CASE(armed_again_for_a_superseded_instant_fires_there_once) {
  Owner owner;
  owner.next = {kStart + 5s};
  owner.timer.arm(kStart + 5s);
  owner.timer.arm(kStart + 2s);
  ns3::Simulator::Run();
  BOOST_TEST((owner.fired == std::vector<Instant>{kStart + 2s, kStart + 5s}));
}

BOOST_AUTO_TEST_CASE(instant_in_the_past_means_now) {
  Owner owner;
  owner.next = {kStart + 1s};
  owner.timer.arm(kStart + 2s);
  ns3::Simulator::Run();
  BOOST_TEST((owner.fired == std::vector<Instant>{kStart + 2s, kStart + 2s}));
}

BOOST_AUTO_TEST_CASE(never_is_nothing_to_do) {
  Owner owner;
  owner.timer.arm(kNever);
  ns3::Simulator::Run();
  BOOST_TEST(owner.fired.empty());
}

BOOST_AUTO_TEST_CASE(destroyed_owner_is_not_called) {
  auto owner = std::make_unique<Owner>();
  owner->timer.arm(kStart + 2s);
  ns3::Simulator::Schedule(to_ns3(1s), [&owner] { owner.reset(); });
  ns3::Simulator::Run();
  BOOST_TEST((now() == kStart + 2s));
}

// Any arming from inside and outside: the owner is called at every deadline that stands.
BOOST_AUTO_TEST_CASE(no_deadline_is_missed_under_random_arming) {
  random::Stream stream(3, "arming");
  Owner owner;
  std::vector<Instant> wanted;
  for (int i = 0; i < 200; ++i) {
    const Duration when = std::chrono::milliseconds(stream.below(1000));
    ns3::Simulator::Schedule(to_ns3(when), [&, i] {
      const Instant deadline = now() + std::chrono::milliseconds(stream.below(50));
      wanted.push_back(deadline);
      owner.timer.arm(deadline);
      // No later than the deadline just asked for.
      BOOST_TEST((owner.timer.armed_at() <= deadline));
    });
  }
  ns3::Simulator::Run();
  for (const Instant deadline : wanted) {
    // Fired at the deadline, or earlier but after it was asked for (then the owner would arm anew).
    BOOST_TEST(std::any_of(owner.fired.begin(), owner.fired.end(), [&](Instant fired) {
      return fired <= deadline && fired >= deadline - 50ms;
    }));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
