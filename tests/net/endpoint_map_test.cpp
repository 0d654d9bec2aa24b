// The map of endpoints against std::map.
#include "models/net/endpoint_map.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "models/random/stream.hpp"

namespace elblab::net {
namespace {

// Few distinct ones, so that endpoints repeat and neighbours in address or port are common.
Endpoint random_endpoint(random::Stream& random) {
  const auto low = static_cast<std::uint32_t>(random.below(64));
  const IpAddress address = random.chance(0.5) ? IpAddress::v4(0x0A000000u + low)
                                               : IpAddress::parse("2001:db8::")->plus(low);
  return {address, static_cast<std::uint16_t>(random.below(4))};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(endpoint_map)

BOOST_AUTO_TEST_CASE(finds_what_a_map_finds_and_the_first_of_several_values_counts) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    random::Stream random(seed, "endpoints");
    EndpointMap map;
    std::map<Endpoint, std::uint32_t> expected;
    for (std::uint32_t i = 0; i < 400; ++i) {
      const Endpoint inserted = random_endpoint(random);
      map.insert(inserted, i);
      expected.emplace(inserted, i);
      const Endpoint asked = random_endpoint(random);
      const auto at = expected.find(asked);
      const std::uint32_t* const found = map.find(asked);
      BOOST_REQUIRE_EQUAL(map.contains(asked), at != expected.end());
      if (at != expected.end()) BOOST_REQUIRE_EQUAL(*found, at->second);
    }
    for (const auto& [endpoint, value] : expected) {
      BOOST_REQUIRE(map.contains(endpoint));
      BOOST_REQUIRE_EQUAL(*map.find(endpoint), value);
    }
  }
}

BOOST_AUTO_TEST_CASE(holds_nothing_at_first) {
  BOOST_TEST(!EndpointMap().contains({IpAddress(), 0}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::net
