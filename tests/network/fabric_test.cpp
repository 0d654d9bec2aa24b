// The Fabric with nodes of the simplest kind: who gets a packet, what is counted, what is bounded.
#include "models/network/fabric.hpp"

#include <boost/test/unit_test.hpp>
#include <unordered_map>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"

namespace elblab::network {
namespace {

using telemetry::Reason;
using Bytes = std::vector<std::uint8_t>;

net::IpAddress ip(std::string_view text) { return *net::IpAddress::parse(text); }
net::Endpoint at(std::string_view address, std::uint16_t port) { return {ip(address), port}; }

Bytes udp(const net::Endpoint& from, const net::Endpoint& to, std::uint8_t time_to_live = 64) {
  Bytes packet(1500);
  net::IpFields fields;
  fields.source = from.address;
  fields.destination = to.address;
  fields.time_to_live = time_to_live;
  packet.resize(net::build_udp(packet, fields, from.port, to.port, Bytes(10)));
  return packet;
}

net::FlowKey flow_of(Bytes packet) {
  net::PacketView view;
  BOOST_REQUIRE(net::PacketView::parse(packet, view) == net::ParseError::none);
  return view.flow();
}

class Notebook final : public telemetry::Recorder {
 public:
  void record(const telemetry::Event& event) override { drops.push_back(event); }
  void record(const telemetry::ConnectionRecord&) override {}
  void sample(telemetry::SeriesId, Instant, double) override {}
  std::vector<telemetry::Event> drops;
};

struct Sent {
  PortIndex port = 0;
  Bytes bytes;
};

class Basket final : public PortOutput {
 public:
  void send(PortIndex port, std::span<const std::uint8_t> packet) override {
    sent.push_back({port, {packet.begin(), packet.end()}});
  }
  std::vector<Sent> sent;
};

// Sends what comes to its address on to another destination, as a balancer does; takes answers of
// flows that it is told to hold.
class Relay final : public Node {
 public:
  Relay(std::string_view own, std::string_view next) : own_(ip(own)), next_(ip(next)) {}

  std::vector<net::IpAddress> addresses() const override { return {own_}; }
  Claim claim(const net::PacketView& packet) const override {
    Claim claim;
    claim.flow = packet.flow();
    if (packet.destination() == own_) claim.kind = Claim::Kind::certain;
    if (held.contains(claim.flow)) claim.kind = Claim::Kind::answer;
    if (packet.source() == ip("10.0.0.9") && claim.kind == Claim::Kind::none) {
      claim.kind = Claim::Kind::answer;  // of a server, though nothing is held
    }
    return claim;
  }
  std::optional<HeldFlow> held_flow(const Claim& claim) const override {
    const auto found = held.find(claim.flow);
    return found == held.end() ? std::nullopt : std::optional(found->second);
  }
  bool receive(net::PacketView& packet, std::size_t, const Claim& claim, Instant,
               NodeOutput& out) override {
    if (claim.kind == Claim::Kind::answer && !held.contains(claim.flow)) return false;
    ++received;
    if (claim.kind == Claim::Kind::answer) {
      packet.set_source({own_, packet.source_port()});
    } else {
      packet.set_destination({next_, packet.destination_port()});
    }
    if (!packet.decrement_time_to_live()) {
      ++dropped;
      return true;
    }
    out.send(packet.bytes(), Origin::received);
    return true;
  }
  Instant next_deadline() const override { return kNever; }
  void advance(Instant, NodeOutput&) override {}
  void finish(Instant) override {}
  NodeCounts counts() const override { return {received, received - dropped, 0, 0, true}; }

  struct Hash {
    std::size_t operator()(const net::FlowKey& flow) const { return net::hash_of(flow, 1); }
  };
  std::unordered_map<net::FlowKey, HeldFlow, Hash> held;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;

 private:
  net::IpAddress own_;
  net::IpAddress next_;
};

// Stands before 10.1.0.0/24 as a NAT box does: out it sends as its own, in it sends to one host.
class Border final : public Node {
 public:
  std::vector<net::IpAddress> addresses() const override { return {ip("192.0.2.1")}; }
  std::vector<net::Subnet> inside() const override { return {inside_}; }
  Claim claim(const net::PacketView& packet) const override {
    Claim claim;
    claim.flow = packet.flow();
    const auto quoted = net::quoted_flow(packet);
    const bool leaves = inside_.contains(packet.source()) ||
                        (quoted && inside_.contains(quoted->destination.address));
    const bool to_inside = inside_.contains(packet.destination());
    const bool to_it = to_inside || packet.destination() == addresses()[0];
    if (leaves ? !to_inside : to_it) claim.kind = Claim::Kind::certain;
    claim.part = leaves ? 1 : 0;
    return claim;
  }
  std::optional<HeldFlow> held_flow(const Claim&) const override { return {}; }
  bool receive(net::PacketView& packet, std::size_t, const Claim& claim, Instant,
               NodeOutput& out) override {
    seen.push_back(claim.flow);
    if (claim.part == 1) {
      packet.set_source({addresses()[0], packet.source_port()});
    } else {
      packet.set_destination({ip("10.1.0.5"), packet.destination_port()});
    }
    out.send(packet.bytes(), Origin::received);
    return true;
  }
  Instant next_deadline() const override { return kNever; }
  void advance(Instant, NodeOutput&) override {}
  void finish(Instant) override {}
  NodeCounts counts() const override { return {seen.size(), seen.size(), 0, 0, true}; }

  std::vector<net::FlowKey> seen;

 private:
  net::Subnet inside_ = *net::Subnet::parse("10.1.0.0/24");
};

struct Setting {
  Setting() { fabric.emplace(routes(), 7, notebook); }
  static std::vector<Route> routes() {
    return {{*net::Subnet::parse("203.0.113.0/24"), 1},
            {*net::Subnet::parse("10.0.0.0/24"), 2},
            {*net::Subnet::parse("10.1.0.0/24"), 3}};
  }
  void pass(Bytes packet) { fabric->receive(1, packet, kStart, basket); }
  std::uint64_t dropped(Reason reason) const {
    return fabric->counters().dropped[static_cast<std::size_t>(reason)];
  }
  Notebook notebook;
  Basket basket;
  std::optional<Fabric> fabric;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fabric)

BOOST_AUTO_TEST_CASE(routes_what_no_node_claims_and_takes_one_from_its_time_to_live) {
  Setting s;
  s.pass(udp(at("203.0.113.1", 5), at("10.0.0.1", 90)));
  BOOST_REQUIRE_EQUAL(s.basket.sent.size(), 1u);
  BOOST_TEST(s.basket.sent[0].port == 2u);
  BOOST_TEST(s.basket.sent[0].bytes[8] == 63);
  s.pass(udp(at("203.0.113.1", 5), at("10.0.0.1", 90), 1));
  s.pass(udp(at("203.0.113.1", 5), at("192.0.2.1", 90)));
  BOOST_TEST(s.dropped(Reason::time_to_live_expired) == 1u);
  BOOST_TEST(s.dropped(Reason::no_route) == 1u);
  BOOST_TEST(s.notebook.drops.size() == 2u);
  BOOST_TEST(s.notebook.drops[0].object == 7u);
  BOOST_TEST(s.fabric->counters().conserved());
}

BOOST_AUTO_TEST_CASE(gives_each_of_several_nodes_what_goes_to_its_address) {
  Setting s;
  Relay first("198.51.100.1", "10.0.0.1");
  Relay second("198.51.100.2", "10.0.0.2");
  s.fabric->attach(first);
  s.fabric->attach(second);
  s.pass(udp(at("203.0.113.1", 5), at("198.51.100.2", 80)));
  s.pass(udp(at("203.0.113.1", 5), at("198.51.100.1", 80)));
  BOOST_REQUIRE_EQUAL(s.basket.sent.size(), 2u);
  BOOST_TEST((flow_of(s.basket.sent[0].bytes).destination.address == ip("10.0.0.2")));
  BOOST_TEST((flow_of(s.basket.sent[1].bytes).destination.address == ip("10.0.0.1")));
  BOOST_TEST(s.fabric->counters().to_nodes == 2u);
  BOOST_TEST(s.fabric->counters().conserved());
}

BOOST_AUTO_TEST_CASE(leads_a_packet_from_one_balancer_to_the_next) {
  Setting s;
  Relay front("198.51.100.1", "198.51.100.2");
  Relay back("198.51.100.2", "10.0.0.2");
  s.fabric->attach(front);
  s.fabric->attach(back);
  s.pass(udp(at("203.0.113.1", 5), at("198.51.100.1", 80)));
  BOOST_REQUIRE_EQUAL(s.basket.sent.size(), 1u);
  BOOST_TEST((flow_of(s.basket.sent[0].bytes).destination.address == ip("10.0.0.2")));
  BOOST_TEST(s.basket.sent[0].bytes[8] == 62);  // both looked at it
  BOOST_TEST(s.fabric->counters().conserved());
}

BOOST_AUTO_TEST_CASE(ends_the_way_of_a_packet_that_two_nodes_send_to_each_other) {
  Setting s;
  Relay one("198.51.100.1", "198.51.100.2");
  Relay other("198.51.100.2", "198.51.100.1");
  s.fabric->attach(one);
  s.fabric->attach(other);
  s.pass(udp(at("203.0.113.1", 5), at("198.51.100.1", 80), 255));
  BOOST_TEST(s.basket.sent.empty());
  BOOST_TEST(s.dropped(Reason::too_many_hops) == 1u);
  BOOST_TEST(one.received + other.received == Fabric::kMostHops + 1u);
  BOOST_TEST(s.fabric->counters().conserved());
  s.pass(udp(at("203.0.113.1", 5), at("198.51.100.1", 80), 4));  // its time to live is shorter
  BOOST_TEST(one.dropped + other.dropped == 1u);
  BOOST_TEST(s.fabric->counters().conserved());
}

BOOST_AUTO_TEST_CASE(routes_a_servers_own_traffic_that_no_node_holds_a_flow_of) {
  Setting s;
  Relay first("198.51.100.1", "10.0.0.9");
  Relay second("198.51.100.2", "10.0.0.9");
  s.fabric->attach(first);
  s.fabric->attach(second);
  s.pass(udp(at("10.0.0.9", 90), at("203.0.113.1", 5)));
  BOOST_REQUIRE_EQUAL(s.basket.sent.size(), 1u);
  BOOST_TEST((flow_of(s.basket.sent[0].bytes).source == at("10.0.0.9", 90)));
  BOOST_TEST(s.fabric->counters().to_nodes == 0u);
  BOOST_TEST(s.fabric->counters().disputed == 0u);
}

// FTC-15: the answers of a server carry one tuple, so one of two sessions gets them.
BOOST_AUTO_TEST_CASE(gives_an_answer_that_two_balancers_claim_to_one_of_them) {
  const net::FlowKey answer{at("10.0.0.9", 90), at("203.0.113.1", 100), net::Protocol::udp};
  const Instant early = kStart + std::chrono::seconds(1);
  const Instant late = kStart + std::chrono::seconds(2);
  struct Row {
    ReturnPath return_path;
    HeldFlow first;
    HeldFlow second;
    int winner;  // 0: dropped
    std::uint64_t disputed;
  };
  const Row rows[]{{ReturnPath::newest, {early, false}, {late, false}, 2, 1},
                   {ReturnPath::newest, {late, false}, {early, false}, 1, 1},
                   {ReturnPath::oldest, {early, false}, {late, false}, 1, 1},
                   {ReturnPath::drop, {early, false}, {late, false}, 0, 1},
                   // A flow that is over is no rival, however new it is.
                   {ReturnPath::newest, {early, false}, {late, true}, 1, 0},
                   {ReturnPath::drop, {early, false}, {late, true}, 1, 0},
                   {ReturnPath::oldest, {early, true}, {late, false}, 2, 0}};
  for (const Row& row : rows) {
    Setting s;
    Relay first("198.51.100.1", "10.0.0.9");
    Relay second("198.51.100.2", "10.0.0.9");
    s.fabric->attach(first);
    s.fabric->attach(second);
    s.fabric->set_return_path(row.return_path);
    first.held[answer] = row.first;
    second.held[answer] = row.second;
    s.pass(udp(answer.source, answer.destination));
    BOOST_TEST(first.received == (row.winner == 1 ? 1u : 0u));
    BOOST_TEST(second.received == (row.winner == 2 ? 1u : 0u));
    BOOST_TEST(s.dropped(Reason::five_tuple_disputed) == (row.winner == 0 ? 1u : 0u));
    BOOST_TEST(s.fabric->counters().disputed == row.disputed);
    BOOST_TEST(s.fabric->counters().conserved());
  }
}

// In both orders of attaching, alone and with a balancer.
BOOST_AUTO_TEST_CASE(gives_what_comes_from_behind_a_node_to_that_node_first) {
  const net::Endpoint host = at("10.1.0.5", 7);
  for (const bool border_first : {false, true}) {
    Setting s;
    Border border;
    Relay balancer("198.51.100.1", "10.0.0.1");
    if (border_first) s.fabric->attach(border);
    s.fabric->attach(balancer);
    if (!border_first) s.fabric->attach(border);
    s.pass(udp(host, at("198.51.100.1", 80)));
    s.pass(udp(host, at("203.0.113.9", 80)));
    BOOST_TEST(border.seen.size() == 2u);
    BOOST_TEST(balancer.received == 1u);
    BOOST_REQUIRE_EQUAL(s.basket.sent.size(), 2u);
    BOOST_TEST((flow_of(s.basket.sent[0].bytes).source == at("192.0.2.1", 7)));
    BOOST_TEST((flow_of(s.basket.sent[0].bytes).destination == at("10.0.0.1", 80)));
    BOOST_TEST((flow_of(s.basket.sent[1].bytes).source == at("192.0.2.1", 7)));
    BOOST_TEST(s.basket.sent[1].port == 1u);
    BOOST_TEST(s.fabric->counters().to_nodes == 3u);
    BOOST_TEST(s.fabric->counters().conserved());
    // Who stands beside it needs no help.
    s.pass(udp(host, at("10.1.0.6", 80)));
    BOOST_TEST(border.seen.size() == 2u);
    BOOST_TEST(s.basket.sent[2].port == 3u);
    BOOST_TEST((flow_of(s.basket.sent[2].bytes).source == host));
  }
}

BOOST_AUTO_TEST_CASE(gives_an_answer_to_the_balancer_that_holds_it_before_the_node_it_is_sent_to) {
  const net::FlowKey answer{at("10.0.0.9", 90), at("192.0.2.1", 7), net::Protocol::udp};
  for (const bool held : {false, true}) {
    for (const bool border_first : {false, true}) {
      Setting s;
      Border border;
      Relay balancer("198.51.100.1", "10.0.0.9");
      if (border_first) s.fabric->attach(border);
      s.fabric->attach(balancer);
      if (!border_first) s.fabric->attach(border);
      if (held) balancer.held[answer] = {kStart, false};
      s.pass(udp(answer.source, answer.destination));
      BOOST_TEST(balancer.received == (held ? 1u : 0u));
      BOOST_REQUIRE_EQUAL(border.seen.size(), 1u);
      BOOST_TEST((border.seen[0].source == (held ? at("198.51.100.1", 90) : answer.source)));
      BOOST_REQUIRE_EQUAL(s.basket.sent.size(), 1u);
      BOOST_TEST(s.basket.sent[0].port == 3u);
      BOOST_TEST((flow_of(s.basket.sent[0].bytes).destination == at("10.1.0.5", 7)));
      BOOST_TEST(s.fabric->counters().conserved());
    }
  }
}

BOOST_AUTO_TEST_CASE(lets_nothing_past_a_node_to_those_behind_it) {
  Setting s;
  Border border;
  Relay balancer("198.51.100.1", "10.0.0.9");
  s.fabric->attach(balancer);
  s.fabric->attach(border);
  s.pass(udp(at("203.0.113.9", 1), at("10.1.0.6", 2)));
  s.pass(udp(at("10.0.0.9", 90), at("10.1.0.6", 2)));  // as an answer that nobody holds
  BOOST_TEST(border.seen.size() == 2u);
  BOOST_TEST(balancer.received == 0u);
}

BOOST_AUTO_TEST_CASE(tells_a_sender_through_the_node_that_a_packet_to_those_behind_it_was_too_long) {
  Setting s;
  Border border;
  Relay balancer("198.51.100.1", "10.0.0.1");
  s.fabric->attach(balancer);
  s.fabric->attach(border);
  s.fabric->set_mtu(3, 30);
  s.pass(udp(at("203.0.113.9", 1), at("192.0.2.1", 7)));
  BOOST_TEST(s.dropped(Reason::link_mtu) == 1u);
  BOOST_REQUIRE_EQUAL(border.seen.size(), 2u);
  BOOST_TEST((border.seen[1].destination.address == ip("203.0.113.9")));
  BOOST_REQUIRE_EQUAL(s.basket.sent.size(), 1u);
  BOOST_TEST((flow_of(s.basket.sent[0].bytes).source.address == ip("192.0.2.1")));
  BOOST_TEST(s.fabric->counters().conserved());
}

BOOST_AUTO_TEST_CASE(counts_bytes_that_are_no_packet) {
  Setting s;
  s.pass({0x45, 1, 2});
  s.pass({});
  BOOST_TEST(s.dropped(Reason::malformed) == 2u);
  BOOST_TEST(s.fabric->counters().packets_in == 2u);
  BOOST_TEST(s.fabric->counters().conserved());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::network
