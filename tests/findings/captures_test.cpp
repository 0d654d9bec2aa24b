// Captures that were once answered wrongly, in the folder cases/, and what is right.
#include "tests/findings/diagnosed.hpp"

namespace elblab::findings::test {
namespace {

std::string of_case(const std::string& name) {
  return std::string(ELBLAB_CASES) + "/" + name + ".pcap";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(captures)

BOOST_AUTO_TEST_CASE(health_checks_that_reset_what_was_answered_are_nothing_wrong) {
  const Diagnosed capture(of_case("health-checks-with-rst"));
  check_nothing_wrong(capture);
  BOOST_TEST(capture.books().services.at(0).count(Handshake::client_reset) == 12U);
}

BOOST_AUTO_TEST_CASE(clients_that_fall_silent_after_the_answer_are_to_blame_not_the_server) {
  const Diagnosed capture(of_case("half-open"));
  check_found(capture, "client_silent", diagnosis::Confidence::certain);
  // The SYN+ACK of each was sent four times, and not captured twice.
  BOOST_TEST(holds(capture->found[0].evidence[0].text, "answered 10 connects by 40 SYN+ACKs"),
             capture->found[0].evidence[0].text);
}

BOOST_AUTO_TEST_CASE(a_service_that_stops_is_named_with_its_last_packet) {
  const Diagnosed capture(of_case("unanswered-at-end"));
  // Nobody tried twice.
  check_found(capture, "dead_server", diagnosis::Confidence::likely);
  BOOST_TEST(holds(capture->found[0].title, "203.0.113.80:80 stopped answering"));
  BOOST_TEST(holds(capture->found[0].evidence[0].text, "comes at 951 ms"));
}

BOOST_AUTO_TEST_CASE(both_sides_of_a_full_proxy_count_once) {
  const Diagnosed capture(of_case("full-proxy-both-sides"));
  check_nothing_wrong(capture);
  BOOST_TEST(capture.books().hops.by_payload == 40U);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_damages_nothing) {
  const Diagnosed capture(of_case("clock-set"));
  check_nothing_wrong(capture);
  BOOST_TEST(capture.streams().report.unreadable == 0U);
  BOOST_TEST(capture.streams().report.gaps == 1U);
}

BOOST_AUTO_TEST_CASE(fast_open_whose_data_is_declined_is_established) {
  const Diagnosed capture(of_case("fast-open-declined"));
  check_nothing_wrong(capture);
  BOOST_TEST((capture.handshake() == Handshake::whole));
  BOOST_TEST(capture.connection().counts(Side::client).retransmissions == 0U);
  BOOST_TEST(capture.connection().counts(Side::client).bytes == 400U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::findings::test
