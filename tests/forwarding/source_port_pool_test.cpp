#include "models/forwarding/source_port_pool.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <set>

#include "models/random/stream.hpp"
#include "tests/contract/stops_the_program.hpp"

namespace elblab::forwarding {

BOOST_AUTO_TEST_SUITE(source_port_pool)

BOOST_AUTO_TEST_CASE(gives_every_address_and_port_once) {
  SourcePortPool pool(3, 4, {1000, 1099});
  std::set<std::pair<std::uint32_t, std::uint16_t>> given;
  while (const auto port = pool.take(0)) {
    BOOST_REQUIRE(port->address() >= 3 && port->address() < 7);
    BOOST_REQUIRE(port->port() >= 1000 && port->port() <= 1099);
    BOOST_REQUIRE(given.emplace(port->address(), port->port()).second);
  }
  BOOST_TEST(given.size() == 400u);
  BOOST_TEST(pool.in_use() == 400u);
}

// Against a queue of all ports: whatever has rested longest goes out first.
BOOST_AUTO_TEST_CASE(lets_a_port_rest_as_long_as_possible) {
  SourcePortPool pool(0, 2, {1, 50});
  random::Stream random(1, "pool");
  std::deque<std::uint32_t> resting;
  for (std::uint16_t port = 1; port <= 50; ++port) {
    for (std::uint32_t address = 0; address < 2; ++address) {
      resting.push_back(SourcePort::of(address, port).packed);
    }
  }
  std::vector<std::uint32_t> used;
  for (int i = 0; i < 20000; ++i) {
    if (random.chance((i / 500) % 2 == 0 ? 0.6 : 0.4)) {
      const auto port = pool.take(0);
      BOOST_REQUIRE_EQUAL(port.has_value(), !resting.empty());
      if (!port) continue;
      BOOST_REQUIRE_EQUAL(port->packed, resting.front());
      resting.pop_front();
      used.push_back(port->packed);
    } else if (!used.empty()) {
      const std::size_t victim = random.below(used.size());
      pool.give_back(SourcePort{used[victim]});
      resting.push_back(used[victim]);
      used[victim] = used.back();
      used.pop_back();
    }
    BOOST_REQUIRE_EQUAL(pool.in_use(), used.size());
  }
}

BOOST_AUTO_TEST_CASE(covers_all_ports_of_the_protocol) {
  SourcePortPool pool(0, 1, {1, 65535});
  BOOST_TEST(pool.capacity() == 65535u);
  std::size_t taken = 0;
  while (pool.take(0)) ++taken;
  BOOST_TEST(taken == 65535u);
}

BOOST_AUTO_TEST_CASE(knows_who_has_a_port_that_is_in_use) {
  SourcePortPool pool(2, 2, {10, 19});
  std::vector<SourcePort> ports;
  for (std::uint32_t holder = 100; holder < 115; ++holder) ports.push_back(*pool.take(holder));
  for (std::uint32_t i = 0; i < ports.size(); ++i) {
    BOOST_REQUIRE(pool.cell(ports[i]) != nullptr);
    BOOST_TEST(pool.cell(ports[i])->holder == 100 + i);
  }
  BOOST_TEST(pool.cell(SourcePort::of(2, 19)) == nullptr);  // never used
  BOOST_TEST(pool.cell(SourcePort::of(1, 10)) == nullptr);  // not one of the pool's
  BOOST_TEST(pool.cell(SourcePort::of(4, 10)) == nullptr);
  BOOST_TEST(pool.cell(SourcePort::of(2, 9)) == nullptr);
  BOOST_TEST(pool.cell(SourcePort::of(2, 20)) == nullptr);
}

BOOST_AUTO_TEST_CASE(giving_back_what_is_not_in_use_stops_the_program) {
  SourcePortPool pool(0, 2, {10, 19});
  const SourcePort port = *pool.take(7);
  const auto gives_back = [&](SourcePort which) {
    return contract::violates([&pool, which] { pool.give_back(which); },
                              "a source port to give back is in use");
  };
  BOOST_TEST(gives_back(SourcePort::of(1, 19)));
  BOOST_TEST(gives_back(SourcePort::of(5, 10)));
  pool.give_back(port);
  BOOST_TEST(gives_back(port));
}

BOOST_AUTO_TEST_CASE(without_addresses_gives_nothing) {
  SourcePortPool pool(0, 0, {1024, 65535});
  BOOST_TEST(!pool.take(0).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
