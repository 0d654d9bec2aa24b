#include "models/host/path_mtu.hpp"

#include <boost/test/unit_test.hpp>

namespace elblab::host {

namespace {
const net::IpAddress kPeer = net::IpAddress::v4(192, 0, 2, 1);
}  // namespace

BOOST_AUTO_TEST_SUITE(path_mtu)

BOOST_AUTO_TEST_CASE(keeps_what_was_told_for_ten_minutes) {  // net.ipv4.route.mtu_expires
  PathMtu paths;
  BOOST_TEST(!paths.find(kPeer, kStart));
  paths.learn(kPeer, 1400, kStart);
  BOOST_TEST(paths.find(kPeer, kStart + std::chrono::seconds(599)).value() == 1400u);
  BOOST_TEST(!paths.find(kPeer, kStart + std::chrono::seconds(600)));
  BOOST_TEST(!paths.find(net::IpAddress::v4(192, 0, 2, 2), kStart));
}

BOOST_AUTO_TEST_CASE(believes_nothing_that_would_make_packets_tiny) {  // net.ipv4.route.min_pmtu
  PathMtu paths;
  BOOST_TEST(paths.learn(kPeer, 68, kStart) == 552u);
  BOOST_TEST(paths.learn(*net::IpAddress::parse("2001:db8::1"), 68, kStart) == 1280u);
}

BOOST_AUTO_TEST_CASE(forgets_what_it_learned_first_when_there_is_too_much) {
  PathMtu paths;
  for (std::uint32_t i = 0; i <= PathMtu::kMost; ++i) {
    paths.learn(net::IpAddress::v4(0x0A000000U + i), 1400, kStart);
  }
  BOOST_TEST(!paths.find(net::IpAddress::v4(0x0A000000U), kStart));
  BOOST_TEST(paths.find(net::IpAddress::v4(0x0A000001U), kStart).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::host
