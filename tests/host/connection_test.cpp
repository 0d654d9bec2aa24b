// The life of a connection: open, transfer, every way of closing.
#include <boost/test/unit_test.hpp>
#include <numeric>

#include "tests/host/two_hosts.hpp"

namespace elblab::host::testing {
namespace {

using telemetry::Reason;

struct Fixture {
  explicit Fixture(TwoHosts::Options options = {})
      : world(std::move(options)), app(world.client()), service(world.server()) {
    listener = *world.server().listen({{}, 80, 128}, service, world.now());
  }
  SocketId connect() {
    return world.client().connect({}, {world.server_address(), 80}, app, world.now()).socket;
  }
  SocketId open() {
    const SocketId id = connect();
    world.run_for(100ms);
    BOOST_REQUIRE_EQUAL(app.connected_count, 1);
    BOOST_REQUIRE_EQUAL(service.sockets.size(), 1U);
    return id;
  }
  TwoHosts world;
  Listener app;
  Listener service;
  ListenerId listener = 0;
};

std::vector<std::uint8_t> numbered_bytes(std::size_t n) {
  std::vector<std::uint8_t> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

BOOST_AUTO_TEST_SUITE(connection)

BOOST_AUTO_TEST_CASE(request_and_response_cost_ten_packets_as_on_linux) {
  Fixture f;
  f.service.on_received = [&](SocketId id, Instant now) {
    f.world.server().send_pattern(id, 1000, now);
  };
  f.app.on_connected = [&](SocketId id, Instant now) {
    f.world.client().send_pattern(id, 200, now);
  };
  f.app.on_received = [&](SocketId id, Instant now) { f.world.client().close(id, now); };
  f.connect();
  f.world.run_for(1s);
  BOOST_TEST(f.app.received_bytes == 1000U);
  BOOST_TEST(f.service.received_bytes == 200U);
  // SYN, SYN+ACK, ACK, request, ACK, response, ACK, FIN, FIN+ACK, ACK
  BOOST_TEST(f.world.packets() == 10U);
  BOOST_TEST(f.app.closed_count == 1);
  BOOST_TEST(f.service.closed_count == 1);
  BOOST_TEST(f.world.client().counters().time_wait == 1U);
  BOOST_TEST(f.world.server().counters().time_wait == 0U);
  BOOST_TEST(f.world.server().counters().open == 0U);
  BOOST_REQUIRE_EQUAL(f.world.client_rows().connections.size(), 1U);
  const auto& row = f.world.client_rows().connections[0];
  BOOST_TEST((row.reason == Reason::closed_by_local));
  BOOST_TEST(row.bytes_sent == 200U);
  BOOST_TEST(row.bytes_received == 1000U);
  BOOST_TEST((f.world.server_rows().connections.at(0).reason == Reason::closed_by_peer));
}

BOOST_AUTO_TEST_CASE(time_wait_ends_after_sixty_seconds) {
  Fixture f;
  const SocketId id = f.open();
  f.world.client().close(id, f.world.now());
  const Instant closed = f.world.now();
  f.world.run_for(1s);
  BOOST_TEST(f.world.client().counters().time_wait == 1U);
  f.world.run_until(closed + 59s);
  BOOST_TEST(f.world.client().counters().time_wait == 1U);
  f.world.run_until(closed + 61s);
  BOOST_TEST(f.world.client().counters().time_wait == 0U);
}

BOOST_AUTO_TEST_CASE(real_bytes_arrive_as_they_were_sent_in_both_directions) {
  Fixture f;
  f.app.keep_bytes = f.service.keep_bytes = true;
  const SocketId id = f.open();
  const auto there = numbered_bytes(300'001);
  const auto back = numbered_bytes(70'003);
  f.world.client().send(id, there, f.world.now());
  f.world.server().send(f.service.sockets[0], back, f.world.now());
  f.world.run_for(5s);
  BOOST_TEST((f.service.data == there));
  BOOST_TEST((f.app.data == back));
  BOOST_TEST(f.app.sent_all_count == 1);
}

BOOST_AUTO_TEST_CASE(real_and_pattern_bytes_may_alternate) {
  Fixture f;
  f.service.keep_bytes = true;
  const SocketId id = f.open();
  std::vector<std::uint8_t> expected;
  for (int round = 0; round < 50; ++round) {
    const auto real = numbered_bytes(100 + 37 * static_cast<std::size_t>(round));
    f.world.client().send(id, real, f.world.now());
    expected.insert(expected.end(), real.begin(), real.end());
    for (int i = 0; i < 1000; ++i) expected.push_back(pattern_byte(expected.size()));
    f.world.client().send_pattern(id, 1000, f.world.now());
    if (round % 7 == 0) f.world.run_for(3ms);
  }
  f.world.run_for(10s);
  BOOST_TEST((f.service.data == expected));
}

BOOST_AUTO_TEST_CASE(half_closed_connection_still_carries_the_answer) {  // row 26
  Fixture f;
  f.service.close_on_finish = false;
  f.service.on_finished = [&](SocketId id, Instant now) {
    f.world.server().send_pattern(id, 50'000, now);
    f.world.server().close(id, now);
  };
  f.app.close_on_finish = false;
  const SocketId id = f.open();
  f.world.client().send_pattern(id, 10, f.world.now());
  f.world.client().shutdown(id, f.world.now());
  f.world.run_for(5s);
  BOOST_TEST(f.app.received_bytes == 50'000U);
  BOOST_TEST(f.app.finished_count == 1);
  BOOST_TEST(f.app.closed_count == 1);
  BOOST_TEST(f.world.client().counters().time_wait == 1U);
}

BOOST_AUTO_TEST_CASE(abort_resets_and_leaves_nothing) {  // TW-10
  Fixture f;
  const SocketId id = f.open();
  f.world.client().abort(id, f.world.now());
  f.world.run_for(1s);
  BOOST_TEST(f.world.client().counters().time_wait == 0U);
  BOOST_TEST(f.world.client().counters().open == 0U);
  BOOST_TEST(f.world.server().counters().open == 0U);
  BOOST_REQUIRE_EQUAL(f.service.errors.size(), 1U);
  BOOST_TEST((f.service.errors[0] == SocketError::connection_reset));
  BOOST_REQUIRE_EQUAL(f.app.errors.size(), 1U);
  BOOST_TEST((f.app.errors[0] == SocketError::none));
}

BOOST_AUTO_TEST_CASE(data_after_close_is_answered_by_reset) {
  Fixture f;
  const SocketId id = f.open();
  f.service.close_on_finish = false;
  f.world.client().close(id, f.world.now());
  f.world.run_for(100ms);
  BOOST_REQUIRE_EQUAL(f.service.finished_count, 1);
  f.world.server().send_pattern(f.service.sockets[0], 100, f.world.now());
  f.world.run_for(100ms);
  BOOST_REQUIRE_EQUAL(f.service.errors.size(), 1U);
  // EPIPE: it had read its peer's end.
  BOOST_TEST((f.service.errors[0] == SocketError::not_connected));
  BOOST_TEST(f.world.client().counters().resets_sent == 1U);
}

BOOST_AUTO_TEST_CASE(closed_socket_leaves_fin_wait_2_after_tcp_fin_timeout) {
  TwoHosts::Options options;
  options.client_sysctls.tcp_fin_timeout = 10;
  Fixture f(options);
  const SocketId id = f.open();
  f.service.close_on_finish = false;
  f.world.client().close(id, f.world.now());
  f.world.run_for(9s);
  BOOST_TEST(f.world.client().counters().open == 1U);
  f.world.run_for(2s);
  BOOST_TEST(f.world.client().counters().open == 0U);
}

BOOST_AUTO_TEST_CASE(both_sides_closing_at_once_both_end) {
  Fixture f;
  const SocketId id = f.open();
  f.world.client().close(id, f.world.now());
  f.world.server().close(f.service.sockets[0], f.world.now());
  f.world.run_for(1s);
  BOOST_TEST(f.world.client().counters().time_wait == 1U);
  BOOST_TEST(f.world.server().counters().time_wait == 1U);
  BOOST_TEST(f.app.closed_count == 1);
  BOOST_TEST(f.service.closed_count == 1);
}

BOOST_AUTO_TEST_CASE(refused_connection_is_heard_at_once) {
  Fixture f;
  const auto result =
      f.world.client().connect({}, {f.world.server_address(), 81}, f.app, f.world.now());
  BOOST_TEST((result.error == SocketError::none));
  f.world.run_for(10ms);
  BOOST_REQUIRE_EQUAL(f.app.errors.size(), 1U);
  BOOST_TEST((f.app.errors[0] == SocketError::connection_refused));
  BOOST_TEST((f.world.client_rows().connections.at(0).reason == Reason::refused_by_peer));
}

BOOST_AUTO_TEST_CASE(connect_into_a_black_hole_times_out_after_131_seconds) {  // row 5
  Fixture f;
  std::vector<double> sent;
  const Instant start = f.world.now();
  f.world.wire().drop = [&](const net::PacketView&) {
    sent.push_back(to_seconds(f.world.now() - start));
    return true;
  };
  f.connect();
  f.world.run_for(200s);
  const std::vector<double> expected{0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67};
  BOOST_REQUIRE_EQUAL(sent.size(), expected.size());
  for (std::size_t i = 0; i < sent.size(); ++i) BOOST_TEST(std::abs(sent[i] - expected[i]) < 0.03);
  BOOST_REQUIRE_EQUAL(f.app.errors.size(), 1U);
  BOOST_TEST((f.app.errors[0] == SocketError::timed_out));
  BOOST_TEST(std::abs(to_seconds(f.app.closed_at - start) - 131) < 0.1);
}

BOOST_AUTO_TEST_CASE(shut_window_is_probed_and_reopens) {
  TwoHosts::Options options;
  options.server_sysctls.tcp_rmem_default = 8192;
  options.server_sysctls.tcp_rmem_max = 8192;
  Fixture f(options);
  f.service.accept_at_once = false;
  f.service.check_pattern = true;
  const SocketId id = f.connect();
  f.world.run_for(10ms);
  f.world.client().send_pattern(id, 100'000, f.world.now());
  f.world.run_for(5s);
  BOOST_TEST(f.service.received_bytes == 0U);
  f.world.server().accept(f.listener, f.service, f.world.now());
  f.world.run_for(60s);
  BOOST_TEST(f.service.received_bytes == 100'000U);
  BOOST_TEST(f.service.wrong_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(works_over_ipv6) {
  TwoHosts::Options options;
  options.v6 = true;
  Fixture f(options);
  f.service.check_pattern = true;
  const SocketId id = f.open();
  f.world.client().send_pattern(id, 100'000, f.world.now());
  f.world.client().close(id, f.world.now());
  f.world.run_for(5s);
  BOOST_TEST(f.service.received_bytes == 100'000U);
  BOOST_TEST(f.service.wrong_bytes == 0U);
  BOOST_TEST(f.world.client().counters().time_wait == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::host::testing
