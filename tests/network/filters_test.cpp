// Which filter a Fabric asks about which packet, in which order, and what becomes of what it
// refuses.
#include "models/network/filters.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <vector>

#include "models/net/packet_builder.hpp"
#include "models/network/fabric.hpp"

namespace elblab::network {
namespace {

using telemetry::Reason;
using Bytes = std::vector<std::uint8_t>;

net::IpAddress ip(std::string_view text) { return *net::IpAddress::parse(text); }
net::Subnet subnet(std::string_view text) { return *net::Subnet::parse(text); }

Bytes udp(std::string_view from, std::string_view to) {
  Bytes packet(64);
  const std::size_t size =
      net::build_udp(packet, {ip(from), ip(to)}, 1000, 53, std::array<std::uint8_t, 4>{});
  packet.resize(size);
  return packet;
}

// Admits or refuses everything, and writes down that it was asked.
class Gate final : public Filter {
 public:
  Gate(std::string name, std::string& asked) : name_(std::move(name)), asked_(asked) {}
  bool admits(const net::PacketView&, Direction direction, Instant) override {
    asked_ += name_ + (direction == Direction::in ? ".in " : ".out ");
    return direction == Direction::in ? in : out;
  }
  bool in = true;
  bool out = true;

 private:
  std::string name_;
  std::string& asked_;
};

class Notebook final : public telemetry::Recorder {
 public:
  void record(const telemetry::Event& event) override { events.push_back(event); }
  void record(const telemetry::ConnectionRecord&) override {}
  void sample(telemetry::SeriesId, Instant, double) override {}
  std::vector<telemetry::Event> events;
};

class Basket final : public PortOutput {
 public:
  void send(PortIndex port, std::span<const std::uint8_t>) override { ports.push_back(port); }
  std::vector<PortIndex> ports;
};

// Sends what it gets on to one address, in its own name.
class Relay final : public Node {
 public:
  Relay(std::string_view own, std::string_view to) : own_(ip(own)), to_(ip(to)) {}

  std::vector<net::IpAddress> addresses() const override { return {own_}; }
  Claim claim(const net::PacketView& packet) const override {
    Claim claim;
    if (packet.destination() == own_) claim.kind = Claim::Kind::certain;
    return claim;
  }
  std::optional<HeldFlow> held_flow(const Claim&) const override { return std::nullopt; }
  bool receive(net::PacketView& packet, std::size_t, const Claim&, Instant,
               NodeOutput& out) override {
    ++received;
    packet.set_source({own_, 2000});
    packet.set_destination({to_, 53});
    out.send(packet.bytes(), Origin::received);
    return true;
  }
  bool exempts(const net::PacketView&) const override { return exempting; }
  Instant next_deadline() const override { return kNever; }
  void advance(Instant, NodeOutput&) override {}
  void finish(Instant) override {}
  NodeCounts counts() const override { return {}; }

  int received = 0;
  bool exempting = false;

 private:
  net::IpAddress own_;
  net::IpAddress to_;
};

// Two subnets, web (ports 0, 1) and data (port 2), and a relay in a third that sends to port 2.
struct World {
  World() {
    fabric.attach(relay);
    fabric.set_filters(0, {&web, &group0, &firewall0});
    fabric.set_filters(1, {&web, &group1, &firewall1});
    fabric.set_filters(2, {&data, &group2, &firewall2});
    fabric.set_node_acl(ip("10.0.9.1"), &front);
  }
  // What was asked, in order; where the packet went to, if anywhere.
  std::string send(PortIndex from, Bytes packet) {
    asked.clear();
    basket.ports.clear();
    fabric.receive(from, packet, kStart, basket);
    BOOST_TEST(fabric.counters().conserved());
    return asked;
  }
  std::uint64_t dropped(Reason reason) const {
    return fabric.counters().dropped[static_cast<std::size_t>(reason)];
  }

  std::string asked;
  Gate web{"web", asked};
  Gate data{"data", asked};
  Gate front{"front", asked};
  Gate group0{"group0", asked};
  Gate group1{"group1", asked};
  Gate group2{"group2", asked};
  Gate firewall0{"firewall0", asked};
  Gate firewall1{"firewall1", asked};
  Gate firewall2{"firewall2", asked};
  Notebook notebook;
  Basket basket;
  Relay relay{"10.0.9.1", "10.0.2.1"};
  Fabric fabric{
      {{subnet("10.0.1.1"), 0}, {subnet("10.0.1.2"), 1}, {subnet("10.0.2.1"), 2}}, 7, notebook};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(filters)

BOOST_AUTO_TEST_CASE(are_asked_from_the_host_outwards_and_inwards_to_the_host) {
  World world;
  BOOST_TEST(world.send(0, udp("10.0.1.1", "10.0.2.1")) ==
             "firewall0.out group0.out web.out data.in group2.in firewall2.in ");
  BOOST_TEST(world.basket.ports == std::vector<PortIndex>{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_subnet_are_not_asked_within_it) {
  World world;
  BOOST_TEST(world.send(0, udp("10.0.1.1", "10.0.1.2")) ==
             "firewall0.out group0.out group1.in firewall1.in ");
}

BOOST_AUTO_TEST_CASE(of_a_subnet_are_asked_about_who_only_pretends_to_be_in_it) {
  World world;
  BOOST_TEST(world.send(2, udp("10.0.1.2", "10.0.1.1")) ==
             "firewall2.out group2.out data.out web.in group0.in firewall0.in ");
}

BOOST_AUTO_TEST_CASE(of_a_nodes_subnet_are_asked_about_what_it_gets_and_sends) {
  World world;
  BOOST_TEST(world.send(0, udp("10.0.1.1", "10.0.9.1")) ==
             "firewall0.out group0.out web.out front.in front.out data.in group2.in "
             "firewall2.in ");
  BOOST_TEST(world.relay.received == 1);
}

BOOST_AUTO_TEST_CASE(are_not_asked_where_there_are_none) {
  World world;
  BOOST_TEST(world.send(9, udp("192.0.2.1", "10.0.9.1")) ==
             "front.in front.out data.in group2.in firewall2.in ");
  world.fabric.set_filters(2, {});
  BOOST_TEST(world.send(9, udp("192.0.2.1", "10.0.2.1")).empty());
  BOOST_TEST(world.basket.ports == std::vector<PortIndex>{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(that_refuse_a_packet_have_it_dropped_with_their_own_reason) {
  struct Row {
    std::function<void(World&)> close;
    Reason reason;
  };
  const Row rows[] = {
      {[](World& w) { w.firewall0.out = false; }, Reason::host_firewall},
      {[](World& w) { w.group0.out = false; }, Reason::security_group},
      {[](World& w) { w.web.out = false; }, Reason::network_acl},
      {[](World& w) { w.data.in = false; }, Reason::network_acl},
      {[](World& w) { w.group2.in = false; }, Reason::security_group},
      {[](World& w) { w.firewall2.in = false; }, Reason::host_firewall},
  };
  // Routed, through a node, and between the two: what is refused goes no further.
  for (const std::string_view to : {"10.0.2.1", "10.0.9.1"}) {
    for (const Row& row : rows) {
      World world;
      row.close(world);
      const std::string asked = world.send(0, udp("10.0.1.1", to));
      BOOST_TEST_CONTEXT(asked) {
        BOOST_TEST(world.basket.ports.empty());
        BOOST_TEST(world.dropped(row.reason) == 1u);
        BOOST_TEST(world.fabric.counters().dropped_total() == 1u);
        BOOST_REQUIRE_EQUAL(world.notebook.events.size(), 1u);
        BOOST_TEST((world.notebook.events[0].reason == row.reason));
        BOOST_TEST(world.notebook.events[0].object == 7u);
        BOOST_TEST((world.notebook.events[0].flow.destination.port == 53));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(count_what_they_kept_back_and_are_named_with_the_drop) {
  World world;
  world.web.stands_before(21);
  world.group2.stands_before(22);
  world.web.out = false;
  const Bytes packet = udp("10.0.1.1", "10.0.2.1");
  world.send(0, packet);
  world.web.out = true;
  world.group2.in = false;
  world.send(0, packet);
  world.send(0, udp("10.0.1.1", "10.0.9.1"));  // through the node
  BOOST_TEST(world.web.blocked().packets == 1u);
  BOOST_TEST(world.web.blocked().bytes == packet.size());
  BOOST_TEST(world.group2.blocked().packets == 2u);
  BOOST_TEST(world.data.blocked().packets == 0u);
  BOOST_REQUIRE_EQUAL(world.notebook.events.size(), 3u);
  BOOST_TEST(world.notebook.events[0].peer == 21u);
  BOOST_TEST(world.notebook.events[1].peer == 22u);
  BOOST_TEST(world.notebook.events[2].peer == 22u);
}

BOOST_AUTO_TEST_CASE(that_refuse_what_a_node_exempts_do_not_count_it) {
  World world;
  world.relay.exempting = true;
  world.group2.in = false;
  world.send(0, udp("10.0.1.1", "10.0.2.1"));
  BOOST_TEST(world.group2.blocked().packets == 0u);
}

BOOST_AUTO_TEST_CASE(of_a_nodes_subnet_that_refuse_keep_a_packet_from_it) {
  World world;
  world.front.in = false;
  world.send(0, udp("10.0.1.1", "10.0.9.1"));
  BOOST_TEST(world.relay.received == 0);
  BOOST_TEST(world.dropped(Reason::network_acl) == 1u);
  world.front.in = true;
  world.front.out = false;
  world.send(0, udp("10.0.1.1", "10.0.9.1"));
  BOOST_TEST(world.relay.received == 1);
  BOOST_TEST(world.basket.ports.empty());
  BOOST_TEST(world.dropped(Reason::network_acl) == 2u);
}

BOOST_AUTO_TEST_CASE(of_a_nodes_subnet_are_asked_about_what_goes_from_node_to_node) {
  World world;
  Relay first("10.0.8.1", "10.0.9.1");
  Gate before("before", world.asked);
  world.fabric.attach(first);
  world.fabric.set_node_acl(ip("10.0.8.1"), &before);
  BOOST_TEST(world.send(9, udp("192.0.2.1", "10.0.8.1")) ==
             "before.in before.out front.in front.out data.in group2.in firewall2.in ");
  before.out = false;
  world.send(9, udp("192.0.2.1", "10.0.8.1"));
  BOOST_TEST(world.relay.received == 1);
  BOOST_TEST(world.dropped(Reason::network_acl) == 1u);
}

BOOST_AUTO_TEST_CASE(of_operators_leave_exempt_flows_alone_but_not_a_hosts_own_firewall) {
  World world;
  world.relay.exempting = true;
  for (Gate* gate : {&world.web, &world.data, &world.group0, &world.group2, &world.front}) {
    gate->in = gate->out = false;
  }
  world.send(0, udp("10.0.1.1", "10.0.2.1"));
  BOOST_TEST(world.basket.ports == std::vector<PortIndex>{2}, boost::test_tools::per_element());
  world.firewall2.in = false;
  world.send(0, udp("10.0.1.1", "10.0.2.1"));
  BOOST_TEST(world.dropped(Reason::host_firewall) == 1u);
  world.firewall0.out = false;
  BOOST_TEST(world.send(0, udp("10.0.1.1", "10.0.2.1")) == "firewall0.out ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::network
