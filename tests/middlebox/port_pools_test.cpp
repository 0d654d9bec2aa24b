#include "models/middlebox/port_pools.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

namespace elblab::middlebox {
namespace {

using config::PortOrder;

const net::IpAddress kOuterAddress = net::IpAddress::v4(198, 51, 100, 1);

PortPools pools_of(config::PortRange ports, PortOrder order, std::uint64_t seed = 1,
                   std::size_t most_bytes = PortPools::kMostBytes) {
  return {ports, order, random::Stream(seed, "nat/ports"), most_bytes};
}

PortPools::Key towards(std::uint32_t destination) {
  return {net::Protocol::tcp, kOuterAddress, {net::IpAddress::v4(0xCB007100 + destination), 80}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(port_pools)

BOOST_AUTO_TEST_CASE(a_sequence_gives_one_after_the_other_and_skips_what_is_in_use) {
  PortPools pools = pools_of({1024, 1027}, PortOrder::sequential);
  const auto pool = pools.open(towards(1));
  for (const std::uint16_t port : {1024, 1025, 1026}) BOOST_TEST(*pools.take(pool, 9) == port);
  pools.give_back(pool, 1024);
  pools.give_back(pool, 1026);
  BOOST_TEST(*pools.take(pool, 9) == 1027);  // not 1024, which has rested for less
  BOOST_TEST(*pools.take(pool, 9) == 1024);
  BOOST_TEST(*pools.take(pool, 9) == 1026);
  BOOST_TEST(!pools.take(pool, 9).has_value());
}

BOOST_AUTO_TEST_CASE(preserving_keeps_the_inside_port_where_it_can) {
  PortPools pools = pools_of({1024, 2047}, PortOrder::preserve);
  const auto pool = pools.open(towards(1));
  BOOST_TEST(*pools.take(pool, 1500) == 1500);
  const std::uint16_t other = *pools.take(pool, 1500);
  BOOST_TEST(other != 1500);
  BOOST_TEST((other >= 1024 && other <= 2047));
  const std::uint16_t outside = *pools.take(pool, 5000);
  BOOST_TEST((outside >= 1024 && outside <= 2047));
  pools.give_back(pool, 1500);
  BOOST_TEST(*pools.take(pool, 1500) == 1500);
}

// Chi-squared with 99 degrees of freedom exceeds 161 once in 10^4; the seed is fixed.
BOOST_AUTO_TEST_CASE(random_ports_are_all_alike_among_the_free_ones) {
  PortPools pools = pools_of({2000, 2199}, PortOrder::random);
  const auto pool = pools.open(towards(1));
  for (std::uint16_t port = 2000; port < 2200; port = static_cast<std::uint16_t>(port + 2)) {
    BOOST_REQUIRE(pools.take_this(pool, port));
  }
  constexpr int kDraws = 20'000;
  std::map<std::uint16_t, int> drawn;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint16_t port = pools.take(pool, 0).value();
    BOOST_REQUIRE(port % 2 == 1);
    ++drawn[port];
    pools.give_back(pool, port);
  }
  BOOST_TEST(drawn.size() == 100u);
  double chi_squared = 0;
  for (const auto& [port, n] : drawn) chi_squared += (n - 200.0) * (n - 200.0) / 200.0;
  BOOST_TEST(chi_squared < 161.0);
}

BOOST_AUTO_TEST_CASE(equal_streams_give_equal_ports) {
  PortPools one = pools_of({1024, 65535}, PortOrder::random, 5);
  PortPools two = pools_of({1024, 65535}, PortOrder::random, 5);
  PortPools three = pools_of({1024, 65535}, PortOrder::random, 6);
  int same = 0;
  for (int i = 0; i < 100; ++i) {
    const auto port = one.take(one.open(towards(1)), 0);
    BOOST_TEST(*port == *two.take(two.open(towards(1)), 0));
    same += port == three.take(three.open(towards(1)), 0) ? 1 : 0;
  }
  BOOST_TEST(same < 5);
}

BOOST_AUTO_TEST_CASE(every_port_of_any_range_is_given_once_in_any_order) {
  for (const PortOrder order : {PortOrder::sequential, PortOrder::random, PortOrder::preserve}) {
    for (const config::PortRange ports :
         {config::PortRange{7, 7}, {1, 63}, {1, 64}, {1, 65}, {65472, 65535}, {1024, 1279}}) {
      PortPools pools = pools_of(ports, order);
      const auto pool = pools.open(towards(1));
      std::set<std::uint16_t> given;
      for (std::uint32_t i = 0; i < ports.size(); ++i) {
        const auto port = pools.take(pool, 30);
        BOOST_REQUIRE(port.has_value() && ports.contains(*port));
        BOOST_REQUIRE(given.insert(*port).second);
      }
      BOOST_REQUIRE(!pools.take(pool, 30).has_value());
      BOOST_REQUIRE(!pools.take_this(pool, ports.first));
      BOOST_REQUIRE_EQUAL(pools.in_use(net::Protocol::tcp), ports.size());
      BOOST_REQUIRE_EQUAL(pools.capacity(net::Protocol::tcp), ports.size());
      pools.give_back(pool, ports.last);
      BOOST_REQUIRE_EQUAL(*pools.take(pool, 30), ports.last);
    }
  }
}

BOOST_AUTO_TEST_CASE(each_destination_address_and_protocol_has_ports_of_its_own) {
  PortPools pools = pools_of({1024, 1025}, PortOrder::sequential);
  PortPools::Key key = towards(1);
  BOOST_TEST(*pools.take(pools.open(key), 0) == 1024);
  key.destination.port = 81;
  BOOST_TEST(*pools.take(pools.open(key), 0) == 1024);
  key.protocol = net::Protocol::udp;
  BOOST_TEST(*pools.take(pools.open(key), 0) == 1024);
  key.outer = key.outer.plus(1);
  BOOST_TEST(*pools.take(pools.open(key), 0) == 1024);
  BOOST_TEST(*pools.take(pools.open(key), 0) == 1025);
  BOOST_TEST(pools.in_use(net::Protocol::tcp) == 2u);
  BOOST_TEST(pools.in_use(net::Protocol::udp) == 3u);
  BOOST_TEST(pools.capacity(net::Protocol::udp) == 4u);
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_and_the_pool_idle_for_longest_makes_room) {
  PortPools pools = pools_of({1024, 1027}, PortOrder::sequential, 1, 300);  // a few
  std::vector<PortPools::PoolId> open;
  while (open.size() < 100) {
    const auto pool = pools.open(towards(static_cast<std::uint32_t>(open.size())));
    if (pool == PortPools::kNoPool) break;
    pools.take(pool, 0);
    open.push_back(pool);
  }
  const auto count = static_cast<std::uint32_t>(open.size());
  BOOST_TEST(count >= 2u);
  BOOST_TEST(count < 10u);
  pools.give_back(open[1], 1024);
  pools.give_back(open[0], 1024);
  BOOST_TEST(*pools.take(pools.open(towards(0)), 0) == 1025);   // still known: goes on
  BOOST_TEST(*pools.take(pools.open(towards(50)), 0) == 1024);  // in place of number 1
  BOOST_TEST(pools.open(towards(1)) == PortPools::kNoPool);
  BOOST_TEST(pools.capacity(net::Protocol::tcp) == 4u * count);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::middlebox
