// The NAT box by itself: which ports it gives, who may answer, how long it remembers.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <set>

#include "tests/middlebox/nat_scene.hpp"

namespace elblab::middlebox {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using telemetry::Reason;

namespace {

config::Nat per_destination_nat() {
  config::Nat nat = small_nat();
  nat.mapping = config::NatMapping::per_destination;
  return nat;
}

net::Endpoint inside_host(unsigned number, std::uint16_t port = 5000) {
  return {net::IpAddress::v4(0x0A010000 + number), port};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nat)

BOOST_AUTO_TEST_CASE(a_flow_keeps_its_outer_port_and_its_answers_find_back) {
  for (const net::Protocol protocol : {net::Protocol::tcp, net::Protocol::udp}) {
    NatScene scene;
    const net::FlowKey sent{kAlice, kWeb, protocol};
    const net::FlowKey seen = scene.out(sent).value();
    BOOST_TEST((seen.source == at(kOuter, 1024)));
    BOOST_TEST((seen.destination == kWeb));
    BOOST_TEST((scene.in(seen.reversed()) == sent.reversed()));
    BOOST_TEST((scene.out(sent, kStart, flag::ack) == seen));
    BOOST_TEST((scene.nat.outer_flow(sent) == seen));
    BOOST_TEST(!scene.nat.outer_flow(seen.reversed()).has_value());
    BOOST_TEST(scene.nat.counters().packets_sent == 3u);
    BOOST_TEST(scene.nat.counts().conserved);
  }
}

BOOST_AUTO_TEST_CASE(only_addresses_ports_and_time_to_live_change) {
  NatScene scene;
  const Bytes sent = tcp(kAlice, kWeb, {flag::syn, 77, 88, 333, 9});
  const Parsed seen = scene.through(sent);
  BOOST_TEST(seen.view.time_to_live() == 8);
  BOOST_TEST(seen.view.sequence() == 77u);
  BOOST_TEST(seen.view.acknowledgment() == 88u);
  const Parsed before(sent);
  BOOST_TEST(Bytes(seen.view.payload().begin(), seen.view.payload().end()) ==
                 Bytes(before.view.payload().begin(), before.view.payload().end()),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_udp_checksum_that_was_not_sent_is_not_made_up) {
  NatScene scene;
  Bytes packet = udp(kAlice, kWeb, 10);
  packet[26] = packet[27] = 0;
  const Parsed seen = scene.through(packet);
  BOOST_TEST((seen.bytes[26] == 0 && seen.bytes[27] == 0));
}

BOOST_AUTO_TEST_CASE(a_wrong_transport_checksum_stays_wrong) {
  NatScene scene;
  Bytes packet = udp(kAlice, kWeb, 10);
  packet.back() ^= 1;
  const Parsed seen(scene.pass(packet));
  BOOST_TEST(!seen.sound);
  BOOST_TEST(seen.view.ip_checksum_ok());
}

// RFC 4787 REQ-1: one outer endpoint, whatever it talks to; each inside endpoint has its own.
BOOST_AUTO_TEST_CASE(
    endpoint_independent_mapping_gives_one_outer_endpoint_to_each_inside_endpoint) {
  NatScene scene;
  BOOST_TEST((scene.connect(kAlice, kWeb) == at(kOuter, 1024)));
  BOOST_TEST((scene.connect(kAlice, kShop) == at(kOuter, 1024)));
  BOOST_TEST((scene.connect(kBob, kWeb) == at(kOuter, 1025)));
  BOOST_TEST((scene.connect({kAlice.address, 5001}, kWeb) == at(kOuter, 1026)));
  // UDP has ports of its own.
  BOOST_TEST((scene.out(over_udp(kAlice, kWeb))->source == at(kOuter, 1024)));
  BOOST_TEST(scene.nat.gauges().sessions == 5u);
  BOOST_TEST(scene.nat.gauges().mappings == 4u);
  BOOST_TEST(scene.nat.gauges(net::Protocol::tcp).ports_in_use == 3u);
  BOOST_TEST(scene.nat.gauges(net::Protocol::tcp).ports == 8u);
  BOOST_TEST(scene.nat.gauges().ports_in_use == 4u);
  BOOST_TEST(scene.nat.gauges().ports == 16u);
}

// RFC 7857 §3; each destination has its own sequence, so two of them meet at the same port at once.
BOOST_AUTO_TEST_CASE(per_destination_mapping_gives_one_outer_port_to_different_destinations) {
  NatScene scene(per_destination_nat());
  BOOST_TEST((scene.connect(kAlice, kWeb) == at(kOuter, 1024)));
  BOOST_TEST((scene.connect(kBob, kShop) == at(kOuter, 1024)));
  BOOST_TEST((scene.connect(kBob, kWeb) == at(kOuter, 1025)));
  BOOST_TEST((scene.connect(kAlice, kShop) == at(kOuter, 1025)));
  BOOST_TEST((scene.connect(kAlice, {kWeb.address, 81}) == at(kOuter, 1024)));
  // Each finds back to its own.
  BOOST_TEST((scene.in(over_tcp(kWeb, at(kOuter, 1024)))->destination == kAlice));
  BOOST_TEST((scene.in(over_tcp(kShop, at(kOuter, 1024)))->destination == kBob));
  BOOST_TEST(scene.nat.gauges().mappings == 5u);
  BOOST_TEST(scene.nat.gauges().ports == 24u);
}

BOOST_AUTO_TEST_CASE(each_order_in_each_mapping_never_gives_a_port_twice_and_uses_them_all) {
  using config::NatMapping;
  using config::PortOrder;
  for (const NatMapping mapping : {NatMapping::endpoint_independent, NatMapping::per_destination}) {
    for (const PortOrder order : {PortOrder::sequential, PortOrder::random, PortOrder::preserve}) {
      config::Nat nat = small_nat();
      nat.mapping = mapping;
      nat.order = order;
      NatScene scene(nat);
      std::map<net::IpAddress, std::set<std::uint16_t>> given;
      for (unsigned host = 1; host <= 8; ++host) {
        for (const net::Endpoint& to : {kWeb, kShop}) {
          const auto seen = scene.out(over_tcp(inside_host(host, 1025), to));
          BOOST_REQUIRE(seen.has_value());
          BOOST_REQUIRE(nat.ports.contains(seen->source.port));
          BOOST_REQUIRE(given[to.address].insert(seen->source.port).second);
          if (host == 1 && order == PortOrder::preserve) BOOST_TEST(seen->source.port == 1025);
          if (order == PortOrder::sequential) BOOST_TEST(seen->source.port == 1023 + host);
        }
      }
      BOOST_TEST(!scene.out(over_tcp(inside_host(9), kWeb)).has_value());
      BOOST_TEST(scene.nat.counters().refused() == 1u);
      BOOST_TEST((scene.notebook.events.back().reason == Reason::translation_table_full));
      BOOST_TEST((scene.notebook.events.back().flow == over_tcp(inside_host(9), kWeb)));
      BOOST_TEST(scene.notebook.events.back().object == 7u);
      // Elsewhere there are ports where a destination has its own.
      const bool elsewhere = scene.out(over_tcp(inside_host(9), {kWeb.address, 8080})).has_value();
      BOOST_TEST(elsewhere == (mapping == NatMapping::per_destination));
      BOOST_TEST(scene.nat.counts().conserved);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_inside_address_keeps_to_one_outer_address) {  // RFC 4787 REQ-2
  config::Nat nat = small_nat();
  nat.addresses = {ip("198.51.100.1"), ip("198.51.100.2"), ip("198.51.100.3")};
  NatScene scene(nat);
  std::map<net::IpAddress, int> used;
  for (unsigned host = 0; host < 6; ++host) {
    const net::IpAddress first = scene.connect(inside_host(host), kWeb).address;
    BOOST_TEST((scene.connect(inside_host(host, 5001), kShop).address == first));
    ++used[first];
  }
  BOOST_TEST(used.size() == 3u);
  for (const auto& [address, hosts] : used) BOOST_TEST(hosts == 2);
  // Its ports are used up though others are not.
  for (std::uint16_t port = 6000; port < 6004; ++port) {
    scene.connect(inside_host(0, port), kWeb);
  }
  BOOST_TEST(!scene.out(over_tcp(inside_host(0, 7000), kWeb)).has_value());
  BOOST_TEST(scene.out(over_tcp(inside_host(1, 7000), kWeb)).has_value());
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_ports_and_others_give_others) {
  config::Nat nat = small_nat();
  nat.ports = {1024, 65535};
  nat.order = config::PortOrder::random;
  NatScene one(nat, 3);
  NatScene two(nat, 3);
  NatScene other(nat, 4);
  unsigned same = 0;
  for (std::uint16_t port = 1; port <= 200; ++port) {
    const net::FlowKey flow = over_tcp({kAlice.address, port}, kWeb);
    const auto seen = one.out(flow);
    BOOST_TEST((seen == two.out(flow)));
    same += seen == other.out(flow) ? 1 : 0;
  }
  BOOST_TEST(same < 5u);
}

// Filtering as RFC 4787 REQ-8 and RFC 5382 REQ-3 recommend it, with endpoint-independent mapping.
BOOST_AUTO_TEST_CASE(endpoint_independent_filtering_lets_anyone_in_who_knows_the_outer_endpoint) {
  NatScene scene;
  const net::Endpoint outer = scene.out(over_udp(kAlice, kWeb))->source;
  const net::FlowKey asked = scene.in(over_udp(kShop, outer)).value();
  BOOST_TEST((asked == over_udp(kShop, kAlice)));
  BOOST_TEST((scene.out(asked.reversed()) == over_udp(outer, kShop)));
  const net::Endpoint tcp_outer = scene.connect(kAlice, kWeb);
  BOOST_TEST((scene.in(over_tcp(kShop, tcp_outer), kStart, flag::syn) == over_tcp(kShop, kAlice)));
  // In the middle of nothing.
  BOOST_TEST(!scene.in(over_tcp(at("192.0.2.9", 9), tcp_outer), kStart, flag::ack).has_value());
  BOOST_TEST(scene.dropped(Reason::no_connection) == 1u);
  // The record tells who was the client.
  scene.nat.finish(kStart);
  const auto& last = scene.notebook.connections.back();
  BOOST_TEST((last.flow == over_tcp(kShop, tcp_outer)));
  BOOST_TEST((last.translated == over_tcp(kShop, kAlice)));
}

BOOST_AUTO_TEST_CASE(per_destination_filtering_lets_only_the_destination_answer) {
  NatScene scene(per_destination_nat());
  const net::Endpoint outer = scene.out(over_udp(kAlice, kWeb))->source;
  BOOST_TEST(!scene.in(over_udp(kShop, outer)).has_value());
  BOOST_TEST(!scene.in(over_udp({kWeb.address, 81}, outer)).has_value());
  BOOST_TEST(scene.in(over_udp(kWeb, outer)).has_value());
  BOOST_TEST(!scene.in(over_tcp(kWeb, outer), kStart, flag::syn).has_value());
  BOOST_TEST(scene.dropped(Reason::no_connection) == 3u);
}

BOOST_AUTO_TEST_CASE(nothing_comes_in_where_nothing_is_mapped) {
  NatScene scene;
  BOOST_TEST(!scene.in(over_udp(kWeb, at(kOuter, 1024))).has_value());
  BOOST_TEST(!scene.in(over_tcp(kWeb, at(kOuter, 22)), kStart, flag::syn).has_value());
  BOOST_TEST(scene.dropped(Reason::no_connection) == 2u);
  // Past the mappings, straight to an inside address.
  BOOST_TEST(!scene.in(over_udp(kWeb, kAlice)).has_value());
  BOOST_TEST(scene.dropped(Reason::no_route) == 1u);
  // As one who cannot be answered, or as the box itself.
  for (const char* source : {"0.0.0.0", "127.0.0.1", "224.0.0.1", kOuter}) {
    scene.in(over_udp(at(source, 1), at(kOuter, 1024)));
  }
  BOOST_TEST(scene.dropped(Reason::martian_source) == 4u);
  BOOST_TEST(scene.nat.counters().packets_in == 7u);
  BOOST_TEST(scene.nat.counts().conserved);
}

BOOST_AUTO_TEST_CASE(tcp_begins_with_a_syn) {
  NatScene scene;
  for (const std::uint8_t flags : {flag::ack, flag::syn_ack, flag::fin, flag::rst}) {
    BOOST_TEST(!scene.out(over_tcp(kAlice, kWeb), kStart, flags).has_value());
  }
  BOOST_TEST(scene.dropped(Reason::no_connection) == 4u);
  BOOST_TEST(scene.nat.gauges().mappings == 0u);
}

BOOST_AUTO_TEST_CASE(drops_what_is_damaged_or_has_lived_long_enough) {
  NatScene scene;
  Bytes damaged = udp(kAlice, kWeb, 10);
  damaged[10] ^= 1;
  BOOST_TEST(scene.pass(damaged).empty());
  BOOST_TEST(scene.dropped(Reason::bad_checksum) == 1u);
  BOOST_TEST(scene.pass(udp(kAlice, kWeb, 10, 1)).empty());
  BOOST_TEST(scene.dropped(Reason::time_to_live_expired) == 1u);
  BOOST_TEST(scene.nat.gauges().sessions == 0u);
}

BOOST_AUTO_TEST_CASE(claims_what_passes_it_and_nothing_else) {
  NatScene scene;
  const auto kind = [&](Bytes packet) {
    net::PacketView view;
    BOOST_REQUIRE(net::PacketView::parse(packet, view) == net::ParseError::none);
    return scene.nat.claim(view).kind;
  };
  using Kind = network::Claim::Kind;
  BOOST_CHECK(kind(udp(kAlice, kWeb, 1)) == Kind::certain);
  BOOST_CHECK(kind(udp(kWeb, at(kOuter, 9), 1)) == Kind::certain);
  BOOST_CHECK(kind(udp(kWeb, kAlice, 1)) == Kind::certain);
  BOOST_CHECK(kind(udp(kAlice, kBob, 1)) == Kind::none);  // inside, past the box
  BOOST_CHECK(kind(udp(kWeb, kShop, 1)) == Kind::none);
  BOOST_CHECK(kind(udp(at("2001:db8::1", 1), at("2001:db8::2", 2), 1)) == Kind::none);
  BOOST_TEST(scene.nat.addresses().size() == 1u);
  BOOST_TEST((scene.nat.addresses()[0] == ip(kOuter)));
}

// RFC 4787 REQ-9: the one called sees the outer endpoint of the caller.
BOOST_AUTO_TEST_CASE(inside_hosts_reach_each_other_through_their_outer_endpoints) {
  NatScene scene;
  const net::Endpoint bob = scene.out(over_udp(kBob, kWeb))->source;
  const net::FlowKey call = scene.out(over_udp(kAlice, bob)).value();
  BOOST_TEST((call.source == at(kOuter, 1025)));
  BOOST_TEST((call.destination == kBob));
  const net::FlowKey answer = scene.out(call.reversed()).value();
  BOOST_TEST((answer == over_udp(bob, kAlice)));
  BOOST_TEST(scene.nat.counters().hairpinned == 2u);
  // TCP too; and to nobody.
  const net::Endpoint tcp_bob = scene.connect(kBob, kWeb);
  BOOST_TEST((scene.out(over_tcp(kAlice, tcp_bob))->destination == kBob));
  BOOST_TEST(!scene.out(over_udp(kAlice, at(kOuter, 1031))).has_value());
  BOOST_TEST(scene.dropped(Reason::no_connection) == 1u);
  // To oneself.
  const net::Endpoint alice = at(kOuter, 1025);
  BOOST_TEST((scene.out(over_udp(kAlice, alice)) == over_udp(alice, kAlice)));
  BOOST_TEST(scene.nat.counts().conserved);
  scene.nat.finish(kStart);
  BOOST_TEST(scene.nat.gauges().sessions == 0u);
}

BOOST_AUTO_TEST_CASE(a_full_table_refuses_what_is_new_and_keeps_what_is_there) {
  config::Nat nat = small_nat();
  nat.session_limit = 2;
  NatScene scene(nat);
  scene.connect(kAlice, kWeb);
  scene.connect(kAlice, kShop);
  BOOST_TEST(!scene.out(over_tcp(kBob, kWeb)).has_value());
  BOOST_TEST(
      !scene.in(over_tcp(at("192.0.2.9", 9), at(kOuter, 1024)), kStart, flag::syn).has_value());
  BOOST_TEST(scene.nat.counters().refused() == 2u);
  BOOST_TEST(scene.out(over_tcp(kAlice, kWeb), kStart, flag::ack).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(nat_times)

// RFC 4787 REQ-5 and REQ-6, RFC 5382 REQ-5, RFC 5508 REQ-2: what is there at the last millisecond
// is gone at the next.
BOOST_AUTO_TEST_CASE(each_kind_of_session_lives_as_long_as_it_should_after_its_last_packet) {
  struct TimeRow {
    const char* what;
    Duration lives;
    Reason reason;
    std::function<Instant(NatScene&)> begin;  // when its last packet passed
  };
  const auto then = after(seconds(10));
  const TimeRow rows[] = {
      {"UDP", seconds(300), Reason::idle_timeout,
       [](NatScene& s) { return s.out(over_udp(kAlice, kWeb)), kStart; }},
      {"UDP refreshed by its answer", seconds(300), Reason::idle_timeout,
       [&](NatScene& s) {
         s.in(s.out(over_udp(kAlice, kWeb))->reversed(), then).value();
         return then;
       }},
      {"echo", seconds(60), Reason::idle_timeout,
       [](NatScene& s) {
         s.through(icmp(kAlice.address, kWeb.address, 8, 0, 0x00010001, {}));
         return kStart;
       }},
      {"SYN", minutes(4), Reason::timed_out,
       [](NatScene& s) { return s.out(over_tcp(kAlice, kWeb)), kStart; }},
      {"SYN sent again", minutes(4), Reason::timed_out,
       [&](NatScene& s) {
         s.out(over_tcp(kAlice, kWeb));
         s.out(over_tcp(kAlice, kWeb), then);
         return then;
       }},
      {"established", minutes(124), Reason::idle_timeout,
       [](NatScene& s) { return s.connect(kAlice, kWeb), kStart; }},
      {"one FIN", minutes(4), Reason::closed_by_client,
       [&](NatScene& s) {
         s.connect(kAlice, kWeb);
         s.out(over_tcp(kAlice, kWeb), then, kFin).value();
         return then;
       }},
      {"closed", minutes(4), Reason::closed_by_client,
       [&](NatScene& s) {
         s.close(kAlice, kWeb, s.connect(kAlice, kWeb), then);
         return then;
       }},
      {"reset", minutes(4), Reason::reset_by_server,
       [&](NatScene& s) {
         s.in(over_tcp(kWeb, s.connect(kAlice, kWeb)), then, flag::rst).value();
         return then;
       }},
  };
  for (const TimeRow& row : rows) {
    NatScene scene;
    const Instant last = row.begin(scene);
    scene.run_to(last + row.lives - milliseconds(1));
    BOOST_CHECK_MESSAGE(scene.nat.gauges().sessions == 1, row.what << " ends too early");
    scene.run_to(last + row.lives);
    BOOST_CHECK_MESSAGE(scene.nat.gauges().sessions == 0, row.what << " ends too late");
    BOOST_CHECK_MESSAGE(scene.nat.gauges().ports_in_use == 0, row.what << " keeps its port");
    BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 1u);
    const telemetry::ConnectionRecord& record = scene.notebook.connections[0];
    BOOST_CHECK_MESSAGE(record.reason == row.reason,
                        row.what << " ends as " << telemetry::to_string(record.reason));
    BOOST_CHECK(record.closed_at == last + row.lives);
    BOOST_CHECK(scene.nat.next_deadline() == kNever);
  }
}

BOOST_AUTO_TEST_CASE(a_mapping_lives_as_long_as_one_of_its_sessions) {
  NatScene scene;
  const net::Endpoint outer = scene.out(over_udp(kAlice, kWeb))->source;
  scene.out(over_udp(kAlice, kShop), after(seconds(200)));
  scene.run_to(after(seconds(301)));
  BOOST_TEST(scene.nat.gauges().sessions == 1u);
  BOOST_TEST((scene.out(over_udp(kAlice, kWeb), after(seconds(302)))->source == outer));
}

BOOST_AUTO_TEST_CASE(a_closed_connections_port_rests_for_the_quarantine) {
  for (const Duration quarantine : {Duration(seconds(30)), Duration(minutes(4))}) {
    config::Nat nat = small_nat();
    nat.ports = {1024, 1024};
    nat.quarantine = quarantine;
    NatScene scene(nat);
    const net::Endpoint outer = scene.connect(kAlice, kWeb);
    scene.close(kAlice, kWeb, outer, after(seconds(1)));
    const Instant rested = after(seconds(1)) + quarantine;
    BOOST_TEST(scene.nat.gauges().ports_in_use == 1u);
    BOOST_TEST(!scene.out(over_tcp(kBob, kWeb), rested - milliseconds(1)).has_value());
    BOOST_TEST((scene.out(over_tcp(kBob, kWeb), rested)->source == outer));
    BOOST_TEST(scene.notebook.connections.size() == 1u);
    BOOST_TEST((scene.notebook.connections[0].flow == over_tcp(kAlice, kWeb)));
    BOOST_TEST((scene.notebook.connections[0].translated == over_tcp(outer, kWeb)));
    BOOST_TEST(scene.nat.gauges().sessions == 1u);
  }
}

// The FIN of one side was lost behind the box, which has seen both: the port is free while the
// server still holds the connection (FTC-14).
BOOST_AUTO_TEST_CASE(without_a_quarantine_a_port_is_free_at_once_and_its_session_lingers) {
  for (const bool reset : {false, true}) {
    config::Nat nat = small_nat();
    nat.ports = {1024, 1024};
    nat.quarantine = Duration(0);
    NatScene scene(nat);
    const net::Endpoint outer = scene.connect(kAlice, kWeb);
    if (reset) {
      scene.out(over_tcp(kAlice, kWeb), kStart, flag::rst).value();
    } else {
      scene.in(over_tcp(kWeb, outer), kStart, kFin).value();
      scene.out(over_tcp(kAlice, kWeb), kStart, kFin).value();
    }
    BOOST_TEST(scene.nat.gauges().ports_in_use == 0u);
    // What is left of the close still passes.
    BOOST_TEST(scene.in(over_tcp(kWeb, outer), kStart, flag::ack).has_value());
    BOOST_TEST(scene.out(over_tcp(kAlice, kWeb), kStart, flag::ack).has_value());
    // Whoever needs the port has it, and the old connection is over.
    BOOST_TEST((scene.out(over_tcp(kBob, kWeb))->source == outer));
    BOOST_TEST((scene.in(over_tcp(kWeb, outer), kStart, flag::ack)->destination == kBob));
    BOOST_TEST(!scene.out(over_tcp(kAlice, kWeb), kStart, flag::ack).has_value());
    BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 1u);
    BOOST_TEST((scene.notebook.connections[0].reason ==
                (reset ? Reason::reset_by_client : Reason::closed_by_server)));
    BOOST_TEST(scene.nat.gauges().ports_in_use == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_lingering_session_is_forgotten_after_the_transitory_timeout) {
  config::Nat nat = small_nat();
  nat.quarantine = Duration(seconds(0));
  NatScene scene(nat);
  scene.close(kAlice, kWeb, scene.connect(kAlice, kWeb), kStart);
  scene.run_to(after(minutes(4) - milliseconds(1)));
  BOOST_TEST(scene.nat.gauges().sessions == 1u);
  scene.run_to(after(minutes(4)));
  BOOST_TEST(scene.nat.gauges().sessions == 0u);
}

BOOST_AUTO_TEST_CASE(the_same_endpoints_connect_again_over_the_same_port) {
  for (const Duration quarantine : {Duration(0), Duration(seconds(30))}) {
    config::Nat nat = small_nat();
    nat.quarantine = quarantine;
    NatScene scene(nat);
    const net::Endpoint outer = scene.connect(kAlice, kWeb);
    scene.close(kAlice, kWeb, outer, after(seconds(1)));
    BOOST_TEST((scene.connect(kAlice, kWeb, after(seconds(2))) == outer));
    BOOST_TEST(scene.nat.gauges().ports_in_use == 1u);
    BOOST_TEST(scene.nat.gauges().sessions == 1u);
    BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 1u);
    BOOST_TEST((scene.notebook.connections[0].reason == Reason::closed_by_client));
    BOOST_TEST((scene.notebook.connections[0].closed_at == after(seconds(2))));
    scene.nat.finish(after(seconds(3)));
    BOOST_TEST((scene.notebook.connections[1].reason == Reason::run_ended));
    BOOST_TEST((scene.notebook.connections[1].opened_at == after(seconds(2))));
    BOOST_TEST(scene.nat.translation_counters().sessions_opened == 2u);
    BOOST_TEST(scene.nat.translation_counters().sessions_closed == 2u);
    BOOST_TEST(scene.nat.translation_counters().mappings_opened == 1u);
  }
}

BOOST_AUTO_TEST_CASE(records_tell_both_flows_and_what_passed) {
  NatScene scene;
  const net::Endpoint outer = scene.connect(kAlice, kWeb, after(seconds(1)));
  scene.through(tcp(kAlice, kWeb, {flag::ack, 1, 1, 100}), after(seconds(2)));
  scene.through(tcp(kWeb, outer, {flag::ack, 1, 1, 1000}), after(seconds(2)));
  scene.nat.finish(after(seconds(3)));
  BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 1u);
  const telemetry::ConnectionRecord& record = scene.notebook.connections[0];
  BOOST_TEST(record.object == 7u);
  BOOST_CHECK(record.role == telemetry::ConnectionRole::translation);
  BOOST_TEST((record.flow == over_tcp(kAlice, kWeb)));
  BOOST_TEST((record.translated == over_tcp(outer, kWeb)));
  BOOST_TEST((record.opened_at == after(seconds(1))));
  BOOST_TEST((record.established_at == after(seconds(1))));
  BOOST_TEST((record.closed_at == after(seconds(3))));
  BOOST_TEST(record.bytes_sent == 140u);  // connect() sends 20 with each segment
  BOOST_TEST(record.bytes_received == 1020u);
  BOOST_TEST((record.reason == Reason::run_ended));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::middlebox
