// ICMP through the NAT box: echoes by identifier, errors with what they quote (RFC 5508).
#include <boost/test/unit_test.hpp>

#include "models/net/icmp.hpp"
#include "tests/middlebox/nat_scene.hpp"

namespace elblab::middlebox {

using std::chrono::seconds;
using telemetry::Reason;

namespace {

const Bytes kBody{1, 2, 3, 4, 5};

Bytes ping(const net::IpAddress& from, const net::IpAddress& to, std::uint16_t identifier,
           bool reply = false) {
  return icmp(from, to, reply ? 0 : 8, 0, std::uint32_t{identifier} << 16 | 1, kBody);
}

std::uint16_t identifier_of(const Parsed& packet) { return net::echo_of(packet.view)->identifier; }

// As a router or host quotes: the IP header and 8 bytes more (RFC 792), or all of it.
Bytes unreachable(const net::IpAddress& from, const net::IpAddress& to, const Bytes& about,
                  std::size_t quoted) {
  return icmp(from, to, net::icmp_type::destination_unreachable, 3, 0,
              Bytes(about.begin(),
                    about.begin() + static_cast<std::ptrdiff_t>(std::min(quoted, about.size()))));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nat_icmp)

BOOST_AUTO_TEST_CASE(echoes_are_told_apart_by_their_identifier) {
  NatScene scene;
  const Parsed alice = scene.through(ping(kAlice.address, kWeb.address, 9));
  const Parsed bob = scene.through(ping(kBob.address, kWeb.address, 9));
  BOOST_TEST((alice.view.source() == ip(kOuter)));
  BOOST_TEST(identifier_of(alice) == 1024);
  BOOST_TEST(identifier_of(bob) == 1025);
  const Parsed to_bob = scene.through(ping(kWeb.address, ip(kOuter), 1025, true));
  BOOST_TEST((to_bob.view.destination() == kBob.address));
  BOOST_TEST(identifier_of(to_bob) == 9);
  BOOST_TEST(Bytes(to_bob.view.payload().begin(), to_bob.view.payload().end()) == kBody,
             boost::test_tools::per_element());
  const Parsed to_alice = scene.through(ping(kWeb.address, ip(kOuter), 1024, true));
  BOOST_TEST((to_alice.view.destination() == kAlice.address));
  // Once more the same, and another identifier.
  BOOST_TEST(identifier_of(scene.through(ping(kAlice.address, kWeb.address, 9))) == 1024);
  BOOST_TEST(identifier_of(scene.through(ping(kAlice.address, kWeb.address, 10))) == 1026);
  BOOST_TEST(scene.nat.gauges(net::Protocol::icmp).ports_in_use == 3u);
  BOOST_TEST(scene.nat.counts().conserved);
}

BOOST_AUTO_TEST_CASE(only_the_host_asked_may_answer_an_echo_and_none_is_asked_from_outside) {
  NatScene scene;
  scene.through(ping(kAlice.address, kWeb.address, 9));
  BOOST_TEST(scene.pass(ping(kShop.address, ip(kOuter), 1024, true)).empty());
  BOOST_TEST(scene.pass(ping(kWeb.address, ip(kOuter), 1030, true)).empty());
  BOOST_TEST(scene.pass(ping(kWeb.address, ip(kOuter), 1024)).empty());
  BOOST_TEST(scene.pass(ping(kAlice.address, kWeb.address, 9, true)).empty());
  BOOST_TEST(scene.dropped(Reason::no_connection) == 4u);
  BOOST_TEST(scene.pass(icmp(kAlice.address, kWeb.address, 13, 0, 1, {})).empty());  // timestamp
  BOOST_TEST(scene.pass(icmp(kWeb.address, ip(kOuter), 13, 0, 1, {})).empty());
  BOOST_TEST(scene.dropped(Reason::unsupported_protocol) == 2u);
  Bytes damaged = ping(kAlice.address, kWeb.address, 9);
  damaged.back() ^= 1;
  BOOST_TEST(scene.pass(damaged).empty());
  BOOST_TEST(scene.dropped(Reason::bad_checksum) == 1u);
  BOOST_TEST(scene.nat.counts().conserved);
}

BOOST_AUTO_TEST_CASE(echoes_use_identifiers_up) {
  NatScene scene;
  for (std::uint16_t id = 1; id <= 8; ++id) {
    scene.through(ping(kAlice.address, kWeb.address, id));
  }
  BOOST_TEST(scene.pass(ping(kAlice.address, kWeb.address, 9)).empty());
  BOOST_TEST(scene.nat.counters().refused() == 1u);
}

// RFC 5508 REQ-4: the one who met the error stays the source, the quoted packet is as it was sent.
BOOST_AUTO_TEST_CASE(an_error_from_outside_finds_the_sender_with_its_own_packet_quoted) {
  const Bytes sent[] = {tcp(kAlice, kWeb, {flag::syn, 7, 0, 40}), udp(kAlice, kWeb, 40),
                        ping(kAlice.address, kWeb.address, 9)};
  const net::IpAddress router = ip("192.0.2.1");
  for (const Bytes& packet : sent) {
    for (const std::size_t quoted : {std::size_t{28}, std::size_t{1000}}) {
      NatScene scene;
      const Parsed seen = scene.through(packet);
      const Parsed error =
          scene.through(unreachable(router, ip(kOuter), seen.bytes, quoted), kStart);
      BOOST_TEST((error.view.source() == router));
      BOOST_TEST((error.view.destination() == kAlice.address));
      // All but the time to live, which the box took one of: quoted as it was sent.
      Bytes expected(packet.begin(),
                     packet.begin() + static_cast<std::ptrdiff_t>(std::min(quoted, packet.size())));
      net::PacketView whole;
      Bytes lived = packet;
      BOOST_REQUIRE(net::PacketView::parse(lived, whole) == net::ParseError::none);
      BOOST_REQUIRE(whole.decrement_time_to_live());
      std::copy_n(lived.begin(), 20, expected.begin());
      BOOST_TEST(Bytes(error.view.payload().begin(), error.view.payload().end()) == expected,
                 boost::test_tools::per_element());
    }
  }
}

// RFC 5508 REQ-5: outside it comes from the box.
BOOST_AUTO_TEST_CASE(an_error_from_inside_tells_the_remote_of_its_own_packet) {
  NatScene scene;
  const net::Endpoint outer = scene.out(over_udp(kAlice, kWeb))->source;
  const Bytes answer = udp(kWeb, outer, 60);
  const Parsed inside = scene.through(answer);
  for (const char* from : {"10.1.0.1", "10.1.0.254", "192.0.0.8"}) {  // the host, a router, another
    const Parsed error = scene.through(unreachable(ip(from), kWeb.address, inside.bytes, 28));
    BOOST_TEST((error.view.source() == outer.address));
    BOOST_TEST((error.view.destination() == kWeb.address));
    BOOST_TEST((*net::quoted_flow(error.view) == over_udp(kWeb, outer)));
  }
}

BOOST_AUTO_TEST_CASE(an_error_about_a_hairpinned_packet_goes_back_through_both_mappings) {
  NatScene scene;
  const net::Endpoint bob = scene.out(over_udp(kBob, kWeb))->source;
  const Bytes call = udp(kAlice, bob, 20);
  const Parsed seen = scene.through(call);
  const Parsed error = scene.through(unreachable(kBob.address, seen.view.source(), seen.bytes, 28));
  BOOST_TEST((error.view.destination() == kAlice.address));
  BOOST_TEST((error.view.source() == bob.address));
  BOOST_TEST((*net::quoted_flow(error.view) == over_udp(kAlice, bob)));
}

BOOST_AUTO_TEST_CASE(errors_about_what_is_not_translated_are_dropped) {
  NatScene scene;
  const Bytes stranger = udp(at(kOuter, 1024), kWeb, 10);
  BOOST_TEST(scene.pass(unreachable(kWeb.address, ip(kOuter), stranger, 28)).empty());
  BOOST_TEST(
      scene.pass(unreachable(kAlice.address, kWeb.address, udp(kWeb, kAlice, 1), 28)).empty());
  BOOST_TEST(scene.dropped(Reason::no_connection) == 2u);
  BOOST_TEST(scene.pass(unreachable(kWeb.address, ip(kOuter), stranger, 19)).empty());
  BOOST_TEST(scene.dropped(Reason::unsupported_protocol) == 1u);
}

// RFC 4787 REQ-12, RFC 5382 REQ-10.
BOOST_AUTO_TEST_CASE(errors_neither_end_a_session_nor_keep_it_alive) {
  NatScene scene;
  const Parsed seen = scene.through(udp(kAlice, kWeb, 40));
  scene.through(unreachable(kWeb.address, ip(kOuter), seen.bytes, 28), kStart + seconds(299));
  BOOST_TEST(scene.nat.gauges().sessions == 1u);
  scene.run_to(kStart + seconds(300));
  BOOST_TEST(scene.nat.gauges().sessions == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::middlebox
