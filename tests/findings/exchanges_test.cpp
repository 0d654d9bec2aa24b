// Connections that were open and broke off, or lost packets.
#include "tests/findings/diagnosed.hpp"

namespace elblab::findings::test {
namespace {

using diagnosis::Confidence;

void open_and_ask(Packets& packets, double at_ms, const net::Endpoint& client) {
  packets.tcp(at_ms, client, kServer, flag::syn, 100, 0);
  packets.tcp(at_ms + 1, kServer, client, flag::syn | flag::ack, 500, 101);
  packets.tcp(at_ms + 2, client, kServer, flag::ack, 101, 501);
  packets.tcp(at_ms + 3, client, kServer, flag::ack | flag::psh, 101, 501, 50);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exchanges)

BOOST_AUTO_TEST_CASE(resets_after_the_same_silence_each_time_are_an_idle_timeout) {
  Packets packets;
  for (std::uint16_t i = 0; i < 5; ++i) {
    const net::Endpoint client = endpoint(2, 40000 + i);
    open_and_ask(packets, 1000 * i, client);
    packets.tcp(1000 * i + 4, kServer, client, flag::ack, 501, 151);
    packets.tcp(1000 * i + 20'004 + i, kServer, client, flag::rst | flag::ack, 501, 151);
  }
  healthy(packets, 50, 41000);
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_found(capture, "idle_timeout", Confidence::certain);
  BOOST_TEST(holds(capture->found[0].evidence[0].text, "20.0 s"));
}

BOOST_AUTO_TEST_CASE(a_reset_before_an_answer_is_told_with_where_it_came_from) {
  Packets packets;
  for (std::uint16_t i = 0; i < 5; ++i) {
    const net::Endpoint client = endpoint(2, 40000 + i);
    open_and_ask(packets, 1000 * i, client);
    packets.tcp(1000 * i + 10, kServer, client, flag::rst | flag::ack, 501, 151);
    packets.list.back().bytes[8] = 44;  // its time to live: another way than the SYN+ACK's
    healthy(packets, 1000 * i + 100, 41000 + i);
  }
  const Diagnosed capture(packets);
  check_found(capture, "connection_reset", Confidence::certain);
  BOOST_TEST(holds(capture->found[0].evidence[0].text, "5 of the resets came another way"));
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_right_after_its_last_word_did_not_wait) {
  Packets packets;
  for (std::uint16_t i = 0; i < 10; ++i) {
    const net::Endpoint client = endpoint(2, 40000 + i);
    healthy(packets, 1000 * i + 500, 41000 + i);
    open_and_ask(packets, 1000 * i, client);
    packets.tcp(1000 * i + 10, kServer, client, flag::ack | flag::psh, 501, 151, 100);
    packets.tcp(1000 * i + 11, client, kServer, flag::ack | flag::psh, 151, 601, 31);  // TLS: bye
    packets.tcp(1000 * i + 11, client, kServer, flag::ack | flag::fin, 182, 601);
    packets.tcp(1000 * i + 12, kServer, client, flag::rst, 601, 0);
  }
  sort_by_time(packets);
  check_nothing_wrong(Diagnosed(packets));
}

BOOST_AUTO_TEST_CASE(clients_that_waited_and_left_met_a_service_that_does_not_answer) {
  Packets packets;
  for (std::uint16_t i = 0; i < 10; ++i) {
    const net::Endpoint client = endpoint(2, 40000 + i);
    healthy(packets, 1000 * i + 500, 41000 + i);
    open_and_ask(packets, 1000 * i, client);
    packets.tcp(1000 * i + 4, kServer, client, flag::ack, 501, 151);
    packets.tcp(1000 * i + 5003, client, kServer, flag::fin | flag::ack, 151, 501);
  }
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_found(capture, "silent_service", Confidence::likely);
}

BOOST_AUTO_TEST_CASE(a_connection_forgotten_while_it_was_idle_is_told_by_its_silence) {
  Packets packets;
  for (std::uint16_t i = 0; i < 4; ++i) {
    const net::Endpoint client = endpoint(2, 40000 + i);
    open_and_ask(packets, 100 * i, client);
    packets.tcp(100 * i + 10, kServer, client, flag::ack | flag::psh, 501, 151, 100);
    for (int tries = 0; tries < 5; ++tries) {
      packets.tcp(600'000 + 100 * i + 200 * (1 << tries), client, kServer, flag::ack | flag::psh,
                  151, 601, 50);
    }
  }
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_found(capture, "idle_timeout", Confidence::likely);
  BOOST_TEST(holds(capture->found[0].title, "had forgotten"));
}

BOOST_AUTO_TEST_CASE(segments_sent_again_are_loss_and_delay) {
  Packets packets;
  for (std::uint16_t i = 0; i < 50; ++i) {
    const net::Endpoint client = endpoint(2, 40000 + i);
    open_and_ask(packets, 100 * i, client);
    if (i % 5 == 0) {
      packets.tcp(100 * i + 203, client, kServer, flag::ack | flag::psh, 101, 501, 50);
    }
    packets.tcp(100 * i + 210, kServer, client, flag::ack | flag::psh, 501, 151, 100);
    packets.tcp(100 * i + 211, client, kServer, flag::ack | flag::fin, 151, 601);
    packets.tcp(100 * i + 212, kServer, client, flag::ack | flag::fin, 601, 152);
  }
  sort_by_time(packets);
  const Diagnosed capture(packets);
  check_found(capture, "packet_loss", Confidence::likely);
  BOOST_TEST(holds(capture->found[0].evidence[0].text, "10 of "));
}

BOOST_AUTO_TEST_CASE(two_clients_that_ask_two_servers_the_same_are_no_proxy) {
  Packets packets;
  for (std::uint16_t i = 0; i < 40; ++i) {
    healthy(packets, 100 * i, 40000 + i);
    pcap::testing::short_connection(packets, 100 * i + 30, endpoint(7, 40000 + i),
                                    endpoint(201, 80), 77'000U + i, 88'000U + i);
  }
  sort_by_time(packets);
  const Diagnosed capture(packets);
  BOOST_TEST(capture.books().hops.by_payload == 0U);
  check_nothing_wrong(capture);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::findings::test
