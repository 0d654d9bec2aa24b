#include "models/network/route_table.hpp"

#include <boost/test/unit_test.hpp>

#include "models/random/stream.hpp"

namespace elblab::network {
namespace {

net::Subnet subnet(std::string_view text) { return *net::Subnet::parse(text); }
net::IpAddress ip(std::string_view text) { return *net::IpAddress::parse(text); }

}  // namespace

BOOST_AUTO_TEST_SUITE(route_table)

BOOST_AUTO_TEST_CASE(prefers_the_longest_prefix) {
  const RouteTable table({{subnet("0.0.0.0/0"), 1},
                          {subnet("10.0.0.0/8"), 2},
                          {subnet("10.0.2.0/24"), 3},
                          {subnet("10.0.2.7/32"), 4},
                          {subnet("2001:db8::/32"), 5}});
  BOOST_TEST(*table.find(ip("192.0.2.1")) == 1u);
  BOOST_TEST(*table.find(ip("10.9.9.9")) == 2u);
  BOOST_TEST(*table.find(ip("10.0.2.8")) == 3u);
  BOOST_TEST(*table.find(ip("10.0.2.7")) == 4u);
  BOOST_TEST(*table.find(ip("2001:db8:1::")) == 5u);
  BOOST_TEST(!table.find(ip("2001:db9::1")).has_value());  // the IPv4 default is none for IPv6
  BOOST_TEST(!RouteTable({}).find(ip("10.0.0.1")).has_value());
}

BOOST_AUTO_TEST_CASE(agrees_with_a_search_through_all_routes) {
  random::Stream random(1, "routes");
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<Route> routes;
    for (PortIndex port = 0; port < 60; ++port) {
      routes.push_back({net::Subnet(net::IpAddress::v4(static_cast<std::uint32_t>(
                                        0x0A000000 + random.below(1 << 12))),
                                    static_cast<unsigned>(20 + random.below(13))),
                        port});
    }
    const RouteTable table(routes);
    for (int i = 0; i < 200; ++i) {
      const auto to =
          net::IpAddress::v4(static_cast<std::uint32_t>(0x0A000000 + random.below(1 << 12)));
      std::optional<Route> best;
      for (const Route& route : routes) {
        if (!route.destination.contains(to)) continue;
        if (!best || route.destination.prefix_length() > best->destination.prefix_length()) {
          best = route;
        }
      }
      const auto found = table.find(to);
      BOOST_REQUIRE_EQUAL(found.has_value(), best.has_value());
      if (best) BOOST_REQUIRE_EQUAL(*found, best->port);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::network
