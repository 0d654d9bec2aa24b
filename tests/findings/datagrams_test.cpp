// Questions in datagrams.
#include "tests/findings/diagnosed.hpp"

namespace elblab::findings::test {
namespace {

using diagnosis::Confidence;

const net::Endpoint kNames = endpoint(200, 53);

void ask(Packets& packets, double at_ms, std::uint16_t port, bool answered) {
  packets.udp(at_ms, endpoint(1, port), kNames, 40, static_cast<std::uint8_t>(port), port);
  if (answered) {
    packets.udp(at_ms + 2, kNames, endpoint(1, port), 90, static_cast<std::uint8_t>(port), port);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datagrams)

BOOST_AUTO_TEST_CASE(questions_of_which_half_stay_without_an_answer_are_something_wrong) {
  Packets packets;
  for (std::uint16_t i = 0; i < 100; ++i) ask(packets, 100 * i, 40000 + i, i % 2 == 0);
  const Diagnosed capture(packets);
  check_found(capture, "silent_udp", Confidence::likely);
  // The one of the last three seconds may still be answered.
  BOOST_TEST(holds(capture->symptoms[0].text, "35 of 100 questions"), capture->symptoms[0].text);
}

BOOST_AUTO_TEST_CASE(questions_from_one_port_are_told_apart_by_how_they_begin) {
  Packets packets;
  for (int i = 0; i < 100; ++i) {
    const auto filling = static_cast<std::uint8_t>(i);
    packets.udp(100 * i, endpoint(1, 40000), kNames, 40, filling,
                static_cast<std::uint16_t>(i + 1));
    if (i % 10 != 0) {
      packets.udp(100 * i + 250, kNames, endpoint(1, 40000), 90, filling,
                  static_cast<std::uint16_t>(i + 1));
    }
  }
  packets.udp(20'000, endpoint(9, 1000), endpoint(201, 123), 48);
  sort_by_time(packets);
  const Diagnosed capture(packets);
  BOOST_TEST(capture.connection().questions == 100U);
  BOOST_TEST(streams::unanswered_questions(capture.connection(), capture.books().end()) == 10U);
}

BOOST_AUTO_TEST_CASE(a_service_that_falls_silent_is_named_with_its_last_datagram) {
  Packets packets;
  for (std::uint16_t i = 0; i < 100; ++i) ask(packets, 100 * i, 40000 + i, i < 40);
  const Diagnosed capture(packets);
  check_found(capture, "dead_server", Confidence::certain);
  BOOST_TEST(holds(capture->found[0].evidence[0].text, "its last datagram comes at 3.90 s"),
             capture->found[0].evidence[0].text);
}

BOOST_AUTO_TEST_CASE(logs_that_nobody_answers_cannot_be_told_from_a_dead_service) {
  Packets packets;
  for (std::uint16_t i = 0; i < 100; ++i) {
    packets.udp(100 * i, endpoint(1, 40000), endpoint(200, 514), 100, static_cast<std::uint8_t>(i),
                i);
  }
  const Diagnosed capture(packets);
  check_nothing_wrong(capture);
  BOOST_TEST(capture.cannot_tell("datagrams in one direction"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::findings::test
