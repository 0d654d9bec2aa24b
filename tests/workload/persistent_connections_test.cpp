// Connections that stay open, against a Responder over a perfect network of 1 ms each way: on an
// open connection an answer takes 2 ms.
#include "models/workload/persistent_connections.hpp"

#include <boost/test/unit_test.hpp>

#include "models/workload/make_application.hpp"
#include "tests/workload/fake_network.hpp"

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;
using testing::at_ms;
using testing::FakeNetwork;

namespace {

struct World {
  FakeNetwork network;
  ClientParameters parameters;
  ServerParameters service;
  std::unique_ptr<Server> server;
  std::unique_ptr<PersistentConnections> client;

  World() {
    parameters.kind = Kind::persistent_connections;
    parameters.connections = 10;
    parameters.rate_per_second = 100;
    parameters.end = at_ms(10000);
    parameters.destination = {net::IpAddress::v4(10, 0, 0, 2), 80};
    service.port = 80;
  }
  void start() {
    server = make_server(service, network);
    client = std::make_unique<PersistentConnections>(
        parameters, network, net::IpAddress::v4(10, 0, 0, 1), random::Stream(1, "client"));
    server->start(network.now());
    client->start(network.now());
  }
  void run(Instant until) { network.run({server.get(), client.get()}, until); }
  const ClientCounters& counters() const { return client->counters(); }
  std::uint64_t failures(SocketError error) const {
    return counters().request_failures[static_cast<std::size_t>(error)];
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(all_requests_run_over_the_connections_opened_at_the_beginning, World) {
  start();
  run(at_ms(9999));
  BOOST_TEST(network.count("connect", true) == 10U);
  BOOST_TEST(client->established() == 10U);
  BOOST_TEST(counters().requests == 1000U);
  run(at_ms(11000));
  BOOST_TEST(counters().responses == 1000U);
  BOOST_TEST(network.count("connect", true) == 10U);
  BOOST_TEST(network.count("close", true) == 10U);  // at the end
  BOOST_TEST(client->established() == 0U);
  BOOST_TEST(network.open_sockets() == 0U);
  BOOST_CHECK(client->next_deadline() == kNever);
}

BOOST_FIXTURE_TEST_CASE(requests_without_an_idle_connection_wait_and_count_from_when_wanted,
                        World) {
  parameters.connections = 1;
  parameters.rate_per_second = 1000;  // twice what one connection with 2 ms can do
  parameters.end = at_ms(100);
  start();
  run(at_ms(5000));
  BOOST_TEST(counters().requests == 100U);
  BOOST_TEST(counters().responses == 100U);
  // The i-th, wanted at i ms, is asked at 2 + 2i ms and answered at 4 + 2i.
  std::int64_t sum = 0;
  for (int i = 0; i < 100; ++i) sum += 4 + i;
  BOOST_CHECK(client->take_response_times().sum == std::chrono::milliseconds(sum));
}

BOOST_FIXTURE_TEST_CASE(a_queued_request_gives_up_at_its_timeout, World) {
  service.listening = false;
  parameters.request_timeout = 500ms;
  parameters.end = at_ms(1000);
  start();
  run(at_ms(5000));
  BOOST_TEST(counters().requests == 100U);
  BOOST_TEST(failures(SocketError::timed_out) == 100U);
  BOOST_TEST(counters().connect_failures >= 10U);
}

BOOST_FIXTURE_TEST_CASE(connections_that_cannot_be_opened_are_tried_again_after_a_pause, World) {
  service.listening = false;
  start();
  run(at_ms(3500));
  BOOST_TEST(network.count("connect", true) == 40U);  // about every second
  BOOST_TEST(counters().connect_failures == 40U);
  BOOST_TEST(server->set_listening(true, network.now()));
  run(at_ms(4600));
  BOOST_TEST(client->established() == 10U);
  BOOST_TEST(counters().responses > 0U);
}

BOOST_FIXTURE_TEST_CASE(lost_connections_are_opened_again_at_once, World) {
  parameters.rate_per_second = 0;
  start();
  run(at_ms(1000));
  BOOST_TEST(client->established() == 10U);
  BOOST_TEST(counters().requests == 0U);  // idle by intent
  network.reset_clients();
  run(at_ms(1010));
  BOOST_TEST(counters().connections_lost == 10U);
  BOOST_TEST(client->established() == 10U);
  BOOST_TEST(network.count("connect", true) == 20U);
  network.finish_clients();
  run(at_ms(1020));
  BOOST_TEST(counters().connections_lost == 20U);
  BOOST_TEST(client->established() == 10U);
  BOOST_TEST(counters().failures() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_request_on_a_lost_connection_fails_or_is_sent_again, World) {
  for (const unsigned retries : {0U, 1U}) {
    World world;
    world.parameters.retries = retries;
    world.parameters.rate_per_second = 10;
    world.parameters.end = at_ms(50);
    world.service.service_time = 500ms;
    world.start();
    world.run(at_ms(100));
    world.network.reset_clients();
    world.run(at_ms(5000));
    BOOST_TEST(world.counters().requests == 1U);
    BOOST_TEST(world.failures(SocketError::connection_reset) == 1U - retries);
    BOOST_TEST(world.counters().responses == retries);
    BOOST_TEST(world.counters().retries == retries);
  }
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_does_not_come_costs_the_connection, World) {
  parameters.rate_per_second = 1;
  parameters.end = at_ms(1500);
  parameters.request_timeout = 300ms;
  service.service_time = 10s;
  start();
  run(at_ms(350));
  BOOST_TEST(failures(SocketError::timed_out) == 1U);
  BOOST_TEST(network.count("abort", true) == 1U);
  BOOST_TEST(network.count("connect", true) == 11U);
  BOOST_TEST(client->established() == 10U);
}

// Each connection: 2 ms for an answer, 48 ms to think.
BOOST_FIXTURE_TEST_CASE(connections_with_a_think_time_and_no_rate_run_a_closed_loop, World) {
  parameters.rate_per_second = 0;
  parameters.think_time = 48ms;
  parameters.end = at_ms(5002);
  start();
  run(at_ms(6000));
  BOOST_TEST(counters().requests == 1000U);
  BOOST_TEST(counters().responses == 1000U);
  BOOST_TEST(network.count("connect", true) == 10U);
}

BOOST_FIXTURE_TEST_CASE(the_end_closes_with_what_was_asked_for, World) {
  parameters.close_with = CloseWith::rst;
  start();
  run(at_ms(11000));
  BOOST_TEST(network.count("abort", true) == 10U);
  BOOST_TEST(network.count("close", true) == 0U);
  BOOST_TEST(counters().responses == 1000U);
}

BOOST_FIXTURE_TEST_CASE(large_answers_follow_one_another_on_one_stream, World) {
  parameters.connections = 2;
  parameters.response_bytes = 100003;  // no multiple of the pattern's period
  parameters.request_bytes = 5000;
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().responses == 1000U);
  BOOST_TEST(counters().damaged_responses == 0U);
  BOOST_TEST(server->counters().damaged_requests == 0U);
}

BOOST_AUTO_TEST_CASE(requests_equal_responses_plus_failures_under_any_disturbance) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random::Stream stream(seed, "disturbance");
    World world;
    world.parameters.rate_per_second = stream.chance(0.3) ? 0 : 1 + stream.uniform() * 2000;
    world.parameters.arrivals = Arrivals::poisson;
    world.parameters.connections = 1 + static_cast<unsigned>(stream.below(20));
    world.parameters.think_time = std::chrono::milliseconds(1 + stream.below(50));
    world.parameters.end = at_ms(2000);
    world.parameters.request_bytes = stream.below(5000);
    world.parameters.response_bytes = stream.below(20000);
    world.parameters.request_timeout = std::chrono::milliseconds(5 + stream.below(300));
    world.parameters.retries = static_cast<unsigned>(stream.below(3));
    world.service.service_time = std::chrono::milliseconds(stream.below(30));
    world.network.piece_bytes = 1 + stream.below(3000);
    world.start();
    for (int ms = 0; ms < 2500; ms += 100) {
      world.run(at_ms(ms));
      switch (stream.below(6)) {
        case 0:
          world.network.reset_clients();
          break;
        case 1:
          world.network.finish_clients();
          break;
        case 2:
          BOOST_REQUIRE(
              world.server->set_listening(!world.server->listening(), world.network.now()));
          break;
        case 3:
          world.network.damage = !world.network.damage;
          break;
        case 4:
          world.network.silent = !world.network.silent;
          break;
        default:
          break;
      }
    }
    world.network.silent = false;
    world.run(at_ms(60000));
    BOOST_REQUIRE_EQUAL(world.counters().requests,
                        world.counters().responses + world.counters().failures());
    BOOST_REQUIRE(world.client->next_deadline() == kNever);
    BOOST_REQUIRE_EQUAL(world.client->established(), 0U);
  }
}
