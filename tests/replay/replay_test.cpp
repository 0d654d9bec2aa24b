// Captures written by hand, through the engine: where they were taken, time, and what real captures
// are like (RPL-05, RPL-06, RPL-08).
#include <boost/test/unit_test.hpp>

#include "analysis/trace/reader.hpp"
#include "models/random/stream.hpp"
#include "tests/must.hpp"
#include "tests/replay/capture_fixture.hpp"

namespace elblab::replay {
namespace {

using namespace std::chrono_literals;
using namespace test;
using forwarding::full_nat_balancer;
using forwarding::kept_address_balancer;
using forwarding::Parsed;
using telemetry::Reason;

const net::Endpoint kWeb = at(kVirtual, 80);
const net::Endpoint kServer1 = at("10.0.2.1", 90);
const net::Endpoint kServer2 = at("10.0.2.2", 90);

net::FlowKey flow_of(const pcap::test::ReadRecord& record) { return Parsed(record.bytes).flow; }

bool all_sound(const std::vector<pcap::test::ReadRecord>& records) {
  return std::all_of(records.begin(), records.end(),
                     [](const auto& record) { return Parsed(record.bytes).sound; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(offline_replay)

BOOST_AUTO_TEST_CASE(brings_answers_of_a_client_side_capture_into_the_flows_of_the_servers_chosen) {
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    Tape tape;
    for (std::uint16_t port = 2000; port < 2010; ++port) {
      tape.add(conversation(at(kClient, port), kWeb, port * 10u));
    }
    const Replayed replayed(tape, balancer);
    replayed.check_accounts();
    BOOST_TEST((replayed.report.roles.side == Side::client_side));
    BOOST_TEST(replayed.report.engine.sessions_opened == 10u);
    BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
    BOOST_TEST(replayed.count(Verdict::from_client) == 50u);
    BOOST_TEST(replayed.count(Verdict::from_server) == 30u);
    BOOST_REQUIRE_EQUAL(replayed.written.size(), 80u);
    BOOST_TEST(all_sound(replayed.written));
    // Both servers, taken in turn by each of two nodes.
    BOOST_TEST(replayed.report.servers[0].scheduled + replayed.report.servers[1].scheduled == 10u);
    BOOST_TEST(replayed.report.servers[0].scheduled >= 4u);
    BOOST_TEST(replayed.report.servers[1].scheduled >= 4u);
    // To the client the balancer's answers are what it saw in the capture.
    BOOST_TEST((flow_of(replayed.written[1]) ==
                net::FlowKey{kWeb, at(kClient, 2000), net::Protocol::tcp}));
    BOOST_TEST(replayed.written[0].at_ns == kMorning * 1'000'000'000);
    BOOST_TEST(replayed.written[79].at_ns == kMorning * 1'000'000'000 + 790'000'000);
  }
}

BOOST_AUTO_TEST_CASE(brings_requests_of_a_server_side_capture_back_to_the_listener) {
  Tape tape;
  for (std::uint16_t port = 2000; port < 2010; ++port) {
    tape.add(conversation(at(kClient, port), kServer1, port * 10u));  // all on one server
  }
  const Replayed replayed(tape, kept_address_balancer());
  replayed.check_accounts();
  BOOST_TEST((replayed.report.roles.side == Side::server_side));
  BOOST_TEST(replayed.report.engine.sessions_opened == 10u);
  BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
  BOOST_TEST(replayed.written.size() == 80u);
  BOOST_TEST(all_sound(replayed.written));
  BOOST_TEST(replayed.report.decisions_seen == 10u);
  BOOST_TEST(replayed.report.servers[0].captured == 10u);
  BOOST_TEST(replayed.report.decisions_shared == replayed.report.servers[0].scheduled);
  BOOST_TEST(replayed.report.decisions_shared < 10u);
}

// A source address of the pool uses one port towards two servers at once.
BOOST_AUTO_TEST_CASE(gives_each_client_hidden_by_full_nat_a_stand_in) {
  const auto balancer = full_nat_balancer();
  const net::Endpoint source{config::source_addresses(balancer).front(), 5000};
  const auto one = conversation(source, kServer1, 100);
  const auto two = conversation(source, kServer2, 200);
  Tape tape;
  for (std::size_t i = 0; i < one.size(); ++i) tape.add(one[i]).add(two[i]);
  const Replayed replayed(tape, balancer);
  replayed.check_accounts();
  BOOST_TEST(replayed.report.engine.sessions_opened == 2u);
  BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
  BOOST_TEST(flow_of(replayed.written[2]).destination.to_string() == "198.18.0.1:5000");
  BOOST_TEST(flow_of(replayed.written[3]).destination.to_string() == "198.18.0.2:5000");
}

BOOST_AUTO_TEST_CASE(maps_other_addresses_by_rules) {
  const auto balancer = kept_address_balancer();
  const net::Endpoint front = at("192.0.2.99", 443);
  const net::Endpoint back = at("192.168.7.7", 8080);
  Tape tape;
  const auto outside = conversation(at(kClient, 2000), front);
  const auto inside = conversation(at(kClient, 2000), back);
  for (std::size_t i = 0; i < outside.size(); ++i) {
    // As each packet came to the captured balancer, and as it left it.
    const bool request = i == 0 || i == 2 || i == 3 || i == 5 || i == 7;
    tape.add(request ? outside[i] : inside[i]).add(request ? inside[i] : outside[i]);
  }
  ReplayOptions options;
  options.roles.rules = {listener_rule("192.0.2.99:443=web", balancer),
                         server_rule("192.168.7.7:8080=app/b2", balancer)};
  const Replayed replayed(tape, balancer, options);
  replayed.check_accounts();
  BOOST_TEST((replayed.report.roles.side == Side::both_sides));
  BOOST_TEST(replayed.count(Verdict::output) == 8u);
  BOOST_TEST(replayed.report.engine.sessions_opened == 1u);
  BOOST_TEST(replayed.report.engine.packets_forwarded == 8u);
  BOOST_TEST(replayed.report.decisions_seen == 1u);
  BOOST_TEST(all_sound(replayed.written));
}

BOOST_AUTO_TEST_CASE(moves_answers_when_the_captured_balancer_chose_other_servers_and_ports) {
  // What a fullNAT balancer with other source ports did: both sides of 40 connections.
  const auto balancer = full_nat_balancer();
  const auto pool = config::source_addresses(balancer);
  Tape tape;
  for (std::uint16_t n = 0; n < 40; ++n) {
    const net::Endpoint client = at(kClient, static_cast<std::uint16_t>(3000 + n));
    const net::Endpoint source{pool[n % pool.size()], static_cast<std::uint16_t>(40000 - n)};
    const auto outside = conversation(client, kWeb, 7000u + 500 * n);
    const auto inside = conversation(source, n % 4 == 0 ? kServer1 : kServer2, 7000u + 500 * n);
    for (std::size_t i = 0; i < outside.size(); ++i) {
      const bool request = i == 0 || i == 2 || i == 3 || i == 5 || i == 7;
      tape.add(request ? outside[i] : inside[i]).add(request ? inside[i] : outside[i]);
    }
  }
  const Replayed replayed(tape, balancer);
  replayed.check_accounts();
  BOOST_TEST(replayed.report.engine.sessions_opened == 40u);
  BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
  BOOST_TEST(replayed.count(Verdict::output) == 320u);
  BOOST_TEST(replayed.report.inputs.moved == 120u);
  BOOST_TEST(replayed.report.decisions_seen == 40u);
  BOOST_TEST(replayed.report.servers[0].captured == 10u);
  BOOST_TEST(replayed.report.servers[1].captured == 30u);
  BOOST_TEST(replayed.report.servers[0].scheduled == 20u);
  BOOST_TEST(replayed.written.size() == 320u);
  BOOST_TEST(all_sound(replayed.written));
}

BOOST_AUTO_TEST_CASE(counts_answers_of_connections_that_began_before_the_capture) {
  Tape tape;
  tape.add(conversation(at(kClient, 2000), kWeb));
  const auto older = conversation(at(kClient, 2001), kWeb);
  for (std::size_t i = 3; i < older.size(); ++i) tape.add(older[i]);
  const Replayed replayed(tape, kept_address_balancer());
  replayed.check_accounts();
  BOOST_TEST(replayed.count(Verdict::answer_without_flow) == 2u);
  const auto& kinds = replayed.report.inputs.without_flow;
  BOOST_TEST(kinds[static_cast<std::size_t>(AnswerKind::data)] == 1u);
  BOOST_TEST(kinds[static_cast<std::size_t>(AnswerKind::end)] == 1u);
  BOOST_TEST(replayed.dropped(Reason::no_connection) == 3u);
}

BOOST_AUTO_TEST_CASE(answers_echo_and_forwards_none) {  // RPL-06
  Tape tape;
  for (std::uint32_t n = 0; n < 5; ++n) {
    tape.add(icmp(ip(kClient), ip(kVirtual), 8, 0, n, {1, 2, 3}));
    tape.add(icmp(ip(kVirtual), ip(kClient), 0, 0, n, {1, 2, 3}));  // of the captured balancer
  }
  const Replayed replayed(tape, kept_address_balancer());
  replayed.check_accounts();
  BOOST_TEST(replayed.report.engine.packets_absorbed == 5u);
  BOOST_TEST(replayed.report.engine.packets_made == 5u);
  BOOST_TEST(replayed.report.engine.packets_forwarded == 0u);
  BOOST_TEST(replayed.count(Verdict::output) == 5u);
  BOOST_REQUIRE_EQUAL(replayed.written.size(), 5u);
  BOOST_TEST(Parsed(replayed.written[0].bytes).view.icmp_type() == 0);
}

BOOST_AUTO_TEST_CASE(ends_idle_connections_in_trace_time_with_resets_to_both_sides) {  // RPL-05
  auto balancer = full_nat_balancer();
  balancer.listeners.front().idle_timeout = 300s;
  Tape tape;
  const auto packets = conversation(at(kClient, 2000), kWeb);
  for (std::size_t i = 0; i < 5; ++i) tape.add(packets[i]);
  tape.wait(400'000'000).add(icmp(ip(kClient), ip(kVirtual), 8, 0, 1, {}));
  const Replayed replayed(tape, balancer);
  replayed.check_accounts();
  BOOST_TEST(replayed.report.engine.idle_timeouts == 1u);
  BOOST_TEST(replayed.report.engine.packets_made == 3u);
  BOOST_REQUIRE_EQUAL(replayed.written.size(), 8u);
  for (const std::size_t i : {5u, 6u}) {
    const Parsed reset(replayed.written[i].bytes);
    BOOST_TEST((reset.view.tcp_flags() & flag::rst) != 0);
    // 300 s after the last packet, at most a tick late, on the capture's clock.
    const std::int64_t after = replayed.written[i].at_ns - replayed.written[4].at_ns;
    BOOST_TEST(after >= 300'000'000'000);
    BOOST_TEST(after <= 300'001'000'000);
  }
}

BOOST_AUTO_TEST_CASE(ends_where_it_is_told_to) {
  auto balancer = full_nat_balancer();
  balancer.listeners.front().idle_timeout = 300s;
  const auto packets = conversation(at(kClient, 2000), kWeb);
  Tape tape;
  for (std::size_t i = 0; i < 5; ++i) tape.add(packets[i]);

  const Replayed plain(tape, balancer);
  BOOST_TEST(plain.report.engine.idle_timeouts == 0u);
  BOOST_TEST(plain.report.open_at_end.established == 1u);
  BOOST_TEST((plain.report.end == kStart + 40ms));

  ReplayOptions drained;
  drained.drain = 301s;
  const Replayed longer(tape, balancer, drained);
  BOOST_TEST(longer.report.engine.idle_timeouts == 1u);
  BOOST_TEST(longer.report.open_at_end.all() == 0u);

  ReplayOptions shorter;
  shorter.until = kStart + 30ms;  // the fourth packet comes at that very instant
  const Replayed first(tape, balancer, shorter);
  BOOST_TEST(first.report.engine.packets_in == 3u);
  BOOST_TEST((first.report.end == kStart + 30ms));
}

BOOST_AUTO_TEST_CASE(replays_a_capture_on_end) {
  Tape tape;
  tape.add(conversation(at(kClient, 2000), kWeb));
  ReplayOptions options;
  options.loops = 5;
  const Replayed replayed(tape, kept_address_balancer(), options);
  replayed.check_accounts();
  BOOST_TEST(replayed.report.passes == 5u);
  BOOST_TEST(replayed.report.records == 40u);
  BOOST_TEST(replayed.report.engine.sessions_opened == 5u);
  BOOST_TEST(replayed.report.engine.packets_forwarded == 40u);
  for (std::size_t i = 1; i < replayed.written.size(); ++i) {
    BOOST_TEST(replayed.written[i].at_ns > replayed.written[i - 1].at_ns);
  }
}

BOOST_AUTO_TEST_CASE(replays_what_the_snap_length_left_of_packets) {
  Tape tape;
  const auto packets = conversation(at(kClient, 2000), kWeb);
  for (const Bytes& packet : packets) tape.add(packet, std::min<std::size_t>(packet.size(), 60));
  Bytes large(1000, 7);
  tape.add(icmp(ip(kClient), ip(kVirtual), 8, 0, 1, large), 60);
  const Replayed replayed(tape, full_nat_balancer());
  replayed.check_accounts();
  BOOST_TEST(replayed.report.repairs.filled_up == 3u);
  BOOST_TEST(replayed.report.engine.packets_forwarded == 8u);
  BOOST_TEST(replayed.report.engine.packets_made == 1u);
  BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    BOOST_TEST(replayed.written[i].original_length == packets[i].size());
    BOOST_TEST(replayed.written[i].bytes.size() == std::min<std::size_t>(packets[i].size(), 60));
  }
}

BOOST_AUTO_TEST_CASE(fills_in_what_a_network_card_would_have) {
  Tape tape;
  auto packets = conversation(at(kClient, 2000), kWeb);
  for (Bytes& packet : packets) packet[10] = packet[11] = 0;  // header checksum
  packets[4][2] = packets[4][3] = 0;                          // total length
  tape.add(packets);
  const Replayed replayed(tape, full_nat_balancer());
  replayed.check_accounts();
  BOOST_TEST(replayed.report.repairs.offloaded == 8u);
  BOOST_TEST(replayed.report.engine.packets_forwarded == 8u);
  BOOST_TEST(all_sound(replayed.written));
}

BOOST_AUTO_TEST_CASE(survives_fragments_duplicates_disorder_and_damage) {  // RPL-08
  random::Stream random(1, "damage");
  Tape tape;
  std::vector<Bytes> packets;
  for (std::uint16_t port = 2000; port < 2200; ++port) {
    for (const Bytes& packet : conversation(at(kClient, port), kWeb, port * 10u)) {
      packets.push_back(packet);
    }
  }
  for (std::size_t i = 0; i < packets.size(); ++i) {
    Bytes packet = packets[i];
    if (random.chance(0.1)) std::swap(packet, packets[random.below(packets.size())]);
    if (random.chance(0.05)) {  // a first fragment, its checksum right
      packet[6] |= 0x20;
      packet[10] = packet[11] = 0;
    }
    if (random.chance(0.05)) packet[random.below(packet.size())] ^= 0x40;
    tape.add(packet, random.chance(0.1) ? random.below(packet.size()) : packet.size());
    if (random.chance(0.05)) tape.add(packet);
    if (random.chance(0.05)) tape.wait(-50'000);
  }
  const Replayed replayed(tape, kept_address_balancer());
  replayed.check_accounts();
  BOOST_TEST(replayed.report.engine.sessions_opened > 100u);
  BOOST_TEST(replayed.dropped(Reason::fragment) > 40u);
  BOOST_TEST(replayed.report.read.time_went_back > 40u);
  BOOST_TEST(replayed.report.repairs.filled_up > 20u);
  for (std::size_t i = 1; i < replayed.written.size(); ++i) {
    BOOST_TEST(replayed.written[i].at_ns >= replayed.written[i - 1].at_ns);
  }
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_a_clock_that_was_set) {
  Tape tape;
  for (std::uint16_t port = 2000; port < 2005; ++port) {
    tape.add(conversation(at(kClient, port), kWeb)).wait(1'000'000'000'000);  // 11 days
  }
  const Replayed replayed(tape, kept_address_balancer());
  replayed.check_accounts();
  BOOST_TEST(replayed.report.time_jumps == 4u);
  BOOST_TEST((replayed.report.end - kStart < 24h * 5));
  // What is written keeps the capture's own times.
  const std::int64_t last = replayed.written.back().at_ns;
  BOOST_TEST(last == (kMorning + 4'000'000) * 1'000'000'000 + (5 * 8 - 1) * 10'000'000ll);
}

BOOST_AUTO_TEST_CASE(samples_every_second_of_trace_time) {
  Tape tape;
  for (std::uint16_t port = 2000; port < 2100; ++port) {
    tape.add(conversation(at(kClient, port), kWeb)).wait(20'000);  // ten connections a second
  }
  const Replayed replayed(tape, kept_address_balancer());
  const auto reader = must(trace::Reader::open(replayed.trace()));
  BOOST_TEST(reader->complete());
  BOOST_TEST(reader->metadata().world == "replay");
  const auto opened = reader->find_series("m4_ncps", "balancer");
  BOOST_REQUIRE(opened);
  const auto samples = reader->samples(opened->id, kStart, kNever);
  BOOST_REQUIRE_EQUAL(samples.size(), 10u);
  for (std::size_t i = 0; i < 9; ++i) {
    BOOST_TEST((samples[i].at == kStart + std::chrono::seconds(i + 1)));
    BOOST_TEST(samples[i].value == 10);
  }
  BOOST_TEST(reader->find_series("scheduled", "app/b1").has_value());
}

BOOST_AUTO_TEST_CASE(stops_when_told_to) {
  Tape tape;
  for (int i = 0; i < 3000; ++i) tape.add(conversation(at(kClient, 2000), kWeb));
  ReplayOptions options;
  int calls = 0;
  options.on_progress = [&](const ReplayProgress& progress) {
    BOOST_TEST(progress.records > 0u);
    return ++calls < 2;
  };
  const Replayed replayed(tape, kept_address_balancer(), options);
  BOOST_TEST(replayed.report.stopped);
  BOOST_TEST(replayed.report.records < 24000u);
  const auto reader = must(trace::Reader::open(replayed.trace()));
  BOOST_TEST(!reader->complete());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::replay
