#include "models/forwarding/timer_wheel.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "models/random/stream.hpp"

namespace elblab::forwarding {

using Tick = TimerWheel::Tick;

BOOST_AUTO_TEST_SUITE(timer_wheel)

BOOST_AUTO_TEST_CASE(rounds_deadlines_up_to_the_next_tick) {
  using std::chrono::milliseconds;
  BOOST_TEST(TimerWheel::tick_at_or_after(Instant(milliseconds(5))) == 5);
  BOOST_TEST(TimerWheel::tick_at_or_after(Instant(milliseconds(5) + Duration(1))) == 6);
  BOOST_TEST((TimerWheel::instant_of(5) == Instant(milliseconds(5))));
}

// Against a sorted set, over random arming, disarming and jumps of all sizes, so that every level
// and every turn of the wheels is used.
BOOST_AUTO_TEST_CASE(fires_every_timer_at_its_tick_and_no_other) {
  random::Stream random(1, "wheel");
  constexpr std::uint32_t kTimers = 500;
  TimerWheel wheel;
  wheel.grow_to(kTimers);
  std::map<ConnectionId, Tick> armed;
  Tick now = 0;
  for (int step = 0; step < 40000; ++step) {
    const auto id = static_cast<ConnectionId>(random.below(kTimers));
    if (const auto at = armed.find(id); at != armed.end()) {
      wheel.disarm(id);
      armed.erase(at);
    }
    const Tick ahead = static_cast<Tick>(random.below(std::uint64_t{1} << random.below(30)));
    wheel.arm(id, now + ahead);
    armed[id] = now + ahead;
    if (!random.chance(0.3)) continue;
    now += static_cast<Tick>(random.below(std::uint64_t{1} << random.below(27)));
    std::set<ConnectionId> due;
    for (const auto& [timer, deadline] : armed) {
      if (deadline <= now) due.insert(timer);
    }
    Tick last = 0;
    for (ConnectionId fired = wheel.pop_due(now); fired != kNoConnection;
         fired = wheel.pop_due(now)) {
      BOOST_REQUIRE(due.erase(fired) == 1);
      BOOST_REQUIRE_GE(armed[fired], last);  // in the order of their ticks
      last = armed[fired];
      armed.erase(fired);
    }
    BOOST_REQUIRE(due.empty());
    BOOST_REQUIRE_EQUAL(wheel.current(), now);
  }
}

BOOST_AUTO_TEST_CASE(never_reports_a_deadline_later_than_the_first_timer) {
  random::Stream random(2, "deadline");
  for (int trial = 0; trial < 2000; ++trial) {
    TimerWheel wheel;
    wheel.grow_to(2);
    BOOST_REQUIRE(wheel.next_deadline() == kNever);
    const auto begin = static_cast<Tick>(random.below(std::uint64_t{1} << 20));
    wheel.pop_due(begin);
    const auto deadline =
        begin + static_cast<Tick>(random.below(std::uint64_t{1} << random.below(32)));
    wheel.arm(1, deadline);
    int steps = 0;
    Instant before = TimerWheel::instant_of(begin) - Duration(1);
    while (true) {
      const Instant next = wheel.next_deadline();
      BOOST_REQUIRE(next <= TimerWheel::instant_of(deadline));
      BOOST_REQUIRE(next > before);  // a world that follows it gets on
      before = next;
      BOOST_REQUIRE_LE(++steps, 5);
      if (wheel.pop_due(TimerWheel::tick_at_or_after(next)) == 1) break;
    }
    BOOST_REQUIRE(before == TimerWheel::instant_of(deadline));
    BOOST_REQUIRE(wheel.next_deadline() == kNever);
  }
}

BOOST_AUTO_TEST_CASE(fires_what_is_overdue_with_the_next_advance) {
  TimerWheel wheel;
  wheel.grow_to(1);
  wheel.pop_due(1000);
  wheel.arm(0, 3);
  BOOST_TEST((wheel.next_deadline() == TimerWheel::instant_of(1000)));
  BOOST_TEST(wheel.pop_due(1000) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
