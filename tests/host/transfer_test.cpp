// Bulk transfer: every byte once and in order whatever the wire does, at the rate TCP should reach.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/host/scene.hpp"

namespace elblab::host::testing {
namespace {

// Sends `bytes` pattern bytes and returns the time until all were received, in seconds.
double transfer(Scene& scene, std::uint64_t bytes, Duration timeout) {
  scene.service.check_pattern = true;
  const Instant start = scene.world.now();
  scene.app.on_connected = [&scene, bytes](SocketId id, Instant now) {
    scene.world.client().send_pattern(id, bytes, now);
    scene.world.client().close(id, now);
  };
  scene.connect();
  const bool done =
      scene.world.run_until_or_timeout([&] { return scene.service.finished_count == 1; }, timeout);
  BOOST_TEST(done);
  BOOST_TEST(scene.service.received_bytes == bytes);
  BOOST_TEST(scene.service.wrong_bytes == 0U);
  return to_seconds(scene.world.now() - start);
}

TwoHosts::Options path(Duration delay, std::uint64_t bits_per_second = 0) {
  TwoHosts::Options options;
  options.wire.delay = delay;
  options.wire.bits_per_second = bits_per_second;
  return options;
}

BOOST_AUTO_TEST_SUITE(transfers)

BOOST_AUTO_TEST_CASE(fills_a_100_mbit_link_of_20_ms) {
  Scene scene(path(10ms, 100'000'000));
  const double seconds = transfer(scene, 50'000'000, 60s);
  // 1448 bytes of payload in 1500 on the wire: 96.5 Mbit/s of payload at best, 4.14 s.
  const double best = 50'000'000.0 * 8 * 1500 / 1448 / 100e6;
  BOOST_TEST(seconds >= best);
  BOOST_TEST(seconds < best * 1.05 + 0.1);
  BOOST_TEST(scene.world.client().counters().retransmissions == 0U);
}

BOOST_AUTO_TEST_CASE(any_loss_pattern_delivers_every_byte_once_in_order) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    TwoHosts::Options options = path(5ms);
    options.seed = seed;
    options.wire.loss = 0.01 * static_cast<double>(seed % 20);
    options.wire.duplication = seed % 3 == 0 ? 0.05 : 0;
    options.wire.reordering = seed % 2 == 0 ? 0.1 : 0;
    options.wire.extra = seed % 4 == 0 ? 30ms : 3ms;
    options.client_sysctls.tcp_sack = seed % 5 == 0 ? 0 : 1;
    options.server_sysctls.tcp_timestamps = seed % 7 == 0 ? 0 : 1;
    options.server_sysctls.tcp_window_scaling = seed % 11 == 0 ? 0 : 1;
    BOOST_TEST_CONTEXT("seed " << seed) {
      Scene scene(options);
      transfer(scene, 200'000, 3600s);
    }
  }
}

BOOST_AUTO_TEST_CASE(both_directions_at_once_survive_loss) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    TwoHosts::Options options = path(5ms);
    options.seed = seed;
    options.wire.loss = 0.05;
    options.wire.reordering = 0.05;
    Scene scene(options);
    scene.service.check_pattern = scene.app.check_pattern = true;
    scene.service.close_on_finish = scene.app.close_on_finish = false;
    scene.app.on_connected = [&](SocketId id, Instant now) {
      scene.world.client().send_pattern(id, 300'000, now);
      scene.world.client().shutdown(id, now);
    };
    bool answered = false;
    scene.service.on_received = [&](SocketId id, Instant now) {
      if (answered) return;
      answered = true;
      scene.world.server().send_pattern(id, 400'000, now);
      scene.world.server().shutdown(id, now);
    };
    scene.connect();
    const bool done = scene.world.run_until_or_timeout(
        [&] { return scene.app.closed_count == 1 && scene.service.closed_count == 1; }, 3600s);
    BOOST_TEST(done);
    BOOST_TEST(scene.service.received_bytes == 300'000U);
    BOOST_TEST(scene.app.received_bytes == 400'000U);
    BOOST_TEST(scene.service.wrong_bytes + scene.app.wrong_bytes == 0U);
  }
}

// Mathis, Semke, Mahdavi, Ott 1997: rate = MSS / RTT * C / sqrt(p), C about 0.9 to 1.3.
BOOST_AUTO_TEST_CASE(one_percent_of_loss_gives_the_rate_of_the_mathis_formula) {
  TwoHosts::Options options = path(10ms, 100'000'000);
  options.wire.loss = 0.01;
  Scene scene(options);
  const double seconds = transfer(scene, 10'000'000, 600s);
  const double mathis = 1448 / 0.020 * 1.22 / std::sqrt(0.01);  // bytes per second
  const double rate = 10'000'000 / seconds;
  BOOST_TEST_MESSAGE("rate " << rate << " B/s, formula " << mathis);
  BOOST_TEST(rate > 0.5 * mathis);
  BOOST_TEST(rate < 2.0 * mathis);
}

BOOST_AUTO_TEST_CASE(mild_reordering_is_not_taken_for_loss) {
  TwoHosts::Options options = path(10ms, 100'000'000);
  options.wire.reordering = 0.01;
  options.wire.extra = 2ms;  // less than a quarter of the round-trip time
  Scene scene(options);
  const double seconds = transfer(scene, 20'000'000, 600s);
  BOOST_TEST_MESSAGE("20 MB in " << seconds << " s");
  BOOST_TEST(seconds < 4.0);  // 1.66 s at line rate
  BOOST_TEST(scene.world.client().counters().retransmissions < 200U);
}

BOOST_AUTO_TEST_CASE(loss_and_reordering_together_still_give_a_sensible_rate) {
  TwoHosts::Options options = path(10ms, 100'000'000);
  options.wire.loss = 0.01;
  options.wire.reordering = 0.02;
  options.wire.extra = 4ms;
  Scene scene(options);
  const double seconds = transfer(scene, 10'000'000, 600s);
  BOOST_TEST_MESSAGE("10 MB in " << seconds << " s");
  BOOST_TEST(seconds < 30.0);
}

BOOST_AUTO_TEST_CASE(lost_tail_is_probed_before_the_retransmission_timeout) {
  Scene scene(path(10ms));
  int data_segments = 0;
  scene.world.wire().drop = [&](const net::PacketView& packet) {
    if (packet.payload().empty()) return false;
    ++data_segments;
    return data_segments == 4 || data_segments == 5;  // the last two of five
  };
  scene.app.on_connected = [&](SocketId id, Instant now) {
    scene.world.client().send_pattern(id, 5 * 1448, now);
  };
  scene.connect();
  scene.world.run_for(20ms);
  const Instant sent = scene.world.now();
  const bool done = scene.world.run_until_or_timeout(
      [&] { return scene.service.received_bytes == 5 * 1448; }, 5s);
  BOOST_TEST(done);
  // ACK after 20 ms, probe 48 ms later, its SACK and the retransmission 30 ms; the RTO is 220 ms.
  BOOST_TEST(to_seconds(scene.world.now() - sent) < 0.110);
}

BOOST_AUTO_TEST_CASE(established_connection_gives_up_after_tcp_retries2) {
  TwoHosts::Options options = path(1ms);
  options.client_sysctls.tcp_retries2 = 3;
  Scene scene(options);
  SocketId socket = 0;
  scene.app.on_connected = [&](SocketId id, Instant) { socket = id; };
  scene.connect();
  scene.world.run_for(100ms);
  scene.world.wire().drop = [](const net::PacketView&) { return true; };
  const Instant start = scene.world.now();
  scene.world.client().send_pattern(socket, 100, start);
  scene.world.run_for(60s);
  BOOST_REQUIRE_EQUAL(scene.app.errors.size(), 1U);
  BOOST_TEST((scene.app.errors[0] == SocketError::timed_out));
  // Loss probe at 0.2 s, retransmissions at 0.4, 0.8, 1.6, 3.2 s; patience is (2^4 - 1) 0.2 s = 3 s
  // after the first retransmission, and it is looked at when the next is due, at 6.46 s.
  BOOST_TEST(std::abs(to_seconds(scene.app.closed_at - start) - 6.46) < 0.1);
}

BOOST_AUTO_TEST_CASE(queued_terabytes_need_no_memory) {
  Scene scene(path(1ms, 1'000'000'000));
  SocketId socket = 0;
  scene.app.on_connected = [&](SocketId id, Instant) { socket = id; };
  scene.connect();
  scene.world.run_for(10ms);
  const std::size_t before = scene.world.client().memory_bytes();
  scene.service.check_pattern = true;
  scene.world.client().send_pattern(socket, std::uint64_t{1} << 40, scene.world.now());
  scene.world.run_for(1s);
  BOOST_TEST(scene.service.received_bytes > 80'000'000U);
  BOOST_TEST(scene.service.wrong_bytes == 0U);
  BOOST_TEST(scene.world.client().memory_bytes() - before < 1'000'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::host::testing
