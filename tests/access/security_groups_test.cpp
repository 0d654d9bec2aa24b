// Security groups: what they allow, what belongs to what they allowed, and for how long.
#include "models/access/security_groups.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/access/reference_groups.hpp"
#include "tests/access/scene.hpp"

namespace elblab::access {
namespace {

using network::Direction;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const net::Endpoint kClient = at("100.125.0.9", 4000);
const net::Endpoint kServer = at("192.168.1.7", 90);

config::SecurityGroup group(std::vector<config::PacketRule> in) {
  return {"app", std::move(in), std::nullopt, true};
}
config::SecurityGroup group(std::vector<config::PacketRule> in,
                            std::vector<config::PacketRule> out) {
  return {"app", std::move(in), std::move(out), true};
}

// The groups of the host at kServer.
class Host {
 public:
  explicit Host(const std::vector<config::SecurityGroup>& groups, const TrackingLimits& limits = {})
      : groups_(compiled(groups), 1, limits) {}

  bool in(const Packet& packet, Duration at = Duration(0)) {
    return groups_.admits(packet, Direction::in, after(at));
  }
  bool out(const Packet& packet, Duration at = Duration(0)) {
    return groups_.admits(packet, Direction::out, after(at));
  }
  void change(const std::vector<config::SecurityGroup>& groups) {
    groups_.set_groups(compiled(groups));
  }
  const FlowTracker& flows() const { return groups_.flows(); }

 private:
  static std::vector<CompiledRules> compiled(const std::vector<config::SecurityGroup>& groups) {
    std::vector<CompiledRules> all;
    for (const config::SecurityGroup& each : groups) all.push_back(compile(each));
    return all;
  }
  SecurityGroups groups_;
};

// Nothing is allowed out but answers.
Host closed_outwards(const TrackingLimits& limits = {}) {
  return Host({group({allow("tcp 90"), allow("udp 90"), allow("icmp echo_request")}, {})}, limits);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(security_groups)

BOOST_AUTO_TEST_CASE(admit_the_source_range_to_the_port_and_nothing_else) {  // ACL-21
  Host host({group({allow("tcp 90").from("100.125.0.0/16")})});
  BOOST_TEST(host.in(tcp(kClient, kServer)));
  BOOST_TEST(!host.in(tcp(kClient, at("192.168.1.7", 91))));    // the health check port (SEC-09)
  BOOST_TEST(!host.in(tcp(at("203.0.113.7", 4000), kServer)));  // SEC-13
  BOOST_TEST(!host.in(udp(kClient, kServer)));
  BOOST_TEST(!host.in(ping(kClient.address, kServer.address, 1)));  // UHC-11
}

BOOST_AUTO_TEST_CASE(of_a_host_are_their_union) {
  Host host({group({allow("tcp 90")}), group({allow("icmp echo_request")}, {})});
  BOOST_TEST(host.in(tcp(kClient, kServer)));
  BOOST_TEST(host.in(ping(kClient.address, kServer.address, 1)));
  BOOST_TEST(!host.in(tcp(kClient, at("192.168.1.7", 91))));
}

BOOST_AUTO_TEST_CASE(without_a_list_for_outbound_let_everything_out) {  // ACL-20
  Host host({group({})});
  BOOST_TEST(host.out(tcp(kServer, kClient)));
  BOOST_TEST(host.out(udp(kServer, kClient)));
  Host silent({group({}, {})});
  BOOST_TEST(!silent.out(tcp(kServer, kClient)));
}

BOOST_AUTO_TEST_CASE(that_are_none_admit_nothing) {
  Host host({});
  BOOST_TEST(!host.in(tcp(kClient, kServer)));
  BOOST_TEST(!host.out(tcp(kServer, kClient)));
}

BOOST_AUTO_TEST_CASE(admit_answers_of_what_they_admitted_without_a_rule) {
  Host host = closed_outwards();
  BOOST_TEST(!host.out(tcp(kServer, kClient, flag::syn_ack)));  // of nothing
  BOOST_TEST(host.in(tcp(kClient, kServer)));
  BOOST_TEST(host.out(tcp(kServer, kClient, flag::syn_ack)));
  BOOST_TEST(!host.out(tcp(kServer, at("100.125.0.9", 4001), flag::syn_ack)));
  BOOST_TEST(host.in(udp(kClient, kServer)));
  BOOST_TEST(host.out(udp(kServer, kClient)));
  BOOST_TEST(host.in(ping(kClient.address, kServer.address, 7)));
  BOOST_TEST(host.out(pong(kServer.address, kClient.address, 7)));
  BOOST_TEST(!host.out(pong(kServer.address, kClient.address, 8)));
}

BOOST_AUTO_TEST_CASE(admit_answers_to_what_a_host_asked_itself) {
  Host host({group({})});
  BOOST_TEST(!host.in(tcp(kClient, kServer, flag::syn_ack)));
  BOOST_TEST(host.out(tcp(kServer, kClient)));
  BOOST_TEST(host.in(tcp(kClient, kServer, flag::syn_ack)));
  BOOST_TEST(host.out(ping(kServer.address, kClient.address, 3)));
  BOOST_TEST(host.in(pong(kClient.address, kServer.address, 3)));
  // A request of the other side is no answer, though it bears the same identifier.
  BOOST_TEST(!host.in(ping(kClient.address, kServer.address, 3)));
}

BOOST_AUTO_TEST_CASE(ask_for_a_rule_for_answers_where_they_are_not_stateful) {  // ACL-23, SEC-10
  config::SecurityGroup custom = group({allow("tcp 90")}, {allow("udp 53")});
  const Packet probe = tcp(kClient, kServer);
  const Packet answer = tcp(kServer, kClient, flag::syn_ack);
  Host stateful({custom});
  BOOST_TEST(stateful.in(probe));
  BOOST_TEST(stateful.out(answer));
  BOOST_TEST(!stateful.out(tcp(at("192.168.1.7", 5000), at("203.0.113.7", 443))));  // no answer
  custom.stateful = false;
  Host stateless({custom});
  BOOST_TEST(stateless.in(probe));
  BOOST_TEST(!stateless.out(answer));
  BOOST_TEST(stateless.flows().size() == 0u);
  custom.out->push_back(allow("tcp").to("100.125.0.0/16"));
  Host mended({custom});
  BOOST_TEST(mended.in(probe));
  BOOST_TEST(mended.out(answer));
  // What a second group, a stateful one, allows too, is answered.
  custom.out->pop_back();
  Host both({custom, group({allow("tcp 80-100")}, {})});
  BOOST_TEST(both.in(probe));
  BOOST_TEST(both.out(answer));
}

BOOST_AUTO_TEST_CASE(admit_icmp_errors_about_flows_they_know) {
  Host host = closed_outwards();
  const Packet request = udp(kClient, kServer);
  BOOST_TEST(!host.out(unreachable(request, kServer.address)));
  BOOST_TEST(host.in(request));
  BOOST_TEST(host.out(unreachable(request, kServer.address)));  // port unreachable: HC-50
  BOOST_TEST(!host.out(unreachable(udp(at("100.125.0.9", 4001), kServer), kServer.address)));
}

BOOST_AUTO_TEST_CASE(forget_flows_as_their_state_allows) {
  struct Row {
    const char* what;
    std::vector<Packet> packets;  // first one in, then who sends is told by the source
    Duration lives;
  };
  const Packet syn = tcp(kClient, kServer);
  const Packet syn_ack = tcp(kServer, kClient, flag::syn_ack);
  const Packet ack = tcp(kClient, kServer, flag::ack);
  const Packet fin_in = tcp(kClient, kServer, flag::fin);
  const Packet fin_out = tcp(kServer, kClient, flag::fin);
  const Packet rst = tcp(kServer, kClient, flag::rst);
  const Row rows[] = {
      {"SYN alone", {syn, syn}, seconds(120)},
      {"answered", {syn, syn_ack}, hours(120)},
      {"established", {syn, syn_ack, ack}, hours(120)},
      {"half closed", {syn, syn_ack, ack, fin_out, ack}, seconds(120)},
      {"closed", {syn, syn_ack, ack, fin_out, fin_in, ack}, seconds(10)},
      {"reset", {syn, rst}, seconds(10)},
      {"UDP request", {udp(kClient, kServer), udp(kClient, kServer)}, seconds(30)},
      {"UDP answered", {udp(kClient, kServer), udp(kServer, kClient)}, seconds(120)},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      for (const bool in_time : {true, false}) {
        Host host = closed_outwards();
        Duration now{};
        for (const Packet& packet : row.packets) {
          now += milliseconds(10);
          const bool inwards = packet.view().destination() == kServer.address;
          BOOST_TEST((inwards ? host.in(packet, now) : host.out(packet, now)));
        }
        const Duration then = now + row.lives - (in_time ? Duration(1) : Duration(0));
        const bool udp_flow = row.packets[0].view().protocol() == net::Protocol::udp;
        const Packet answer = udp_flow ? udp(kServer, kClient) : tcp(kServer, kClient, flag::ack);
        BOOST_TEST(host.out(answer, then) == in_time);
        BOOST_TEST(host.flows().size() == (in_time ? 1u : 0u));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(take_a_syn_on_a_flow_that_is_over_for_a_new_one) {
  Host host = closed_outwards();
  host.out(tcp(kServer, kClient));  // refused: nothing is allowed out
  for (const std::uint8_t flags : {flag::syn, flag::ack}) host.in(tcp(kClient, kServer, flags));
  host.out(tcp(kServer, kClient, flag::rst));
  BOOST_TEST(host.out(tcp(kServer, kClient, flag::ack)));  // what belonged to it still passes
  BOOST_TEST(!host.out(tcp(kServer, kClient)));            // a new connection outwards does not
  BOOST_TEST(host.in(tcp(kClient, kServer)));              // inwards a rule allows it
  BOOST_TEST(host.out(tcp(kServer, kClient, flag::syn_ack)));
}

BOOST_AUTO_TEST_CASE(that_change_leave_flows_that_are_there_alone) {
  Host host = closed_outwards();
  host.in(tcp(kClient, kServer));
  host.change({group({}, {})});
  BOOST_TEST(host.out(tcp(kServer, kClient, flag::syn_ack)));
  BOOST_TEST(host.in(tcp(kClient, kServer, flag::ack)));
  BOOST_TEST(!host.in(tcp(at("100.125.0.9", 4001), kServer)));
}

BOOST_AUTO_TEST_CASE(refuse_new_flows_where_there_is_no_room_and_serve_those_they_know) {
  TrackingLimits limits;
  limits.flows = 100;
  Host host = closed_outwards(limits);
  for (std::uint16_t port = 1; port <= 100; ++port) {
    BOOST_REQUIRE(host.in(tcp(at("100.125.0.9", port), kServer)));
  }
  BOOST_TEST(!host.in(tcp(kClient, kServer)));
  BOOST_TEST(host.flows().size() == 100u);
  BOOST_TEST(host.flows().refused() == 1u);
  BOOST_TEST(host.out(tcp(kServer, at("100.125.0.9", 50), flag::rst)));
  BOOST_TEST(host.in(tcp(kClient, kServer), seconds(10)));  // the one that was reset is forgotten
}

BOOST_AUTO_TEST_CASE(agree_with_a_reference_that_looks_at_every_flow_and_rule) {
  random::Stream random(4, "flows");
  TrackingLimits limits;  // short, so that every time is met
  limits.tcp_opening = milliseconds(60);
  limits.tcp_established = milliseconds(300);
  limits.tcp_closing = milliseconds(90);
  limits.tcp_closed = milliseconds(25);
  limits.one_way = milliseconds(40);
  limits.both_ways = milliseconds(110);
  limits.flows = 12;
  const std::uint8_t flags[] = {flag::syn, flag::syn_ack, flag::ack,
                                flag::ack, flag::fin,     flag::rst};
  std::size_t admitted = 0;
  std::size_t refused = 0;
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<config::PacketRule> in{allow("tcp 1-3"), allow("udp 2"), allow("udp 4")};
    std::vector<config::PacketRule> out{allow("tcp 2"), allow("udp 3")};
    in.resize(random.below(in.size() + 1));
    out.resize(random.below(out.size() + 1));
    Host host({group(in, out)}, limits);
    ReferenceGroups reference(in, out, limits);
    Duration now{};
    for (int i = 0; i < 600; ++i) {
      now += milliseconds(random.below(random.chance(0.05) ? 200 : 8));
      const auto port = [&] { return static_cast<std::uint16_t>(1 + random.below(4)); };
      const net::Endpoint here{ip("10.0.0.5"), port()};
      const net::Endpoint there{ip(random.chance(0.5) ? "10.0.0.1" : "10.0.0.9"), port()};
      const bool inwards = random.chance(0.5);
      const net::Endpoint& from = inwards ? there : here;
      const net::Endpoint& to = inwards ? here : there;
      const Packet packet =
          random.chance(0.7) ? tcp(from, to, flags[random.below(std::size(flags))]) : udp(from, to);
      const bool expected = reference.admits(packet, inwards, after(now));
      BOOST_REQUIRE_EQUAL(inwards ? host.in(packet, now) : host.out(packet, now), expected);
      ++(expected ? admitted : refused);
    }
  }
  BOOST_TEST(admitted > 3000u);
  BOOST_TEST(refused > 3000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::access
