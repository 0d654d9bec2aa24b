// The TCP server, asked by hand: a bare client that only records what it hears.
#include "models/workload/responder.hpp"

#include <boost/test/unit_test.hpp>

#include "models/workload/pattern.hpp"
#include "tests/workload/responder_world.hpp"

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;
using host::SocketId;
using testing::at_ms;
using testing::Recorded;
using World = testing::ResponderWorld;
using CpuWorld = testing::CpuResponderWorld;

BOOST_FIXTURE_TEST_CASE(a_request_in_pieces_of_any_size_is_answered_once_it_is_whole, World) {
  for (const std::size_t piece : {1U, 5U, 23U, 24U, 25U, 1000U}) {
    World world;
    world.network.piece_bytes = piece;
    world.start();
    world.connect_one();
    world.send(request(300, 5000, 0));
    world.run(100);
    BOOST_TEST(world.client.bytes.size() == 5000U);
    BOOST_TEST(matches_pattern(world.client.bytes, 0));
    BOOST_TEST(world.server->counters().requests == 1U);
    BOOST_TEST(!world.client.finished);
  }
}

BOOST_FIXTURE_TEST_CASE(requests_sent_back_to_back_are_answered_in_order, World) {
  service.service_time = 10ms;
  start();
  connect_one();
  std::vector<std::uint8_t> all;
  std::size_t expected = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto one = request(24 + 37 * i, 100 * i, all.size());
    all.insert(all.end(), one.begin(), one.end());
    expected += 100 * i;
  }
  send(all);
  run(1000);
  BOOST_TEST(server->counters().requests == 20U);
  BOOST_TEST(server->counters().responses == 20U);
  BOOST_TEST(client.bytes.size() == expected);
  BOOST_TEST(matches_pattern(client.bytes, 0));
}

BOOST_FIXTURE_TEST_CASE(the_service_time_passes_before_the_first_byte, World) {
  service.service_time = 70ms;
  start();
  connect_one();
  send(request(24, 10, 0));  // at 10 ms: read at 11, answered at 81, heard at 82
  run(200);
  BOOST_CHECK(client.first_byte == at_ms(82));
}

BOOST_FIXTURE_TEST_CASE(the_delay_a_request_asks_for_adds_to_the_service_time, World) {
  service.service_time = 5ms;
  start();
  connect_one();
  send(request(24, 10, 0, 0, 70ms));  // at 10 ms: read at 11, answered at 86, heard at 87
  run(200);
  BOOST_CHECK(client.first_byte == at_ms(87));
}

BOOST_FIXTURE_TEST_CASE(a_delayed_answer_holds_up_its_own_connection_only, World) {
  start();
  connect_one();
  Recorded other;
  const SocketId second = connect(other);
  run(20);
  send(request(24, 10, 0, 0, 70ms));
  send(request(24, 10, 24));  // answered with the one before
  BOOST_REQUIRE(network.send(second, request(24, 10, 0, 0, 30ms), network.now()) ==
                SocketError::none);
  run(200);
  BOOST_CHECK(other.first_byte == at_ms(20 + 30 + 2));
  BOOST_CHECK(client.first_byte == at_ms(20 + 70 + 2));
  BOOST_CHECK(client.last_byte == client.first_byte);
  BOOST_TEST(client.bytes.size() == 20U);
}

BOOST_FIXTURE_TEST_CASE(bytes_that_are_no_request_are_answered_by_a_reset, World) {
  start();
  connect_one();
  send(std::vector<std::uint8_t>(100, 'G'));
  run(100);
  BOOST_CHECK(client.error == SocketError::connection_reset);
  BOOST_TEST(server->counters().malformed_requests == 1U);
  BOOST_TEST(server->connections() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_request_body_is_answered_by_a_reset, World) {
  start();
  connect_one();
  auto bytes = request(500, 10, 0);
  bytes[400] ^= 1;
  send(bytes);
  run(100);
  BOOST_CHECK(client.error == SocketError::connection_reset);
  BOOST_TEST(server->counters().damaged_requests == 1U);
  BOOST_TEST(server->counters().requests == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_header_says_who_closes_and_how, World) {
  for (const std::uint16_t flags :
       {std::uint16_t{0}, request_flag::server_closes, request_flag::server_resets}) {
    World world;
    world.start();
    world.connect_one();
    world.send(request(24, 5000, 0, flags));
    world.run(100);
    BOOST_TEST(world.client.bytes.size() == 5000U);
    BOOST_TEST(world.client.finished == (flags == request_flag::server_closes));
    BOOST_TEST(world.client.error.has_value() == (flags == request_flag::server_resets));
    BOOST_TEST(world.server->connections() == (flags == 0 ? 1U : 0U));
  }
}

BOOST_FIXTURE_TEST_CASE(a_client_that_finished_gets_its_answers_and_then_the_end, World) {
  service.service_time = 50ms;
  start();
  connect_one();
  send(request(24, 100, 0));
  send(request(24, 100, 24));
  network.shutdown(socket, network.now());
  run(30);
  BOOST_TEST(!client.finished);
  run(200);
  BOOST_TEST(client.bytes.size() == 200U);
  BOOST_TEST(client.finished);
  BOOST_TEST(server->connections() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_connection_that_dies_in_service_is_forgotten, World) {
  service.service_time = 50ms;
  start();
  connect_one();
  send(request(24, 100, 0));
  run(20);
  network.abort(socket, network.now());
  run(200);
  BOOST_TEST(server->counters().responses == 0U);
  BOOST_TEST(server->counters().connections_lost == 1U);
  BOOST_TEST(server->connections() == 0U);
  BOOST_CHECK(server->next_deadline() == kNever);
}

BOOST_FIXTURE_TEST_CASE(cpu_time_then_service_time_pass_before_the_first_byte, CpuWorld) {
  cpu.time = 20ms;
  service.service_time = 5ms;
  start();
  connect_one();
  send(request(24, 10, 0));  // at 10 ms: read at 11, computed at 31, answered at 36, heard at 37
  run(200);
  BOOST_CHECK(client.first_byte == at_ms(37));
  BOOST_TEST(server->counters().responses == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_connection_waits_for_the_cpu_behind_another, CpuWorld) {
  cpu.time = 20ms;
  start();
  connect_one();
  Recorded other;
  const SocketId second = connect(other);
  run(20);
  send(request(24, 10, 0));
  BOOST_REQUIRE(network.send(second, request(24, 10, 0), network.now()) == SocketError::none);
  run(30);
  BOOST_TEST(cpus->waiting() == 1U);
  run(200);
  BOOST_CHECK(client.first_byte == at_ms(20 + 20 + 2));
  BOOST_CHECK(other.first_byte == at_ms(20 + 40 + 2));
}

// The last request has the server close: were it answered before another, bytes would be missing.
BOOST_AUTO_TEST_CASE(several_cpus_answer_the_requests_of_a_connection_in_order) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CpuWorld world;
    world.cpu = {4, 10ms, CpuTimeDistribution::exponential};
    world.start(seed);
    world.connect_one();
    for (std::uint64_t i = 0; i < 12; ++i) {
      world.send(World::request(24, 100, 24 * i, i == 11 ? request_flag::server_closes : 0));
    }
    world.run(2000);
    BOOST_TEST(world.client.bytes.size() == 1200U, "seed " << seed);
    BOOST_TEST(world.client.finished);
    BOOST_TEST(world.server->counters().responses == 12U);
    BOOST_TEST(world.server->connections() == 0U);
  }
}

BOOST_FIXTURE_TEST_CASE(requests_of_a_client_that_resets_cost_only_what_has_begun, CpuWorld) {
  cpu.time = 50ms;
  start();
  connect_one();
  for (std::uint64_t i = 0; i < 5; ++i) send(request(24, 100, 24 * i));
  run(20);
  BOOST_TEST(cpus->busy() == 1U);
  BOOST_TEST(cpus->waiting() == 4U);
  network.abort(socket, network.now());
  run(25);
  BOOST_TEST(cpus->waiting() == 0U);
  run(500);
  BOOST_TEST(server->counters().responses == 0U);
  BOOST_TEST(server->connections() == 0U);
  BOOST_CHECK(cpus->busy_time(at_ms(500)) == 50ms);
}

BOOST_FIXTURE_TEST_CASE(a_slow_server_takes_connections_evenly_at_its_rate, World) {
  service.accepts_per_second = 10;
  start();
  std::vector<Recorded> clients(30);
  for (auto& c : clients) connect(c);
  run(1);
  BOOST_TEST(server->counters().accepted == 1U);
  run(100);
  BOOST_TEST(server->counters().accepted == 1U);
  run(101);
  BOOST_TEST(server->counters().accepted == 2U);
  run(1001);
  BOOST_TEST(server->counters().accepted == 11U);
  run(60000);
  BOOST_TEST(server->counters().accepted == 30U);
  // After a pause it does not catch up on missed turns.
  std::vector<Recorded> more(5);
  for (auto& c : more) connect(c);
  run(60001);
  BOOST_TEST(server->counters().accepted == 31U);
  run(60401);
  BOOST_TEST(server->counters().accepted == 35U);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_never_accepts_leaves_the_queue_alone, World) {
  service.accepts_per_second = 0;
  start();
  std::vector<Recorded> clients(5);
  for (auto& c : clients) connect(c);
  run(10000);
  BOOST_TEST(server->counters().accepted == 0U);
  BOOST_CHECK(server->next_deadline() == kNever);
}

BOOST_FIXTURE_TEST_CASE(stopping_or_starting_the_service_may_move_its_deadline_and_says_so, World) {
  struct Count final : DeadlineWatch {
    void moved(std::uint32_t) override { ++times; }
    int times = 0;
  } count;
  start();
  server->watched_by(&count, 0);
  BOOST_TEST(server->set_listening(false, network.now()));
  BOOST_TEST(count.times == 1);
  BOOST_TEST(server->set_listening(true, network.now()));
  BOOST_TEST(count.times == 2);
  server->watched_by(nullptr, 0);
}

BOOST_FIXTURE_TEST_CASE(stopping_the_service_closes_the_port_and_keeps_connections, World) {
  start();
  connect_one();
  BOOST_TEST(server->set_listening(false, network.now()));
  BOOST_TEST(!server->listening());
  Recorded other;
  connect(other);
  run(20);
  BOOST_CHECK(other.error == SocketError::connection_refused);
  send(request(24, 50, 0));
  run(40);
  BOOST_TEST(client.bytes.size() == 50U);
  BOOST_TEST(server->set_listening(true, network.now()));
  Recorded third;
  connect(third);
  run(60);
  BOOST_TEST(third.is_connected);
}
