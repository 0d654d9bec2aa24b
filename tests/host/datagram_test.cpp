// UDP sockets and ICMP: rows 30–36, HC-45..52.
#include <boost/test/unit_test.hpp>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"
#include "tests/host/scene.hpp"

namespace elblab::host::testing {
namespace {

// Counts what leaves a host.
struct Sink final : net::PacketOutput {
  void send(std::span<const std::uint8_t> packet) override {
    last.assign(packet.begin(), packet.end());
    ++count;
  }
  std::vector<std::uint8_t> last;
  int count = 0;
};

struct Target {
  explicit Target(Sysctls sysctls = {}) {
    HostOptions options;
    options.addresses = {kServerAddress};
    options.sysctls = sysctls;
    host = std::make_unique<Host>(options, random::Stream(1, "target"), recorder, sink);
  }
  // A datagram to a closed port.
  void knock(std::uint32_t peer, bool checksum = true) {
    net::IpFields ip;
    ip.source = net::IpAddress::v4(0x0A010000U + peer);
    ip.destination = kServerAddress;
    const std::size_t size = net::build_udp(buffer, ip, 5000, 9, {}, checksum);
    host->receive(std::span(buffer).first(size), now);
  }
  // `per_second` datagrams for `seconds`, from `peers` in turn. Returns the answers.
  int knock_for(int seconds, int per_second, std::uint32_t peers) {
    const int before = sink.count;
    for (int i = 0; i < seconds * per_second; ++i) {
      knock(static_cast<std::uint32_t>(i) % peers);
      now += Duration{1'000'000'000 / per_second};
    }
    return sink.count - before;
  }
  telemetry::NullRecorder recorder;
  Sink sink;
  std::unique_ptr<Host> host;
  Instant now = kStart + 100s;
  std::array<std::uint8_t, 2000> buffer{};
};

BOOST_AUTO_TEST_SUITE(datagrams)

BOOST_AUTO_TEST_CASE(one_peer_gets_six_unreachables_then_one_a_second) {  // row 30
  Target target;
  BOOST_TEST(target.knock_for(1, 1000, 1) == 6);
  BOOST_TEST(target.knock_for(5, 1000, 1) == 5);
  target.now += 8s;
  BOOST_TEST(target.knock_for(1, 1000, 1) == 6);
}

BOOST_AUTO_TEST_CASE(many_peers_share_the_limit_of_the_host) {  // row 31: 3002 in 3 s
  Target target;
  const int answers = target.knock_for(3, 2000, 500);
  BOOST_TEST(answers > 2700);
  BOOST_TEST(answers < 3300);
}

BOOST_AUTO_TEST_CASE(ratelimit_zero_leaves_the_limit_of_the_host) {  // row 32: 2077 in 2 s
  Sysctls sysctls;
  sysctls.icmp_ratelimit = 0;
  Target target(sysctls);
  const int answers = target.knock_for(2, 5000, 1);
  BOOST_TEST(answers > 1800);
  BOOST_TEST(answers < 2250);
}

BOOST_AUTO_TEST_CASE(mask_without_type_three_lifts_every_limit) {  // row 33, HC-46
  Sysctls sysctls;
  sysctls.icmp_ratemask = 6160;
  Target target(sysctls);
  BOOST_TEST(target.knock_for(2, 5000, 1) == 10'000);
}

BOOST_AUTO_TEST_CASE(unreachable_quotes_the_datagram_even_without_checksum) {  // row 36
  Target target;
  target.knock(7, false);
  BOOST_REQUIRE_EQUAL(target.sink.count, 1);
  net::PacketView view;
  BOOST_REQUIRE((net::PacketView::parse(target.sink.last, view) == net::ParseError::none));
  BOOST_TEST(view.icmp_type() == net::icmp_type::destination_unreachable);
  BOOST_TEST(view.icmp_code() == net::kIcmpPortUnreachable);
  BOOST_TEST(view.transport_checksum_ok());
  const auto quoted = net::quoted_flow(view);
  BOOST_REQUIRE(quoted.has_value());
  BOOST_TEST(quoted->destination.port == 9);
  BOOST_TEST((quoted->source.address == view.destination()));
}

int echoes(Target& target, int count) {
  std::array<std::uint8_t, 200> buffer;
  const std::array<std::uint8_t, 16> body{1, 2, 3};
  for (int i = 0; i < count; ++i) {
    net::IpFields ip;
    ip.source = kClientAddress;
    ip.destination = kServerAddress;
    const std::size_t size = net::build_icmp(buffer, ip, net::icmp_type::echo_request, 0,
                                             static_cast<std::uint32_t>(i), body);
    target.host->receive(std::span(buffer).first(size), target.now);
  }
  return target.sink.count;
}

BOOST_AUTO_TEST_CASE(echo_requests_are_all_answered) {  // row 34
  Target target;
  BOOST_TEST(echoes(target, 1000) == 1000);
}

BOOST_AUTO_TEST_CASE(echo_can_be_turned_off) {  // row 35
  Sysctls sysctls;
  sysctls.icmp_echo_ignore_all = 1;
  Target target(sysctls);
  BOOST_TEST(echoes(target, 10) == 0);
}

BOOST_AUTO_TEST_CASE(own_and_loopback_sources_are_martian) {  // rows 40, 41
  Target target;
  for (const net::IpAddress& source : {kServerAddress, net::IpAddress::v4(127, 0, 0, 1)}) {
    net::IpFields ip;
    ip.source = source;
    ip.destination = kServerAddress;
    const std::size_t size = net::build_udp(target.buffer, ip, 5000, 9, {});
    target.host->receive(std::span(target.buffer).first(size), target.now);
  }
  BOOST_TEST(target.sink.count == 0);
  const auto reason = static_cast<std::size_t>(telemetry::Reason::martian_source);
  BOOST_TEST(target.host->counters().dropped[reason] == 2U);
}

struct Udp {
  explicit Udp(TwoHosts::Options options = {})
      : world(std::move(options)), app(world.client()), service(world.server()) {}
  TwoHosts world;
  Listener app;
  Listener service;
};

BOOST_AUTO_TEST_CASE(datagrams_go_there_and_back) {
  for (const bool v6 : {false, true}) {
    TwoHosts::Options options;
    options.v6 = v6;
    Udp udp(options);
    udp.service.on_datagram = [&](SocketId id, const net::Endpoint& from, Instant now) {
      const std::array<std::uint8_t, 3> answer{4, 5, 6};
      udp.world.server().send_datagram(id, from, answer, now);
    };
    udp.world.server().open_udp({udp.world.server_address(), 53}, std::nullopt, udp.service,
                                udp.world.now());
    const net::Endpoint peer{udp.world.server_address(), 53};
    const SocketId id = udp.world.client().open_udp({}, peer, udp.app, udp.world.now()).socket;
    const std::array<std::uint8_t, 2> question{1, 2};
    udp.world.client().send_datagram(id, peer, question, udp.world.now());
    udp.world.run_for(10ms);
    BOOST_TEST((udp.service.data == std::vector<std::uint8_t>{1, 2}));
    BOOST_TEST((udp.app.data == std::vector<std::uint8_t>{4, 5, 6}));
  }
}

BOOST_AUTO_TEST_CASE(connected_socket_hears_port_unreachable_unconnected_does_not) {
  for (const bool connected : {true, false}) {
    Udp udp;
    const net::Endpoint peer{kServerAddress, 9};
    const SocketId id =
        udp.world.client()
            .open_udp({}, connected ? std::optional(peer) : std::nullopt, udp.app, udp.world.now())
            .socket;
    udp.world.client().send_datagram(id, peer, {}, udp.world.now());
    udp.world.run_for(10ms);
    BOOST_TEST(udp.app.closed_count == (connected ? 1 : 0));
    if (connected) BOOST_TEST((udp.app.errors.at(0) == SocketError::connection_refused));
  }
}

BOOST_AUTO_TEST_CASE(taken_port_is_refused_and_free_again_after_close) {
  Udp udp;
  Host& host = udp.world.server();
  const net::Endpoint local{kServerAddress, 53};
  const SocketId id = host.open_udp(local, std::nullopt, udp.service, udp.world.now()).socket;
  BOOST_TEST((host.open_udp(local, std::nullopt, udp.service, udp.world.now()).error ==
              SocketError::address_in_use));
  host.close(id, udp.world.now());
  BOOST_TEST((host.open_udp(local, std::nullopt, udp.service, udp.world.now()).error ==
              SocketError::none));
  BOOST_TEST((host.send_datagram(id, {kClientAddress, 1}, {}, udp.world.now()) ==
              SocketError::not_connected));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::host::testing
