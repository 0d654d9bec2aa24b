// What is a retransmission, and what only looks like one. Figures by hand.
#include "tests/findings/diagnosed.hpp"

namespace elblab::findings::test {
namespace {

const net::Endpoint kClient = endpoint(1, 40000);

// SYN, SYN+ACK, ACK in the first 2 ms: numbers go on at 101 and 501.
Packets opened() {
  Packets packets;
  packets.tcp(0, kClient, kServer, flag::syn, 100, 0, 0, 1);
  packets.tcp(1, kServer, kClient, flag::syn | flag::ack, 500, 101, 0, 1);
  packets.tcp(2, kClient, kServer, flag::ack, 101, 501, 0, 2);
  return packets;
}

const streams::StreamCounts& of_client(const Diagnosed& capture) {
  return capture.connection().counts(Side::client);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(streams_of_a_capture)

BOOST_AUTO_TEST_CASE(keep_alive_probes_and_their_answers_are_no_retransmissions) {
  Packets packets = opened();
  packets.tcp(3, kClient, kServer, flag::ack | flag::psh, 101, 501, 10, 3);
  packets.tcp(4, kServer, kClient, flag::ack | flag::psh, 501, 111, 20, 2);
  packets.tcp(5, kClient, kServer, flag::ack, 111, 521, 0, 4);
  for (int i = 1; i <= 5; ++i) {
    const auto id = static_cast<std::uint16_t>(10 + i);
    // Without a byte, and with one (older Windows).
    packets.tcp(i * 60'000, kClient, kServer, flag::ack, 110, 521, i % 2 == 0 ? 1U : 0U, id);
    packets.tcp(i * 60'000 + 1, kServer, kClient, flag::ack, 521, 111, 0, id);
  }
  const Diagnosed capture(packets);
  check_nothing_wrong(capture);
  BOOST_TEST(of_client(capture).keep_alives == 5U);
  BOOST_TEST(of_client(capture).retransmissions == 0U);
  BOOST_TEST(capture.connection().counts(Side::server).keep_alive_answers == 5U);
  BOOST_TEST(capture.connection().questions == 1U);
}

BOOST_AUTO_TEST_CASE(a_frame_captured_three_times_is_one_packet) {
  Packets once = opened();
  for (int i = 0; i < 20; ++i) {
    once.tcp(10 + 2 * i, kClient, kServer, flag::ack | flag::psh,
             static_cast<std::uint32_t>(101 + 10 * i), 501, 10, static_cast<std::uint16_t>(20 + i));
  }
  Packets packets;
  for (const auto& packet : once.list) {
    for (int copy = 0; copy < 3; ++copy) {
      packets.list.push_back(packet);
      packets.list.back().at_ns += copy * 40'000;
    }
  }
  const Diagnosed capture(packets);
  check_nothing_wrong(capture);
  BOOST_TEST(of_client(capture).captured_twice == 44U);
  BOOST_TEST(of_client(capture).retransmissions == 0U);
  BOOST_TEST(of_client(capture).packets == 22U);
  BOOST_TEST(of_client(capture).bytes == 200U);
}

BOOST_AUTO_TEST_CASE(what_was_sent_earlier_and_comes_later_is_out_of_order) {
  Packets packets = opened();
  packets.tcp(3, kClient, kServer, flag::ack, 101, 501, 10, 3);
  packets.tcp(4, kClient, kServer, flag::ack, 121, 501, 10, 5);
  packets.tcp(5, kClient, kServer, flag::ack, 111, 501, 10, 4);
  const Diagnosed capture(packets);
  BOOST_TEST(of_client(capture).out_of_order == 1U);
  BOOST_TEST(of_client(capture).retransmissions == 0U);
  BOOST_TEST(of_client(capture).bytes == 30U);
}

BOOST_AUTO_TEST_CASE(what_fills_a_hole_and_was_sent_after_it_was_lost_before) {
  Packets packets = opened();
  packets.tcp(3, kClient, kServer, flag::ack, 101, 501, 10, 3);
  packets.tcp(4, kClient, kServer, flag::ack, 121, 501, 10, 5);
  packets.tcp(4.5, kClient, kServer, flag::ack, 111, 501, 10, 6);
  const Diagnosed capture(packets);
  BOOST_TEST(of_client(capture).out_of_order == 0U);
  BOOST_TEST(of_client(capture).retransmissions == 1U);
}

BOOST_AUTO_TEST_CASE(without_identification_a_hole_filled_within_a_round_trip_is_out_of_order) {
  for (const bool soon : {true, false}) {
    Packets packets = opened();
    packets.tcp(3, kClient, kServer, flag::ack, 101, 501, 10);
    packets.tcp(4, kClient, kServer, flag::ack, 121, 501, 10);
    packets.tcp(soon ? 5 : 210, kClient, kServer, flag::ack, 111, 501, 10);
    const Diagnosed capture(packets);
    BOOST_TEST(of_client(capture).out_of_order == (soon ? 1U : 0U));
    BOOST_TEST(of_client(capture).retransmissions == (soon ? 0U : 1U));
  }
}

BOOST_AUTO_TEST_CASE(
    a_syn_sent_again_by_a_sender_that_never_changes_its_identification_is_no_copy) {
  Packets packets;
  for (int i = 0; i < 4; ++i) {
    packets.tcp(1000 * ((1 << i) - 1), kClient, kServer, flag::syn, 100, 0, 0, 7);
  }
  const Diagnosed capture(packets);
  BOOST_TEST(capture.connection().syns == 4U);
  BOOST_TEST((capture.handshake() == Handshake::unanswered));
}

BOOST_AUTO_TEST_CASE(numbers_may_wrap) {
  Packets packets;
  packets.tcp(0, kClient, kServer, flag::syn, 0xFFFFFFF0U, 0);
  packets.tcp(1, kServer, kClient, flag::syn | flag::ack, 500, 0xFFFFFFF1U);
  packets.tcp(2, kClient, kServer, flag::ack, 0xFFFFFFF1U, 501);
  packets.tcp(3, kClient, kServer, flag::ack, 0xFFFFFFF1U, 501, 100);
  packets.tcp(4, kClient, kServer, flag::ack, 85, 501, 100);
  packets.tcp(300, kClient, kServer, flag::ack, 85, 501, 100);
  const Diagnosed capture(packets);
  BOOST_TEST(of_client(capture).bytes == 200U);
  BOOST_TEST(of_client(capture).retransmissions == 1U);
}

BOOST_AUTO_TEST_CASE(what_the_capture_missed_is_told_and_is_no_loss) {
  Packets packets = opened();
  packets.tcp(3, kClient, kServer, flag::ack, 101, 501, 10, 3);
  packets.tcp(5, kClient, kServer, flag::ack, 121, 501, 10, 5);
  packets.tcp(6, kServer, kClient, flag::ack, 501, 131, 0, 2);
  const Diagnosed capture(packets);
  check_nothing_wrong(capture);
  BOOST_TEST(of_client(capture).missed == 1U);
  BOOST_TEST(holds(capture.notes(), "the capture lacks packets"));
}

BOOST_AUTO_TEST_CASE(a_window_that_is_probed_is_not_sent_into_again) {
  Packets packets = opened();
  packets.tcp(3, kClient, kServer, flag::ack, 101, 501, 10, 3);
  net::TcpFields closed;
  Packets stop;
  stop.tcp(4, kServer, kClient, flag::ack, 501, 111, 0, 2);
  stop.list[0].bytes[20 + 14] = stop.list[0].bytes[20 + 15] = 0;
  packets.list.push_back(stop.list[0]);
  packets.tcp(300, kClient, kServer, flag::ack, 111, 501, 1, 4);
  packets.tcp(900, kClient, kServer, flag::ack, 111, 501, 1, 5);
  const Diagnosed capture(packets);
  BOOST_TEST(of_client(capture).window_probes == 2U);
  BOOST_TEST(of_client(capture).retransmissions == 0U);
}

BOOST_AUTO_TEST_CASE(a_syn_ack_captured_before_its_syn_is_one_connection) {
  Packets packets = opened();
  std::swap(packets.list[0].bytes, packets.list[1].bytes);
  packets.tcp(3, kClient, kServer, flag::ack | flag::psh, 101, 501, 10);
  packets.tcp(4, kServer, kClient, flag::ack | flag::psh, 501, 111, 20);
  const Diagnosed capture(packets);
  check_nothing_wrong(capture);
  BOOST_TEST(capture.streams().list.size() == 1U);
  BOOST_TEST((capture.handshake() == Handshake::whole));
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_open_before_is_the_servers_that_serves_elsewhere) {
  Packets packets;
  const net::Endpoint server = endpoint(200, 50'000);
  const net::Endpoint client = endpoint(9, 1024);
  packets.tcp(0, server, client, flag::ack | flag::psh, 500, 100, 10);
  healthy(packets, 10, 40001, server);
  const Diagnosed capture(packets);
  BOOST_TEST(capture.connection(0).server.to_string() == server.to_string());
  BOOST_TEST((capture.handshake(0) == Handshake::under_way));
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_by_a_year_or_forward_by_a_day_stops_nothing) {
  for (const double jump_ms : {-365.0 * 86'400'000, 86'400'000.0}) {
    Packets packets;
    healthy(packets, 1e12, 40001);
    healthy(packets, 1e12 + jump_ms, 40002);
    const Diagnosed capture(packets);
    check_nothing_wrong(capture);
    BOOST_TEST(capture.streams().list.size() == 2U);
    BOOST_TEST((capture.streams().report.length < std::chrono::seconds(1)));
    BOOST_TEST(capture.streams().report.set_back + capture.streams().report.gaps == 1U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::findings::test
