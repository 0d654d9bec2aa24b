#include "models/net/flow_key.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::net {
namespace {

FlowKey random_flow(random::Stream& random) {
  const auto address = [&] { return IpAddress::v4(static_cast<std::uint32_t>(random.next())); };
  const auto port = [&] { return static_cast<std::uint16_t>(random.below(65536)); };
  return {{address(), port()}, {address(), port()}, Protocol::tcp};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(flow_key)

BOOST_AUTO_TEST_CASE(one_hash_is_the_same_both_ways_and_differs_between_flows) {
  random::Stream random(1, "flows");
  for (int i = 0; i < 1000; ++i) {
    const FlowKey flow = random_flow(random);
    const std::uint64_t hash = hash_either_way(flow, 7);
    BOOST_REQUIRE_EQUAL(hash_either_way(flow.reversed(), 7), hash);
    BOOST_REQUIRE_NE(hash_of(flow, 7), hash_of(flow.reversed(), 7));
    FlowKey other = flow;
    other.protocol = Protocol::udp;
    BOOST_REQUIRE_NE(hash_either_way(other, 7), hash);
    other = flow;
    std::swap(other.source.port, other.destination.port);
    BOOST_REQUIRE_NE(hash_either_way(other, 7), hash);
    BOOST_REQUIRE_NE(hash_either_way(flow, 8), hash);
  }
}

// What tables take as the home of an entry: neighbouring ports must not share theirs.
BOOST_AUTO_TEST_CASE(high_bits_of_both_hashes_spread_neighbouring_ports_evenly) {
  constexpr std::size_t kBins = 256;
  constexpr std::size_t kFlows = kBins * 200;
  for (const bool either_way : {false, true}) {
    std::vector<double> bins(kBins);
    for (std::size_t i = 0; i < kFlows; ++i) {
      const FlowKey flow{{IpAddress::v4(10, 0, 0, 1), static_cast<std::uint16_t>(1024 + i)},
                         {IpAddress::v4(198, 51, 100, 10), 80},
                         Protocol::tcp};
      const std::uint64_t hash = either_way ? hash_either_way(flow, 0) : hash_of(flow, 0);
      ++bins[hash >> 56];
    }
    double chi_square = 0;
    for (const double count : bins) chi_square += (count - 200) * (count - 200) / 200;
    // 255 degrees of freedom: mean 255, deviation 22.6; six of them on either side.
    BOOST_TEST(chi_square < 391);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::net
