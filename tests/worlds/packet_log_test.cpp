// The parts of a packet log against plain models of them, and its limits.
#include "worlds/packets/packet_log.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "models/net/packet_builder.hpp"
#include "models/net/packet_view.hpp"
#include "models/random/stream.hpp"

namespace elblab::worlds::test {
namespace {

using net::IpAddress;
using telemetry::PacketAction;
using telemetry::PacketChoice;
using telemetry::PacketConnection;
using telemetry::PacketRecord;
using telemetry::Reason;

struct Rows final : telemetry::Recorder {
  void record(const telemetry::Event&) override {}
  void record(const telemetry::ConnectionRecord&) override {}
  void sample(telemetry::SeriesId, Instant, double) override {}
  void packet(const PacketRecord& packet) override { packets.push_back(packet); }
  void packet_connection(const PacketConnection& connection) override {
    connections.push_back(connection);
  }
  void decision(const telemetry::DecisionRecord& decision) override {
    decisions.push_back(decision);
    decided_before.push_back(connections.size());
  }
  std::vector<PacketRecord> packets;
  std::vector<PacketConnection> connections;
  std::vector<telemetry::DecisionRecord> decisions;
  std::vector<std::size_t> decided_before;  // of each: the connections handed over by then
};

constexpr telemetry::ObjectId kBalancer = 1;
constexpr telemetry::ObjectId kClient = 2;
const IpAddress kService = IpAddress::v4(198, 51, 100, 10);

net::FlowKey flow_of(std::uint16_t port, net::Protocol protocol = net::Protocol::tcp,
                     const IpAddress& client = IpAddress::v4(10, 0, 0, 1)) {
  return {{client, port}, {kService, 80}, protocol};
}

std::vector<std::uint8_t> segment(const net::FlowKey& flow, std::uint32_t sequence,
                                  std::uint8_t flags, std::size_t payload = 0) {
  std::vector<std::uint8_t> packet(1500);
  const std::vector<std::uint8_t> bytes(payload, 7);
  net::TcpFields tcp;
  tcp.source_port = flow.source.port;
  tcp.destination_port = flow.destination.port;
  tcp.sequence = sequence;
  tcp.flags = flags;
  packet.resize(
      net::build_tcp(packet, {flow.source.address, flow.destination.address}, tcp, bytes));
  return packet;
}

std::vector<std::uint8_t> datagram(const net::FlowKey& flow, std::size_t payload) {
  std::vector<std::uint8_t> packet(1500);
  const std::vector<std::uint8_t> bytes(payload, 7);
  packet.resize(net::build_udp(packet, {flow.source.address, flow.destination.address},
                               flow.source.port, flow.destination.port, bytes));
  return packet;
}

Instant at_ms(std::int64_t ms) { return kStart + std::chrono::milliseconds(ms); }

telemetry::ConnectionRecord client_end(const net::FlowKey& flow, Reason reason, Instant opened,
                                       Instant closed) {
  telemetry::ConnectionRecord record;
  record.object = kClient;
  record.reason = reason;
  record.flow = flow;
  record.opened_at = opened;
  record.closed_at = closed;
  return record;
}

BOOST_AUTO_TEST_SUITE(packet_log)

// The first rows, and the last as far as whole chunks go, in their order.
BOOST_AUTO_TEST_CASE(buffers_keep_the_first_and_the_last_rows) {
  for (const std::size_t chunks : {std::size_t{1'000}, std::size_t{3}}) {
    PacketBuffers buffers({32, 48, chunks});
    for (std::uint32_t count = 0; count < 400; ++count) {
      PacketBuffers::Rows rows;
      for (std::uint32_t i = 0; i < count; ++i) {
        PacketNote note;
        note.sequence = i;
        buffers.add(rows, note);
      }
      std::vector<std::uint32_t> kept;
      buffers.each(rows, [&](const PacketNote& note) { kept.push_back(note.sequence); });
      BOOST_REQUIRE(std::is_sorted(kept.begin(), kept.end()));
      const std::size_t room = std::min<std::size_t>(chunks * 16, 80);
      BOOST_REQUIRE_EQUAL(rows.seen, count);
      if (count <= room) {
        BOOST_REQUIRE_EQUAL(kept.size(), count);
      } else {
        BOOST_REQUIRE(kept.size() > room - 16);
        BOOST_REQUIRE(kept.size() <= room);
        for (std::uint32_t i = 0; i < 32; ++i) BOOST_REQUIRE_EQUAL(kept[i], i);
        BOOST_REQUIRE_EQUAL(kept.back(), count - 1);
        // One gap only: after the first rows.
        for (std::size_t i = 33; i < kept.size(); ++i) {
          BOOST_REQUIRE_EQUAL(kept[i], kept[i - 1] + 1);
        }
      }
      buffers.clear(rows);
    }
  }
}

BOOST_AUTO_TEST_CASE(of_each_host_the_first_hundred_are_kept_and_of_each_trouble_two_hundred) {
  Rows rows;
  PacketLog log(PacketKeeping::some, rows);
  // Two addresses, one host.
  const IpAddress one = IpAddress::v4(10, 0, 0, 1);
  const IpAddress other = IpAddress::v4(10, 0, 0, 2);
  log.add_host({one, other});
  for (std::uint16_t i = 0; i < 2'000; ++i) {
    const net::FlowKey flow =
        flow_of(static_cast<std::uint16_t>(1024 + i), net::Protocol::tcp, i % 2 == 0 ? one : other);
    const Instant now = at_ms(i);
    log.sent_by_host(kClient, segment(flow, i, net::tcp_flag::syn), now);
    const Reason reason = i < 1'000 ? Reason::timed_out : Reason::refused_by_peer;
    log.record(client_end(flow, reason, now, now));
  }
  log.finish();
  std::map<std::pair<PacketChoice, Reason>, int> kept;
  for (const PacketConnection& c : rows.connections) {
    ++kept[{c.choice, c.choice == PacketChoice::first_of_host ? Reason::none : c.reason}];
  }
  BOOST_TEST((kept[{PacketChoice::first_of_host, Reason::none}]) == 100);
  BOOST_TEST((kept[{PacketChoice::ended_badly, Reason::timed_out}]) == 200);
  BOOST_TEST((kept[{PacketChoice::ended_badly, Reason::refused_by_peer}]) == 200);
  BOOST_TEST(rows.connections.size() == 500);
  BOOST_TEST(rows.packets.size() == 500);
}

BOOST_AUTO_TEST_CASE(a_port_used_again_is_another_connection) {
  Rows rows;
  PacketLog log(PacketKeeping::all, rows);
  const net::FlowKey flow = flow_of(5'000);
  for (std::uint32_t i = 0; i < 3; ++i) {
    log.sent_by_host(kClient, segment(flow, 1'000 * i, net::tcp_flag::syn), at_ms(10 * i));
    log.sent_by_host(kClient, segment(flow, 1'000 * i, net::tcp_flag::syn), at_ms(10 * i + 1));
    // The end of the one before comes late.
    if (i > 0) log.record(client_end(flow, Reason::timed_out, at_ms(10 * i - 10), at_ms(10 * i)));
  }
  log.finish();
  BOOST_REQUIRE_EQUAL(rows.connections.size(), 3);
  for (const PacketConnection& c : rows.connections) {
    BOOST_TEST(c.packets == 2);
    BOOST_TEST((c.reason == Reason::none));
  }
}

telemetry::DecisionRecord decision_for(const net::FlowKey& flow, telemetry::ObjectId chosen) {
  telemetry::DecisionRecord decision;
  decision.object = kBalancer;
  decision.flow = flow;
  decision.chosen = chosen;
  return decision;
}

// Why a server was chosen is kept where the packets are: before its connection.
BOOST_AUTO_TEST_CASE(decisions_go_with_the_packets_of_their_connection) {
  Rows rows;
  PacketLog log(PacketKeeping::some, rows);
  BOOST_TEST(log.wants_decisions());
  log.add_host({IpAddress::v4(10, 0, 0, 1)});
  for (std::uint16_t i = 0; i < 300; ++i) {
    const net::FlowKey flow = flow_of(static_cast<std::uint16_t>(1024 + i));
    BOOST_TEST(!log.keeps_decisions_of(flow));
    log.sent_by_host(kClient, segment(flow, i, net::tcp_flag::syn), at_ms(i));
    BOOST_TEST(log.keeps_decisions_of(flow) == (i < 100));  // the others may be
    log.decision(decision_for(flow, 100u + i));
    // Of those beyond the first hundred every tenth fails.
    const Reason reason = i >= 100 && i % 10 == 0 ? Reason::timed_out : Reason::closed_by_local;
    log.record(client_end(flow, reason, at_ms(i), at_ms(i)));
  }
  log.decision(decision_for(flow_of(9), 1));  // of nobody who is followed
  log.finish();
  BOOST_REQUIRE_EQUAL(rows.connections.size(), 120);
  BOOST_REQUIRE_EQUAL(rows.decisions.size(), 120);
  for (std::size_t i = 0; i < rows.decisions.size(); ++i) {
    const std::size_t before = rows.decided_before[i];
    BOOST_TEST((rows.decisions[i].flow == rows.connections[before].flow));
    BOOST_TEST(rows.decisions[i].chosen == 100u + rows.decisions[i].flow.source.port - 1024u);
  }
}

BOOST_AUTO_TEST_CASE(of_a_flow_that_is_decided_about_again_and_again_the_last_are_kept) {
  Rows rows;
  PacketLog log(PacketKeeping::some, rows);
  const net::FlowKey flow = flow_of(5'000, net::Protocol::udp);
  log.received(kBalancer, datagram(flow, 20), at_ms(1));
  for (telemetry::ObjectId i = 1; i <= 10; ++i) log.decision(decision_for(flow, i));
  log.finish();
  BOOST_REQUIRE_EQUAL(rows.decisions.size(), DecisionBuffers::kMostOfConnection);
  for (std::size_t i = 0; i < rows.decisions.size(); ++i) {
    BOOST_TEST(rows.decisions[i].chosen == 7 + i);
  }
}

// A pool for three, against a list of each connection's last decisions.
BOOST_AUTO_TEST_CASE(decision_buffers_are_bounded_and_give_back_what_they_took) {
  random::Stream random(1, "buffers");
  DecisionBuffers buffers(12);
  std::vector<DecisionBuffers::Chain> chains(6);
  std::vector<std::vector<telemetry::ObjectId>> naive(6);
  std::size_t held = 0;
  for (telemetry::ObjectId step = 1; step <= 5'000; ++step) {
    const std::size_t which = random.below(6);
    if (random.chance(0.2)) {
      buffers.clear(chains[which]);
      held -= naive[which].size();
      naive[which].clear();
    } else {
      if (naive[which].size() == DecisionBuffers::kMostOfConnection) {
        naive[which].erase(naive[which].begin());
        --held;
      }
      buffers.add(chains[which], decision_for(flow_of(1), step));
      if (held < 12) {
        naive[which].push_back(step);
        ++held;
      }
    }
    std::vector<telemetry::ObjectId> kept;
    buffers.each(chains[which], [&](const auto& d) { kept.push_back(d.chosen); });
    BOOST_REQUIRE(kept == naive[which]);
  }
}

BOOST_AUTO_TEST_CASE(datagrams_are_followed_too) {
  Rows rows;
  PacketLog log(PacketKeeping::some, rows);
  const net::FlowKey flow = flow_of(5'000, net::Protocol::udp);
  const net::FlowKey to_server{
      {IpAddress::v4(10, 0, 1, 5), 40'000}, {IpAddress::v4(10, 0, 2, 1), 53}, net::Protocol::udp};
  log.received(kBalancer, datagram(flow, 20), at_ms(1));
  telemetry::Event decision;
  decision.kind = telemetry::EventKind::scheduler_decision;
  decision.flow = flow;
  log.record(decision);
  log.sent(kBalancer, datagram(to_server, 20), network::Origin::received, at_ms(1));
  log.received(kBalancer, datagram(to_server.reversed(), 30), at_ms(2));
  log.sent(kBalancer, datagram(flow.reversed(), 30), network::Origin::received, at_ms(2));
  log.finish();
  BOOST_REQUIRE_EQUAL(rows.connections.size(), 1);
  BOOST_TEST((rows.connections[0].flow == flow));
  BOOST_TEST((rows.connections[0].translated == to_server));
  BOOST_REQUIRE_EQUAL(rows.packets.size(), 4);
  BOOST_TEST((rows.packets[1].flow == to_server));
  BOOST_TEST((rows.packets[1].action == PacketAction::forwarded));
  BOOST_TEST((rows.packets[3].flow == flow.reversed()));
  BOOST_TEST(rows.packets[3].payload_bytes == 30);
}

BOOST_AUTO_TEST_CASE(whatever_the_bytes_a_summary_reads_what_a_view_reads_or_nothing) {
  random::Stream stream(3, "bytes");
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto packet = segment(flow_of(static_cast<std::uint16_t>(stream.below(65536))),
                          static_cast<std::uint32_t>(stream.next()),
                          static_cast<std::uint8_t>(stream.below(64)), stream.below(40));
    const std::size_t damage = stream.below(4);
    for (std::size_t i = 0; i < damage; ++i) {
      packet[stream.below(packet.size())] = static_cast<std::uint8_t>(stream.below(256));
    }
    if (stream.chance(0.2)) packet.resize(stream.below(packet.size() + 1));
    PacketSummary summary;
    if (!summarize(packet, summary)) continue;
    net::PacketView view;
    // Padding, lengths and protocols that one of them takes and the other refuses are allowed; what
    // both take is the same.
    if (net::PacketView::parse(packet, view) != net::ParseError::none || !view.has_ports())
      continue;
    ++read;
    BOOST_REQUIRE((summary.flow == view.flow()));
    if (view.protocol() != net::Protocol::tcp) continue;
    BOOST_REQUIRE_EQUAL(summary.sequence, view.sequence());
    BOOST_REQUIRE_EQUAL(summary.payload_bytes, view.payload().size());
    BOOST_REQUIRE_EQUAL(summary.tcp_flags, view.tcp_flags());
  }
  BOOST_TEST(read > 10'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::worlds::test
