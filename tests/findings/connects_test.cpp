// Connections that never came about.
#include "tests/findings/diagnosed.hpp"

namespace elblab::findings::test {
namespace {

using diagnosis::Confidence;

// SYNs at 0, 1 s, 3 s, 7 s: as Linux sends them.
void insist(Packets& packets, double at_ms, const net::Endpoint& client,
            const net::Endpoint& server = kServer, int tries = 4) {
  for (int i = 0; i < tries; ++i) {
    packets.tcp(at_ms + 1000 * ((1 << i) - 1), client, server, flag::syn, 100U + client.port, 0);
  }
}

void refuse(Packets& packets, double at_ms, const net::Endpoint& client,
            const net::Endpoint& server = kServer) {
  packets.tcp(at_ms, client, server, flag::syn, 100, 0);
  packets.tcp(at_ms + 1, server, client, flag::rst | flag::ack, 0, 101);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connects)

BOOST_AUTO_TEST_CASE(a_server_of_which_nothing_comes_is_dead_and_not_full) {
  Packets packets;
  for (std::uint16_t i = 0; i < 8; ++i) insist(packets, 100 * i, endpoint(1, 40000 + i));
  for (std::uint16_t i = 0; i < 8; ++i) healthy(packets, 150 * i, 41000 + i, endpoint(201, 80));
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_found(capture, "dead_server", Confidence::certain);
  BOOST_TEST(holds(capture->found[0].title, "10.0.0.200:80 is dead or cut off"));
  BOOST_TEST(holds(capture->symptoms[0].text, "8 of 16 connections failed"));
}

BOOST_AUTO_TEST_CASE(a_refusal_in_the_last_moment_counts) {
  Packets packets;
  healthy(packets, 0, 40001);
  refuse(packets, 5000, endpoint(2, 40002));
  const Diagnosed capture(packets);
  BOOST_TEST((capture.handshake(1) == Handshake::refused));
  check_found(capture, "dead_server", Confidence::certain);
  BOOST_TEST(holds(capture->found[0].title, "refuses connects"));
}

BOOST_AUTO_TEST_CASE(a_syn_that_the_end_of_the_capture_cuts_off_is_not_judged) {
  Packets packets;
  healthy(packets, 0, 40001);
  packets.tcp(5000, endpoint(2, 40002), kServer, flag::syn, 100, 0);
  healthy(packets, 5100, 40003);
  const Diagnosed capture(packets);
  check_nothing_wrong(capture);
  BOOST_TEST((capture.handshake(1) == Handshake::not_judged));
  BOOST_TEST(capture.cannot_tell("connections at its edges"));
}

BOOST_AUTO_TEST_CASE(syns_dropped_while_established_connections_lose_nothing_meet_a_full_queue) {
  Packets packets;
  for (std::uint16_t i = 0; i < 40; ++i) healthy(packets, 200 * i, 41000 + i);
  // Answered when they come again.
  for (std::uint16_t i = 0; i < 10; ++i) {
    packets.tcp(200 * i + 50, endpoint(3, 42000 + i), kServer, flag::syn, 1042000U + i, 0);
    pcap::testing::short_connection(packets, 200 * i + 1050, endpoint(3, 42000 + i), kServer,
                                    1042000U + i, 9000);
  }
  for (std::uint16_t i = 0; i < 6; ++i) {
    insist(packets, 300 * i, endpoint(2, 40000 + i), kServer, 2);
  }
  sort_by_time(packets);
  const Diagnosed capture(packets);
  BOOST_TEST(capture.found("accept_queue"), capture->verdict);
  BOOST_TEST(!capture.found("dead_server"), capture->verdict);
}

BOOST_AUTO_TEST_CASE(connects_of_which_every_second_never_succeeds_meet_a_dead_server_behind) {
  Packets packets;
  for (std::uint16_t i = 0; i < 20; ++i) {
    healthy(packets, 400 * i, 41000 + i);
    insist(packets, 400 * i + 200, endpoint(2, 40000 + i));
  }
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_found(capture, "dead_server", Confidence::likely);
  BOOST_TEST(holds(capture->found[0].title, "a server behind it"));
}

BOOST_AUTO_TEST_CASE(an_answer_for_another_connection_tells_of_ports_used_before) {
  Packets packets;
  for (std::uint16_t i = 0; i < 4; ++i) {
    const net::Endpoint client = endpoint(1, 40000 + i);
    healthy(packets, 100 * i, 40000 + i);
    for (int tried = 0; tried < 3; ++tried) {
      const double at = 1000 + 100 * i + 1000 * tried;
      packets.tcp(at, client, kServer, flag::syn, 77'000'000, 0);
      packets.tcp(at + 1, kServer, client, flag::ack, 10002U + i, 41103U + i);
      packets.tcp(at + 2, client, kServer, flag::rst, 41103U + i, 0);
    }
  }
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_found(capture, "time_wait_refused", Confidence::likely);
}

BOOST_AUTO_TEST_CASE(a_capture_of_one_direction_is_said_to_be_one) {
  Packets whole;
  for (std::uint16_t i = 0; i < 20; ++i) healthy(whole, 100 * i, 40000 + i);
  for (const bool clients : {true, false}) {
    Packets packets;
    for (const auto& packet : whole.list) {
      const bool to_server = packet.bytes[19] == 200;
      if (to_server == clients) packets.list.push_back(packet);
    }
    const Diagnosed capture(packets);
    check_nothing_wrong(capture);
    BOOST_TEST(capture.cannot_tell(clients ? "answers of" : "what was asked of"));
  }
}

BOOST_AUTO_TEST_CASE(a_scan_of_many_ports_is_no_fault_of_theirs) {
  Packets packets;
  for (std::uint16_t i = 0; i < 30; ++i) {
    refuse(packets, 10 * i, endpoint(66, 50000), endpoint(200, 8000 + i));
  }
  for (std::uint16_t i = 0; i < 10; ++i) healthy(packets, 50 * i, 41000 + i);
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_nothing_wrong(capture);
  BOOST_TEST(capture.books().scanned == 30U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::findings::test
