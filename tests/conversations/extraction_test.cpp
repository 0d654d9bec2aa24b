// Conversations from hand-made packets.
#include <sys/resource.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "models/random/stream.hpp"
#include "pcap/conversations/extractor.hpp"
#include "tests/conversations/packets.hpp"

using namespace elblab;
using namespace elblab::pcap;
using namespace elblab::pcap::testing;
using namespace std::chrono_literals;

namespace {

const net::Endpoint kClient = endpoint(1, 40000);
const net::Endpoint kServer = endpoint(2, 80);

bool near(Duration a, Duration b) { return std::chrono::abs(a - b) <= 2ns; }  // times from doubles

void check_short_connection(const Conversations& found, std::size_t index = 0) {
  BOOST_REQUIRE(found.list.size() > index);
  const Conversation& c = found.list[index];
  BOOST_REQUIRE(c.turns == 2U);
  const Turn& request = found.turns[c.first_turn];
  const Turn& answer = found.turns[c.first_turn + 1];
  BOOST_CHECK(request.from == Side::client);
  BOOST_TEST(request.bytes == 100U);
  BOOST_CHECK(near(request.pause, 3ms));
  BOOST_CHECK(answer.from == Side::server);
  BOOST_TEST(answer.bytes == 5000U);
  BOOST_CHECK(near(answer.pause, 20ms));
  BOOST_CHECK(c.closing == Closing::client_fin);
  BOOST_CHECK(near(c.close_pause, 7ms));
  BOOST_CHECK(near(c.follow_pause, 0ms));
  BOOST_CHECK(c.opening == Opening::handshake);
  BOOST_TEST(c.bytes.client == 100U);
  BOOST_TEST(c.bytes.server == 5000U);
}

}  // namespace

BOOST_AUTO_TEST_CASE(pauses_are_the_programs_own_wherever_the_capture_was_taken) {
  for (const double to_client : {0.0, 0.5, 30.0}) {
    for (const double to_server : {0.0, 2.0, 80.0}) {
      Packets packets;
      short_connection(packets, 5, kClient, kServer, 1000, 77000, to_client, to_server);
      const Conversations found = packets.extract();
      BOOST_TEST(found.list.size() == 1U);
      check_short_connection(found);
      BOOST_CHECK(found.clients == std::vector{kClient.address});
      BOOST_CHECK(found.servers == std::vector{kServer});
      BOOST_TEST(found.list[0].client_port == 40000);
      BOOST_TEST(found.list[0].packets.client == 6U);
      BOOST_TEST(found.list[0].packets.server == 4U);
    }
  }
}

BOOST_AUTO_TEST_CASE(sequence_numbers_may_wrap_anywhere) {
  for (const std::uint32_t client_isn : {0xFFFFFFFFU, 0xFFFFFFF0U, 0xFFFFFF9BU}) {
    for (const std::uint32_t server_isn : {0xFFFFFFFFU, 0xFFFFF000U, 0x7FFFFF00U}) {
      Packets packets;
      short_connection(packets, 0, kClient, kServer, client_isn, server_isn);
      check_short_connection(packets.extract());
    }
  }
}

BOOST_AUTO_TEST_CASE(every_packet_twice_counts_once) {
  Packets packets;
  short_connection(packets, 0, kClient, kServer, 1, 2);
  Packets twice;
  for (const Captured& packet : packets.list) {
    twice.list.push_back(packet);
    twice.list.push_back(packet);
  }
  const Conversations found = twice.extract();
  BOOST_TEST(found.list.size() == 1U);
  check_short_connection(found);
  BOOST_TEST(found.counts.retransmissions == 3U);  // segments with data
}

BOOST_AUTO_TEST_CASE(segments_out_of_order_count_once_and_are_told_from_retransmissions) {
  Packets packets;
  short_connection(packets, 0, kClient, kServer, 1, 2);
  std::swap(packets.list[4].bytes, packets.list[5].bytes);  // the two halves of the answer
  const Conversations found = packets.extract();
  check_short_connection(found);
  BOOST_TEST(found.counts.out_of_order == 1U);
  BOOST_TEST(found.counts.retransmissions == 0U);
}

BOOST_AUTO_TEST_CASE(a_packet_that_the_capture_missed_counts_as_sent) {
  Packets packets;
  short_connection(packets, 0, kClient, kServer, 1, 2);
  packets.list.erase(packets.list.begin() + 4);
  check_short_connection(packets.extract());
}

BOOST_AUTO_TEST_CASE(packets_cut_to_their_headers_count_in_full) {
  Packets packets;
  short_connection(packets, 0, kClient, kServer, 1, 2);
  packets.udp(1, endpoint(1, 5000), endpoint(2, 53), 300);
  for (Captured& packet : packets.list) packet.cut(34);  // IPv4 header and 14 bytes of TCP
  const Conversations found = packets.extract();
  BOOST_TEST(found.list.size() == 2U);
  check_short_connection(found);
  BOOST_TEST(found.list[1].bytes.client == 300U);
  for (Captured& packet : packets.list) packet.cut(33);
  BOOST_TEST(packets.extract().counts.unreadable == 10U);
}

BOOST_AUTO_TEST_CASE(a_connection_under_way_is_taken_from_where_it_is_seen) {
  for (const bool server_known : {false, true}) {
    Packets packets;
    // The server's port is the higher one: only its other connections tell that it serves.
    const net::Endpoint server = endpoint(2, server_known ? 50000 : 80);
    Packets whole;
    short_connection(whole, 0, kClient, server, 1, 2);
    if (server_known) short_connection(packets, 0, endpoint(3, 999), server, 5, 6);
    packets.list.insert(packets.list.end(), whole.list.begin() + 4, whole.list.end());
    const Conversations found = packets.extract();
    BOOST_REQUIRE(found.list.size() == (server_known ? 2U : 1U));
    const Conversation& c = found.list.back();
    BOOST_CHECK(c.opening == Opening::midstream);
    BOOST_CHECK(found.servers[c.server] == server);
    BOOST_CHECK(found.clients[c.client] == kClient.address);
    BOOST_TEST(c.client_port == kClient.port);
    BOOST_TEST(c.bytes.server == 5000U);
    BOOST_TEST(c.bytes.client == 0U);
    BOOST_CHECK(c.closing == Closing::client_fin);
    BOOST_REQUIRE(c.turns == 1U);
    BOOST_CHECK(found.turns[c.first_turn].from == Side::server);
  }
}

BOOST_AUTO_TEST_CASE(a_port_used_again_begins_a_new_conversation) {
  Packets packets;
  for (int i = 0; i < 10; ++i) {
    short_connection(packets, i * 100, kClient, kServer, static_cast<std::uint32_t>(i * 5000),
                     static_cast<std::uint32_t>(i));
  }
  const Conversations found = packets.extract();
  BOOST_TEST(found.list.size() == 10U);
  for (std::size_t i = 0; i < 10; ++i) check_short_connection(found, i);
  BOOST_TEST(found.clients.size() == 1U);
  BOOST_TEST(found.counts.seen_twice == 0U);
}

BOOST_AUTO_TEST_CASE(attempts_that_come_to_nothing_are_counted_by_what_they_met) {
  Packets packets;
  for (std::uint16_t i = 0; i < 50; ++i) {
    const net::Endpoint from = endpoint(3, static_cast<std::uint16_t>(1000 + i));
    packets.tcp(i, from, kServer, flag::syn, i, 0);
    packets.tcp(i + 1000, from, kServer, flag::syn, i, 0);  // sent again
  }
  for (std::uint16_t i = 0; i < 30; ++i) {  // a port scan
    const net::Endpoint to = endpoint(2, static_cast<std::uint16_t>(1 + i));
    packets.tcp(2000 + i, endpoint(4, 5000), to, flag::syn, i, 0);
    packets.tcp(2000 + i, to, endpoint(4, 5000), flag::rst | flag::ack, 0, i + 1U);
  }
  for (std::uint16_t i = 0; i < 20; ++i) {  // answered, and left alone
    const net::Endpoint from = endpoint(5, static_cast<std::uint16_t>(1000 + i));
    packets.tcp(3000 + i, from, kServer, flag::syn, i, 0);
    packets.tcp(3000 + i, kServer, from, flag::syn | flag::ack, 7, i + 1U);
    if (i % 2 == 0) packets.tcp(3001 + i, from, kServer, flag::rst, i + 1U, 0);
  }
  packets.tcp(4000, endpoint(6, 1), kServer, flag::ack, 1, 1);
  packets.tcp(4000, endpoint(7, 1), kServer, flag::fin | flag::ack, 1, 1);
  const Conversations found = packets.extract();
  BOOST_TEST(found.list.empty());
  BOOST_TEST(found.clients.empty());
  BOOST_TEST(found.counts.unanswered == 50U);
  BOOST_TEST(found.counts.refused == 30U);
  BOOST_TEST(found.counts.half_open == 20U);
  BOOST_TEST(found.counts.stray == 2U);
}

BOOST_AUTO_TEST_CASE(who_closes_and_how_is_seen) {
  struct Case {
    Side from;
    std::uint8_t flags;
    Closing expected;
  };
  for (const Case& each : {Case{Side::client, flag::fin | flag::ack, Closing::client_fin},
                           Case{Side::server, flag::fin | flag::ack, Closing::server_fin},
                           Case{Side::client, flag::rst, Closing::client_reset},
                           Case{Side::server, flag::rst | flag::ack, Closing::server_reset}}) {
    Packets packets;
    short_connection(packets, 0, kClient, kServer, 100, 200, 2, 10);
    packets.list.resize(7);
    const double last_data = 2 + 20 + 4 + 3 + 20 + 20;
    if (each.from ==
        Side::client) {  // one way to the capture, 2 ms back and forth, 50 ms by itself
      packets.tcp(last_data + 4 + 50, kClient, kServer, each.flags, 201, 5201);
    } else {
      packets.tcp(last_data + 50, kServer, kClient, each.flags, 5201, 201);
    }
    const Conversations found = packets.extract();
    BOOST_REQUIRE(found.list.size() == 1U);
    BOOST_CHECK(found.list[0].closing == each.expected);
    BOOST_CHECK(near(found.list[0].close_pause, 50ms));
  }
  Packets open;
  short_connection(open, 0, kClient, kServer, 100, 200);
  open.list.resize(7);
  BOOST_CHECK(open.extract().list[0].closing == Closing::none);
}

BOOST_AUTO_TEST_CASE(an_answer_after_the_clients_fin_is_a_half_close) {
  Packets packets;
  packets.tcp(0, kClient, kServer, flag::syn, 10, 0);
  packets.tcp(1, kServer, kClient, flag::syn | flag::ack, 20, 11);
  packets.tcp(1, kClient, kServer, flag::ack, 11, 21);
  packets.tcp(1, kClient, kServer, flag::ack | flag::fin, 11, 21, 50);
  packets.tcp(9, kServer, kClient, flag::ack, 21, 62, 500);
  packets.tcp(9, kServer, kClient, flag::ack | flag::fin, 521, 62);
  const Conversations found = packets.extract();
  BOOST_REQUIRE(found.list.size() == 1U);
  BOOST_TEST(found.list[0].half_closed);
  BOOST_CHECK(found.list[0].closing == Closing::client_fin);
}

BOOST_AUTO_TEST_CASE(a_long_silence_of_a_server_begins_a_new_turn_but_a_lost_segment_does_not) {
  for (const bool acknowledged : {true, false}) {
    Packets packets;
    short_connection(packets, 0, kClient, kServer, 10, 20);
    packets.list.resize(acknowledged ? 7 : 6);
    packets.tcp(5000, kServer, kClient, flag::ack, 5021, 111, 300);
    const Conversations found = packets.extract();
    BOOST_REQUIRE(found.list.size() == 1U);
    BOOST_TEST(found.list[0].turns == (acknowledged ? 3U : 2U));
    BOOST_TEST(found.list[0].bytes.server == 5300U);
  }
}

BOOST_AUTO_TEST_CASE(keepalive_probes_are_no_data) {
  Packets packets;
  short_connection(packets, 0, kClient, kServer, 10, 20);
  packets.list.resize(7);
  packets.tcp(5000, kClient, kServer, flag::ack, 110, 5021, 1);
  packets.tcp(6000, kClient, kServer, flag::ack, 110, 5021, 0);
  packets.tcp(7000, kClient, kServer, flag::ack | flag::psh, 111, 5021, 100);
  const Conversations found = packets.extract();
  BOOST_TEST(found.list[0].turns == 3U);
  BOOST_TEST(found.counts.retransmissions == 0U);
  // The answer ended at 25 ms, the acknowledgment of the handshake came at once.
  BOOST_CHECK(found.turns[2].pause > 6900ms);
}

BOOST_AUTO_TEST_CASE(a_conversation_seen_on_both_sides_of_a_nat_counts_once) {
  const net::Endpoint server = endpoint(9, 8080);
  for (const net::Endpoint& inside : {kClient, endpoint(77, 2345)}) {  // DNAT, fullNAT
    Packets packets;
    for (std::uint32_t i = 0; i < 20; ++i) {
      const net::Endpoint client{kClient.address, static_cast<std::uint16_t>(kClient.port + i)};
      const net::Endpoint translated{inside.address, static_cast<std::uint16_t>(inside.port + i)};
      short_connection(packets, i, client, kServer, i, 500 + i, 1, 2);
      short_connection(packets, i, translated, server, i, 500 + i, 1.5, 1.5);
    }
    std::stable_sort(packets.list.begin(), packets.list.end(),
                     [](const Captured& a, const Captured& b) { return a.at_ns < b.at_ns; });
    const Conversations found = packets.extract();
    BOOST_TEST(found.list.size() == 20U);
    BOOST_TEST(found.counts.seen_twice == 20U);
    BOOST_CHECK(found.servers == std::vector{kServer});
    BOOST_CHECK(found.clients == std::vector{kClient.address});
    for (std::size_t i = 0; i < 20; ++i) check_short_connection(found, i);
  }
}

BOOST_AUTO_TEST_CASE(equal_sequence_numbers_far_apart_are_two_conversations) {
  Packets packets;
  short_connection(packets, 0, kClient, kServer, 1, 2);
  short_connection(packets, 3100, endpoint(8, 1), endpoint(9, 80), 1, 2);
  BOOST_TEST(packets.extract().list.size() == 2U);
}

BOOST_AUTO_TEST_CASE(datagrams_are_turns_and_silence_ends_a_flow) {
  const net::Endpoint client = endpoint(1, 5353);
  const net::Endpoint server = endpoint(2, 53);
  Packets packets;
  packets.udp(0, client, server, 40, 'a', 1);
  packets.udp(0.1, client, server, 40, 'a', 1);  // the same packet on its way through the machine
  packets.udp(12, server, client, 200, 'b', 9);
  packets.udp(30000, client, server, 41, 'c', 2);
  packets.udp(30000 + 60001, client, server, 42, 'd', 3);
  const Conversations found = packets.extract();
  BOOST_REQUIRE(found.list.size() == 2U);
  BOOST_TEST(found.counts.duplicate_datagrams == 1U);
  BOOST_TEST(found.list[0].turns == 3U);
  BOOST_CHECK(near(found.turns[1].pause, 12ms));
  BOOST_CHECK(near(found.turns[2].pause, 29988ms));
  BOOST_TEST(found.list[0].bytes.client == 81U);
  BOOST_TEST(found.list[0].bytes.server == 200U);
  BOOST_TEST(found.list[1].bytes.client == 42U);
}

BOOST_AUTO_TEST_CASE(datagrams_behind_dnat_count_once_and_two_servers_of_one_client_twice) {
  const net::Endpoint client = endpoint(1, 5353);
  Packets packets;
  packets.udp(0, client, endpoint(2, 53), 40, 'a');
  packets.udp(0.1, client, endpoint(9, 53), 40, 'a');
  packets.udp(1, endpoint(9, 53), client, 80, 'r');
  packets.udp(1.1, endpoint(2, 53), client, 80, 'r');
  BOOST_TEST(packets.extract().list.size() == 1U);
  packets.list[1].bytes.back() = 'z';  // another question
  BOOST_TEST(packets.extract().list.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_no_conversation_is_counted) {
  BOOST_TEST(Packets{}.extract().list.empty());
  Packets packets;
  std::vector<std::uint8_t> icmp(100);
  net::IpFields ip;
  ip.source = kClient.address;
  ip.destination = kServer.address;
  icmp.resize(net::build_icmp(icmp, ip, 8, 0, 0, std::vector<std::uint8_t>(20)));
  packets.add(0, icmp);
  packets.add(1, {});
  packets.add(2, {0x45, 0, 0});
  packets.add(3, std::vector<std::uint8_t>(60, 0xFF));
  packets.tcp(4, kClient, kServer, flag::ack, 1, 1, 10);
  auto fragment = packets.list.back().bytes;
  fragment[6] = 0;
  fragment[7] = 7;
  packets.add(5, fragment);
  const Conversations found = packets.extract();
  BOOST_TEST(found.counts.records == 6U);
  BOOST_TEST(found.counts.not_tcp_or_udp == 1U);
  BOOST_TEST(found.counts.fragments == 1U);
  BOOST_TEST(found.counts.not_ip + found.counts.unreadable == 3U);
  BOOST_TEST(found.list.size() == 1U);
  Extractor arp;
  const std::vector<std::uint8_t> frame{255, 255, 255, 255, 255, 255, 2, 0, 0, 0,
                                        0,   1,   8,   6,   0,   1,   8, 0, 6, 4};
  arp.add({0, frame, 60, link_type::ethernet});
  BOOST_TEST(arp.finish().counts.not_ip == 1U);
}

// Whatever order, repetition and damage: what is counted adds up, and nothing is read outside.
BOOST_AUTO_TEST_CASE(any_bytes_at_any_time_are_survived) {
  random::Stream random(7, "packets");
  for (int round = 0; round < 200; ++round) {
    Packets packets;
    for (std::uint32_t i = 0; i < 20; ++i) {
      short_connection(packets, static_cast<double>(random.below(50)),
                       endpoint(static_cast<std::uint32_t>(random.below(3)), 1000),
                       endpoint(static_cast<std::uint32_t>(3 + random.below(2)), 80),
                       static_cast<std::uint32_t>(random.next()),
                       static_cast<std::uint32_t>(random.next()));
    }
    for (Captured& packet : packets.list) {
      if (random.chance(0.2)) packet.at_ns = static_cast<std::int64_t>(random.next());
      if (random.chance(0.2)) packet.cut(random.below(packet.bytes.size() + 1));
      if (random.chance(0.3) && !packet.bytes.empty()) {
        packet.bytes[random.below(packet.bytes.size())] = static_cast<std::uint8_t>(random.next());
      }
    }
    const Conversations found = packets.extract();
    const ExtractionCounts& c = found.counts;
    BOOST_TEST(c.records == packets.list.size());
    BOOST_TEST(c.not_ip + c.not_tcp_or_udp + c.fragments + c.unreadable + c.tcp_packets +
                   c.udp_packets ==
               c.records);
    for (const Conversation& conversation : found.list) {
      std::uint64_t bytes = 0;
      for (std::uint32_t i = 0; i < conversation.turns; ++i) {
        const Turn& turn = found.turns[conversation.first_turn + i];
        bytes += turn.bytes;
        BOOST_TEST(turn.pause.count() >= 0);
      }
      BOOST_TEST(bytes == conversation.bytes.client + conversation.bytes.server);
      BOOST_TEST(conversation.client < found.clients.size());
      BOOST_TEST(conversation.server < found.servers.size());
    }
  }
}

// Memory of a million conversations that follow each other, and of a flood of SYNs.
BOOST_AUTO_TEST_CASE(a_million_conversations_stay_within_bounds) {
  const auto resident_kib = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const long before = resident_kib();
  Packets one;
  short_connection(one, 0, kClient, kServer, 1, 2);
  Extractor extractor;
  constexpr std::uint32_t kCount = 1'000'000;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    for (Captured& packet : one.list) {
      // 10,000 a second; the client's address in either direction holds the number
      const bool from_client = packet.bytes[22] == 0 && packet.bytes[23] == 80;
      std::uint8_t* const address = packet.bytes.data() + (from_client ? 12 : 16);
      address[1] = static_cast<std::uint8_t>(i >> 16);
      address[2] = static_cast<std::uint8_t>(i >> 8);
      address[3] = static_cast<std::uint8_t>(i);
      packet.bytes[4] = static_cast<std::uint8_t>(i);
      Record record = packet.record();
      record.at_ns += std::int64_t{i} * 100'000;
      // Sequence numbers of its own, or it would be one conversation behind a NAT.
      std::copy_n(address, 4, packet.bytes.data() + 24 + (from_client ? 0 : 4));
      extractor.add(record);
    }
  }
  const Conversations found = extractor.finish();
  const long used_mib = (resident_kib() - before) / 1024;
  BOOST_TEST_MESSAGE("1,000,000 conversations: " << used_mib << " MiB");
  BOOST_TEST(found.list.size() == kCount);
  BOOST_TEST(used_mib < 700);
}

// A clock that was set back by a year or forward by days damages nothing.
BOOST_AUTO_TEST_CASE(time_goes_on_where_the_clock_was_set) {
  for (const double jump_ms : {-365.0 * 86'400'000, 3 * 86'400'000.0}) {
    Packets packets;
    short_connection(packets, 1e12, endpoint(1, 1000), endpoint(2, 80), 1, 2);
    short_connection(packets, 1e12 + jump_ms, endpoint(1, 1001), endpoint(2, 80), 3, 4);
    const Conversations found = packets.extract();
    BOOST_TEST(found.list.size() == 2U);
    BOOST_TEST(found.counts.unreadable == 0U);
    BOOST_TEST(found.counts.set_back + found.counts.gaps == 1U);
    BOOST_TEST(to_seconds(found.length) < 1);
  }
}
