// The Fabric with nodes of the simplest kind: who gets a packet, what is counted, what is bounded.
#include "models/network/fabric.hpp"

#include <boost/test/unit_test.hpp>
#include <unordered_map>

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

struct Setting {
  Setting() { fabric.emplace(routes(), 7, notebook); }
  static std::vector<Route> routes() {
    return {{*net::Subnet::parse("203.0.113.0/24"), 1}, {*net::Subnet::parse("10.0.0.0/24"), 2}};
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
