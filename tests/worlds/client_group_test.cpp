// How a workload is shared out over hosts and addresses, by arithmetic.
#include "worlds/client_group.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

namespace elblab::worlds::test {
namespace {

using net::IpAddress;
using workload::ClientParameters;

std::vector<IpAddress> addresses(std::uint8_t network, std::size_t count) {
  std::vector<IpAddress> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(IpAddress::v4(10, network, 0, 1).plus(i));
  }
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(client_group)

BOOST_AUTO_TEST_CASE(rate_is_shared_by_host_then_by_address) {
  ClientParameters whole;
  whole.rate_per_second = 120;
  const auto parts = split_workload(whole, {addresses(1, 1), addresses(2, 3)});
  BOOST_REQUIRE_EQUAL(parts.size(), 4);
  BOOST_TEST(parts[0].parameters.rate_per_second == 60);
  for (std::size_t i = 1; i < 4; ++i) {
    BOOST_TEST(parts[i].host == 1);
    BOOST_TEST(parts[i].parameters.rate_per_second == 20);
    BOOST_TEST((parts[i].source == IpAddress::v4(10, 2, 0, static_cast<std::uint8_t>(i))));
  }
}

BOOST_AUTO_TEST_CASE(uniform_parts_together_are_uniform) {
  ClientParameters whole;
  whole.rate_per_second = 1000;
  const auto parts = split_workload(whole, {addresses(1, 2), addresses(2, 2)});
  std::vector<std::int64_t> arrivals;
  for (const ClientPart& part : parts) {
    const double gap = 1e9 / part.parameters.rate_per_second;
    for (int i = 0; i < 25; ++i) {
      arrivals.push_back(part.parameters.begin.time_since_epoch().count() + std::llround(gap * i));
    }
  }
  std::sort(arrivals.begin(), arrivals.end());
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    BOOST_TEST(arrivals[i] == static_cast<std::int64_t>(i) * 1'000'000);  // one per ms
  }
}

BOOST_AUTO_TEST_CASE(connections_are_whole_and_add_up) {
  for (const std::uint32_t connections : {1U, 3U, 7U, 100U}) {
    ClientParameters whole;
    whole.connections = connections;
    const auto parts = split_workload(whole, {addresses(1, 2), addresses(2, 3)});
    std::uint32_t sum = 0;
    for (const ClientPart& part : parts) {
      BOOST_TEST(part.parameters.connections > 0);
      sum += part.parameters.connections;
    }
    BOOST_TEST(sum == connections);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::worlds::test
