// Every end of a probe, from packets written by hand.
#include "pcap/probes/probe_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "models/net/icmp.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::probes {
namespace {

using namespace std::chrono_literals;
using forwarding::Bytes;
using forwarding::icmp;
using forwarding::ip;
using forwarding::tcp;
using forwarding::udp;
using telemetry::Reason;
namespace flag = forwarding::flag;

const net::Endpoint kNode{ip("100.125.0.1"), 40000};
const net::Endpoint kServer{ip("10.0.2.1"), 90};

Bytes answer(std::uint32_t sequence, const std::string& text, std::uint8_t flags = flag::ack) {
  Bytes bytes(net::kLargestPacket);
  net::TcpFields fields;
  fields.source_port = kServer.port;
  fields.destination_port = kNode.port;
  fields.sequence = sequence;
  fields.flags = flags;
  net::IpFields to;
  to.source = kServer.address;
  to.destination = kNode.address;
  const std::vector<std::uint8_t> payload(text.begin(), text.end());
  bytes.resize(net::build_tcp(bytes, to, fields, payload));
  return bytes;
}

struct Scene final : ProbeReceiver {
  explicit Scene(config::ProbeProtocol protocol, std::size_t nodes = 1) {
    health::Check check;
    check.protocol = protocol;
    check.target = kServer;
    check.interval = 5s;
    check.timeout = 3s;
    if (protocol == config::ProbeProtocol::http) {
      check.request = "GET / HTTP/1.0\r\n\r\n";
      check.success_codes = {200};
    }
    ProbeSources sources;
    sources.add({kNode.address, 32}, {1024, 65535});
    reader.emplace(sources, std::vector{check}, std::vector<net::IpAddress>(nodes, kNode.address),
                   *this);
  }

  bool take(Bytes packet, Duration since, std::size_t captured = 65535) {
    const Instant at = kStart + since;
    reader->advance(at);
    net::PacketView view;
    BOOST_REQUIRE(net::PacketView::parse(packet, view) == net::ParseError::none);
    return reader->take(view, captured, at);
  }
  void take_handshake() {
    take(tcp(kNode, kServer, {.flags = flag::syn, .sequence = 7}), 1s);
    take(tcp(kServer, kNode, {.flags = flag::syn_ack, .sequence = 100, .acknowledgment = 8}), 1s);
    take(tcp(kNode, kServer, {.flags = flag::ack, .sequence = 8, .acknowledgment = 101}), 1s);
  }
  // The only probe so far ended for this reason.
  void check_ended(Reason reason, Duration since) {
    BOOST_REQUIRE_EQUAL(ended.size(), 1U);
    BOOST_TEST(telemetry::to_string(ended[0].reason) == telemetry::to_string(reason));
    BOOST_TEST((ended[0].ended == kStart + since));
  }

  void probed(std::size_t, std::size_t, Instant) override { ++pairs; }
  void probe_ended(const CapturedProbe& probe) override { ended.push_back(probe); }
  void probe_answered(std::size_t, Duration took) override { answers.push_back(took); }

  std::optional<ProbeReader> reader;
  std::vector<CapturedProbe> ended;
  std::vector<Duration> answers;
  unsigned pairs = 0;
};

Bytes echo(bool request, std::uint32_t number) {
  const auto type = request ? net::icmp_type::echo_request : net::icmp_type::echo_reply;
  return request ? icmp(kNode.address, kServer.address, type, 0, number, Bytes(8))
                 : icmp(kServer.address, kNode.address, type, 0, number, Bytes(8));
}

Bytes unreachable(std::uint8_t code, const Bytes& about) {
  const Bytes quote(about.begin(), about.begin() + 28);
  return icmp(kServer.address, kNode.address, net::icmp_type::destination_unreachable, code, 0,
              quote);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(probe_reader)

BOOST_AUTO_TEST_CASE(a_handshake_is_health_to_a_tcp_check) {
  Scene scene(config::ProbeProtocol::tcp);
  scene.take_handshake();
  scene.check_ended(Reason::none, 1s);
  BOOST_TEST(scene.take(tcp(kNode, kServer, {.flags = flag::fin, .sequence = 8}), 1s));
  BOOST_TEST(scene.pairs == 1U);
  BOOST_TEST(scene.reader->counts().packets == 4U);
}

BOOST_AUTO_TEST_CASE(a_reset_refuses_and_silence_times_out) {
  Scene refused(config::ProbeProtocol::tcp);
  refused.take(tcp(kNode, kServer, {.flags = flag::syn, .sequence = 7}), 1s);
  refused.take(tcp(kServer, kNode, {.flags = flag::rst, .sequence = 0}), 1s);
  refused.check_ended(Reason::refused_by_peer, 1s);

  Scene silent(config::ProbeProtocol::tcp);
  silent.take(tcp(kNode, kServer, {.flags = flag::syn, .sequence = 7}), 1s);
  silent.take(tcp(kNode, kServer, {.flags = flag::syn, .sequence = 7}), 2s);  // sent again
  silent.reader->advance(kStart + 10s);
  silent.check_ended(Reason::timed_out, 4s);
  BOOST_TEST(silent.reader->counts().probes == 1U);
}

BOOST_AUTO_TEST_CASE(an_http_check_reads_the_status_line) {
  struct Row {
    std::vector<std::string> pieces;
    Reason reason;
    int status;
  };
  for (const Row& row : {Row{{"HTTP/1.1 200 OK\r\n"}, Reason::none, 200},
                         Row{{"HTTP/1.", "0 200", " OK\r\n"}, Reason::none, 200},
                         Row{{"HTTP/1.1 404 Not Found\r\n"}, Reason::wrong_code, 404},
                         Row{{"SSH-2.0\r\n"}, Reason::bad_answer, 0}}) {
    Scene scene(config::ProbeProtocol::http);
    scene.take_handshake();
    std::uint32_t sequence = 101;
    for (const std::string& piece : row.pieces) {
      scene.take(answer(sequence, piece), 2s);
      sequence += static_cast<std::uint32_t>(piece.size());
    }
    scene.check_ended(row.reason, 2s);
    BOOST_TEST(scene.ended[0].status == row.status);
  }
}

BOOST_AUTO_TEST_CASE(an_http_check_that_gets_no_status_line_says_how) {
  Scene closed(config::ProbeProtocol::http);
  closed.take_handshake();
  closed.take(answer(101, "", flag::fin), 2s);
  closed.check_ended(Reason::bad_answer, 2s);

  Scene reset(config::ProbeProtocol::http);
  reset.take_handshake();
  reset.take(answer(101, "", flag::rst), 2s);
  reset.check_ended(Reason::reset_by_peer, 2s);

  Scene silent(config::ProbeProtocol::http);
  silent.take_handshake();
  silent.reader->advance(kStart + 10s);
  silent.check_ended(Reason::no_answer, 4s);
}

BOOST_AUTO_TEST_CASE(an_answer_that_the_snap_length_cut_off_is_not_judged) {
  Scene scene(config::ProbeProtocol::http);
  scene.take_handshake();
  scene.take(answer(101, "HTTP/1.1 200 OK\r\n"), 2s, 48);
  scene.reader->advance(kStart + 10s);
  BOOST_TEST(scene.ended.empty());
  BOOST_TEST(scene.reader->counts().cut_short == 1U);
}

// HC-40 to HC-42
BOOST_AUTO_TEST_CASE(silence_after_the_datagram_is_health_to_a_udp_check) {
  Scene scene(config::ProbeProtocol::udp);
  scene.take(echo(true, 5), 1s);
  scene.take(echo(false, 5), 1100ms);
  scene.take(udp(kNode, kServer, 20), 1200ms);
  scene.reader->advance(kStart + 10s);
  scene.check_ended(Reason::none, 4s);
  BOOST_TEST(scene.answers.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_udp_check_fails_without_a_reply_and_with_a_port_unreachable_that_quotes_it) {
  Scene lost(config::ProbeProtocol::udp);
  lost.take(echo(true, 5), 1s);
  lost.reader->advance(kStart + 4s);
  lost.check_ended(Reason::echo_lost, 4s);
  lost.take(echo(false, 5), 5s);  // too late: told, and nothing else
  BOOST_TEST(lost.ended.size() == 1U);
  BOOST_REQUIRE_EQUAL(lost.answers.size(), 1U);
  BOOST_TEST((lost.answers[0] == 4s));

  Scene closed(config::ProbeProtocol::udp);
  closed.take(echo(true, 5), 1s);
  closed.take(echo(false, 5), 1s);
  const Bytes datagram = udp(kNode, kServer, 20);
  closed.take(datagram, 1s);
  const Bytes foreign = udp({kNode.address, 50123}, kServer, 20);
  closed.take(unreachable(3, foreign), 2s);
  BOOST_TEST(closed.ended.empty());
  closed.take(unreachable(3, datagram), 2s);
  closed.check_ended(Reason::port_unreachable, 2s);
}

// Two nodes ask from one address within a moment; what comes back finds the one that it is for.
BOOST_AUTO_TEST_CASE(probes_of_nodes_that_share_an_address_do_not_answer_for_each_other) {
  Scene scene(config::ProbeProtocol::udp, 2);
  scene.take(echo(true, 5), 1s);
  scene.take(echo(true, 6), 2s);
  scene.take(echo(false, 5), 2100ms);
  scene.take(echo(false, 6), 2200ms);
  scene.take(udp(kNode, kServer, 20), 2300ms);
  const Bytes second = udp({kNode.address, 41000}, kServer, 20);
  scene.take(second, 2400ms);
  scene.take(unreachable(3, second), 2500ms);
  scene.check_ended(Reason::port_unreachable, 2500ms);
  BOOST_TEST((scene.ended[0].started == kStart + 2s));
  BOOST_TEST(scene.ended[0].node == 1U);
  scene.reader->advance(kStart + 10s);
  BOOST_REQUIRE_EQUAL(scene.ended.size(), 2U);
  BOOST_TEST((scene.ended[1].reason == Reason::none));
}

BOOST_AUTO_TEST_CASE(what_is_no_probe_is_left_alone) {
  Scene scene(config::ProbeProtocol::tcp);
  const net::Endpoint client{ip("203.0.113.7"), 5555};
  BOOST_TEST(!scene.take(tcp(client, kServer, {.flags = flag::syn}), 1s));
  BOOST_TEST(!scene.take(tcp(kServer, client, {.flags = flag::syn_ack}), 1s));
  BOOST_TEST(!scene.take(tcp(kNode, {kServer.address, 22}, {.flags = flag::syn}), 1s));
  BOOST_TEST(!scene.take(udp(kNode, kServer, 20), 1s));
  BOOST_TEST(!scene.take(echo(true, 5), 1s));
  BOOST_TEST(scene.reader->counts().packets == 0U);
}

BOOST_AUTO_TEST_CASE(no_flood_makes_it_grow_without_bound) {
  Scene scene(config::ProbeProtocol::tcp);
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    const net::Endpoint from{kNode.address, static_cast<std::uint16_t>(1024 + i % 60'000)};
    scene.take(tcp(from, kServer, {.flags = flag::syn, .sequence = i}), Duration(i));
  }
  BOOST_TEST(scene.reader->under_way() <= ProbeReader::kMostUnderWay);
  BOOST_TEST(scene.reader->counts().without_node > 100'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::probes
