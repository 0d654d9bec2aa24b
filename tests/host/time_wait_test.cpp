// Ephemeral ports and TIME_WAIT: rows 12–19, FTC-14, the arithmetic of BW-07 and BW-10.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/host/scene.hpp"

namespace elblab::host::testing {
namespace {

using telemetry::Reason;

TwoHosts::Options with_ports(std::int64_t low, std::int64_t high) {
  TwoHosts::Options options;
  options.client_sysctls.ip_local_port_range_low = low;
  options.client_sysctls.ip_local_port_range_high = high;
  return options;
}

// Opens short connections at a constant rate; the client closes first.
struct ShortConnections {
  ShortConnections(Scene& s, bool client_closes = true) : scene(s) {
    scene.app.on_connected = [this, client_closes](SocketId id, Instant now) {
      ++connected;
      if (client_closes) scene.world.client().close(id, now);
    };
  }
  void run(int count, Duration distance) {
    for (int i = 0; i < count; ++i) {
      const ConnectResult result = scene.connect();
      if (result.error == SocketError::address_not_available) ++refused;
      scene.world.run_for(distance);
    }
  }
  Scene& scene;
  int connected = 0;
  int refused = 0;
};

BOOST_AUTO_TEST_SUITE(time_wait)

BOOST_AUTO_TEST_CASE(ports_are_even_first_then_odd_and_each_once) {  // row 17
  Scene scene(with_ports(40000, 40019));
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 20; ++i) {
    const ConnectResult result = scene.connect();
    BOOST_REQUIRE((result.error == SocketError::none));
    const std::uint16_t port = scene.world.client().local_endpoint(result.socket)->port;
    BOOST_TEST(port % 2 == (i < 10 ? 0 : 1));
    BOOST_TEST(port >= 40000);
    BOOST_TEST(port <= 40019);
    seen.insert(port);
  }
  BOOST_TEST(seen.size() == 20U);
}

BOOST_AUTO_TEST_CASE(twenty_first_connect_of_twenty_ports_sends_no_syn) {  // rows 18, 19
  Scene scene(with_ports(40000, 40019));
  ShortConnections load(scene);
  load.run(20, 10ms);
  BOOST_TEST(scene.world.client().counters().time_wait == 20U);
  const std::uint64_t packets = scene.world.packets();
  const ConnectResult refused = scene.connect();
  BOOST_TEST((refused.error == SocketError::address_not_available));
  BOOST_TEST(refused.socket == 0U);
  BOOST_TEST(scene.world.packets() == packets);
  BOOST_TEST(
      (scene.world.client_rows().connections.back().reason == Reason::address_not_available));
  // Another destination port has ports of its own.
  const ConnectResult other =
      scene.world.client().connect({}, {kServerAddress, 81}, scene.app, scene.world.now());
  BOOST_TEST((other.error == SocketError::none));
}

BOOST_AUTO_TEST_CASE(ports_with_a_listener_are_not_ephemeral) {
  Scene scene(with_ports(40000, 40019));
  scene.world.client().listen({{}, 40004, 10}, scene.app, scene.world.now());
  for (int i = 0; i < 19; ++i) {
    const ConnectResult result = scene.connect();
    BOOST_REQUIRE((result.error == SocketError::none));
    BOOST_TEST(scene.world.client().local_endpoint(result.socket)->port != 40004);
  }
  BOOST_TEST((scene.connect().error == SocketError::address_not_available));
}

BOOST_AUTO_TEST_CASE(plateau_is_ports_over_time_wait) {  // BW-10, TW-04
  for (const std::int64_t ports : {100, 200}) {
    for (const int wait_s : {5, 10}) {
      TwoHosts::Options options = with_ports(30000, 30000 + ports - 1);
      options.time_wait = std::chrono::seconds(wait_s);
      Scene scene(options);
      ShortConnections load(scene);
      // Twice the plateau for five times the wait.
      const double plateau = static_cast<double>(ports) / wait_s;
      const int count = static_cast<int>(2 * plateau * wait_s * 5);
      load.run(count, from_seconds(1 / (2 * plateau)));
      const double rate = load.connected / (wait_s * 5.0);
      BOOST_TEST_CONTEXT(ports << " ports, " << wait_s << " s") {
        BOOST_TEST(std::abs(rate / plateau - 1) < 0.05);
        BOOST_TEST(load.connected + load.refused == count);
        BOOST_TEST(scene.world.client().counters().refused_locally ==
                   static_cast<std::uint64_t>(load.refused));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_port_comes_back_after_time_wait) {
  Scene scene(with_ports(40000, 40063));
  ShortConnections load(scene);
  for (int round = 0; round < 5; ++round) {
    load.run(64, 1ms);
    scene.world.run_for(61s);
    BOOST_TEST(scene.world.client().counters().time_wait == 0U);
  }
  BOOST_TEST(load.connected == 320);
  BOOST_TEST(load.refused == 0);
}

// The server closed first and holds TIME_WAIT; the client comes again from the same port.
struct Reuse {
  explicit Reuse(TwoHosts::Options options) : scene(std::move(options)) {
    scene.service.close_on_finish = true;
    source = {kClientAddress, 41000};
    scene.app.on_connected = [this](SocketId, Instant now) {
      ++connected;
      last = now;
    };
  }
  void first() {
    connect();
    scene.world.run_for(100ms);
    scene.world.server().close(scene.service.sockets.back(), scene.world.now());
    scene.world.run_for(100ms);
    BOOST_REQUIRE_EQUAL(scene.world.server().counters().time_wait, 1U);
    BOOST_REQUIRE_EQUAL(connected, 1);
  }
  void connect() {
    BOOST_REQUIRE((scene.world.client()
                       .connect(source, {kServerAddress, 80}, scene.app, scene.world.now())
                       .error == SocketError::none));
  }
  Scene scene;
  net::Endpoint source;
  int connected = 0;
  Instant last;
};

BOOST_AUTO_TEST_CASE(newer_syn_takes_time_wait_over) {  // row 15
  Reuse reuse({});
  reuse.first();
  reuse.scene.world.run_for(5s);
  const Instant again = reuse.scene.world.now();
  reuse.connect();
  reuse.scene.world.run_for(1s);
  BOOST_TEST(reuse.connected == 2);
  BOOST_TEST((reuse.last - again) < 10ms);
  BOOST_TEST(reuse.scene.world.server().counters().time_wait_reused == 1U);
  BOOST_TEST(reuse.scene.world.server().counters().time_wait_refused == 0U);
}

// Without timestamps only the sequence number tells, and a random ISN is lower half of the time:
// ACK, RST (which ends TIME_WAIT), and the SYN again after 8 ms (rows 4, 14, 16).
BOOST_AUTO_TEST_CASE(older_syn_is_refused_once_and_comes_again_after_eight_ms) {
  int refused = 0;
  int reused = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    TwoHosts::Options options;
    options.seed = seed;
    options.client_isn = InitialSequence::random;
    options.client_sysctls.tcp_timestamps = 0;
    Reuse reuse(options);
    reuse.first();
    reuse.scene.world.run_for(5s);
    const Instant again = reuse.scene.world.now();
    reuse.connect();
    reuse.scene.world.run_for(2s);
    BOOST_TEST(reuse.connected == 2);
    const HostCounters& counters = reuse.scene.world.server().counters();
    if (counters.time_wait_refused == 1) {
      ++refused;
      BOOST_TEST(to_seconds(reuse.last - again) > 0.008);
      BOOST_TEST(to_seconds(reuse.last - again) < 0.020);
    } else {
      BOOST_TEST(counters.time_wait_reused == 1U);
      BOOST_TEST((reuse.last - again) < 5ms);
      ++reused;
    }
  }
  BOOST_TEST(refused >= 8);
  BOOST_TEST(reused >= 8);
}

BOOST_AUTO_TEST_CASE(with_rfc1337_the_reset_leaves_time_wait_in_place) {
  TwoHosts::Options options;
  options.client_isn = InitialSequence::random;
  options.client_sysctls.tcp_timestamps = 0;
  options.server_sysctls.tcp_rfc1337 = 1;
  bool met = false;
  for (std::uint64_t seed = 1; seed <= 20 && !met; ++seed) {
    options.seed = seed;
    Reuse reuse(options);
    reuse.first();
    reuse.connect();
    reuse.scene.world.run_for(10s);
    if (reuse.scene.world.server().counters().time_wait_refused == 0) continue;
    met = true;
    BOOST_TEST(reuse.connected == 1);
    BOOST_TEST(reuse.scene.world.server().counters().time_wait == 1U);
  }
  BOOST_TEST(met);
}

BOOST_AUTO_TEST_CASE(tcp_tw_reuse_lets_a_client_take_its_port_again_after_a_second) {
  TwoHosts::Options options = with_ports(40000, 40019);
  options.client_sysctls.tcp_tw_reuse = 1;
  Scene scene(options);
  ShortConnections load(scene);
  load.run(20, 10ms);
  BOOST_TEST((scene.connect().error == SocketError::address_not_available));
  scene.world.run_for(1100ms);
  load.run(20, 10ms);
  BOOST_TEST(load.connected == 40);
  BOOST_TEST(load.refused == 0);
  BOOST_TEST(scene.world.client().counters().time_wait == 20U);
}

BOOST_AUTO_TEST_CASE(beyond_tcp_max_tw_buckets_connections_end_without_time_wait) {
  TwoHosts::Options options;
  options.client_sysctls.tcp_max_tw_buckets = 5;
  Scene scene(options);
  ShortConnections load(scene);
  load.run(12, 10ms);
  BOOST_TEST(load.connected == 12);
  BOOST_TEST(scene.world.client().counters().time_wait == 5U);
  BOOST_TEST(scene.world.client().counters().open == 0U);
}

BOOST_AUTO_TEST_CASE(one_record_for_every_connection_and_refusal) {
  Scene scene(with_ports(40000, 40009));
  ShortConnections load(scene);
  load.run(25, 5ms);
  scene.world.client().finish(scene.world.now());
  BOOST_TEST(scene.world.client_rows().connections.size() == 25U);
  BOOST_TEST(scene.world.server_rows().connections.size() == 10U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::host::testing
