#include "models/access/access_list.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/access/scene.hpp"

namespace elblab::access {
namespace {

using Kind = config::AccessControl::Kind;

AccessList list(Kind kind, std::initializer_list<std::string_view> entries) {
  config::AccessControl control{kind, {}};
  for (const std::string_view entry : entries) control.entries.push_back(subnet(entry));
  return AccessList(control);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_list)

BOOST_AUTO_TEST_CASE(as_a_whitelist_admits_those_listed) {  // ACL-02, vector V7
  const AccessList whitelist = list(Kind::whitelist, {"10.168.2.24", "10.168.16.0/24"});
  BOOST_TEST(whitelist.admits(ip("10.168.2.24")));
  BOOST_TEST(whitelist.admits(ip("10.168.16.0")));
  BOOST_TEST(whitelist.admits(ip("10.168.16.255")));
  BOOST_TEST(!whitelist.admits(ip("10.168.17.1")));
  BOOST_TEST(!whitelist.admits(ip("10.168.2.25")));
  BOOST_TEST(!whitelist.admits(ip("2001:db8::1")));
}

BOOST_AUTO_TEST_CASE(as_a_blacklist_admits_those_not_listed) {  // ACL-04
  const AccessList blacklist = list(Kind::blacklist, {"203.0.113.0/24", "2001:db8::/32"});
  BOOST_TEST(!blacklist.admits(ip("203.0.113.9")));
  BOOST_TEST(blacklist.admits(ip("203.0.114.9")));
  BOOST_TEST(!blacklist.admits(ip("2001:db8:1::1")));
  BOOST_TEST(blacklist.admits(ip("2001:db9::1")));
}

BOOST_AUTO_TEST_CASE(that_is_empty_admits_nobody_or_everybody) {  // ACL-03
  BOOST_TEST(!list(Kind::whitelist, {}).admits(ip("10.0.0.1")));
  BOOST_TEST(list(Kind::blacklist, {}).admits(ip("10.0.0.1")));
}

BOOST_AUTO_TEST_CASE(agrees_with_a_look_at_every_entry) {
  random::Stream random(3, "entries");
  const auto address = [&] {
    return random.chance(0.5)
               ? net::IpAddress::v4(static_cast<std::uint32_t>(0x0A000000 + random.below(64)))
               : ip(random.chance(0.5) ? "2001:db8::" : "::").plus(random.below(64));
  };
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<net::Subnet> subnets;
    for (std::uint64_t i = random.below(30); i > 0; --i) {
      const net::IpAddress base = address();
      const unsigned wide = base.is_v4() ? 26 : 122;
      const auto length = static_cast<unsigned>(random.chance(0.05) ? 0 : wide + random.below(7));
      subnets.emplace_back(base, length);
    }
    const AddressSet set(subnets);
    for (int i = 0; i < 100; ++i) {
      const net::IpAddress wanted = address();
      const bool expected = std::any_of(subnets.begin(), subnets.end(),
                                        [&](const auto& each) { return each.contains(wanted); });
      BOOST_REQUIRE_EQUAL(set.contains(wanted), expected);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::access
