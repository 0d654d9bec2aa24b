// One connection per request, against a Responder over a perfect network of 1 ms each way: an
// answer takes 4 ms (handshake, request and answer).
#include "models/workload/short_connections.hpp"

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
  std::unique_ptr<Client> client;

  World() {
    parameters.rate_per_second = 100;
    parameters.end = at_ms(10000);
    parameters.destination = {net::IpAddress::v4(10, 0, 0, 2), 80};
    service.port = 80;
  }
  void start() {
    server = make_server(service, network);
    client = make_client(parameters, network, net::IpAddress::v4(10, 0, 0, 1),
                         random::Stream(1, "client"));
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

BOOST_FIXTURE_TEST_CASE(an_open_loop_offers_its_rate_and_every_request_is_answered, World) {
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().requests == 1000U);
  BOOST_TEST(counters().responses == 1000U);
  BOOST_TEST(counters().failures() == 0U);
  BOOST_TEST(counters().latency.count() == 1000U);
  BOOST_TEST(server->counters().accepted == 1000U);
  BOOST_TEST(server->counters().requests == 1000U);
  BOOST_TEST(network.open_sockets() == 0U);
  const ResponseTimes times = client->take_response_times();
  BOOST_TEST(times.count == 1000U);
  BOOST_CHECK(times.sum == 1000 * 4ms);
  BOOST_TEST(client->take_response_times().count == 0U);
  BOOST_CHECK(client->next_deadline() == kNever);
}

BOOST_FIXTURE_TEST_CASE(requests_begin_and_end_when_told, World) {
  parameters.begin = at_ms(2000);
  parameters.end = at_ms(3000);
  start();
  run(at_ms(1999));
  BOOST_TEST(counters().requests == 0U);
  run(at_ms(2000));
  BOOST_TEST(counters().requests == 1U);
  run(at_ms(60000));
  BOOST_TEST(counters().requests == 100U);
  BOOST_TEST(counters().responses == 100U);
}

BOOST_FIXTURE_TEST_CASE(the_client_closes_first_with_fin_after_the_hold_time, World) {
  parameters.rate_per_second = 1;
  parameters.end = at_ms(500);
  parameters.hold = 250ms;
  start();
  run(at_ms(253));
  BOOST_TEST(counters().responses == 1U);
  BOOST_TEST(network.count("close", true) == 0U);
  run(at_ms(1000));
  BOOST_REQUIRE_EQUAL(network.count("close", true), 1U);
  const auto first = std::find_if(network.actions.begin(), network.actions.end(),
                                  [](const auto& a) { return a.what == "close"; });
  BOOST_TEST(first->by_client);
  BOOST_CHECK(first->at == at_ms(254));
  BOOST_TEST(network.count("close", false) == 1U);  // the server follows
  BOOST_TEST(network.open_sockets() == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_client_can_close_with_rst, World) {
  parameters.close_with = CloseWith::rst;
  start();
  run(at_ms(11000));
  BOOST_TEST(network.count("abort", true) == 1000U);
  BOOST_TEST(network.count("close", true) == 0U);
  BOOST_TEST(server->counters().connections_lost == 1000U);
  BOOST_TEST(counters().responses == 1000U);
  BOOST_TEST(network.open_sockets() == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_server_closes_first_when_asked_to, World) {
  parameters.closes = Closer::server;
  parameters.rate_per_second = 1;
  parameters.end = at_ms(500);
  start();
  run(at_ms(5000));
  BOOST_TEST(counters().responses == 1U);
  BOOST_REQUIRE_EQUAL(network.count("close", false), 1U);
  BOOST_REQUIRE_EQUAL(network.count("close", true), 1U);
  const auto first = std::find_if(network.actions.begin(), network.actions.end(),
                                  [](const auto& a) { return a.what == "close"; });
  BOOST_TEST(!first->by_client);
  BOOST_CHECK(network.last("close").at == first->at + 1ms);  // when its FIN arrives
}

BOOST_FIXTURE_TEST_CASE(the_server_resets_only_once_its_answer_is_acknowledged, World) {
  parameters.closes = Closer::server;
  parameters.close_with = CloseWith::rst;
  parameters.response_bytes = 100000;
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().responses == 1000U);
  BOOST_TEST(counters().failures() == 0U);
  BOOST_TEST(network.count("abort", false) == 1000U);
  BOOST_TEST(network.open_sockets() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_never_closes_is_closed_at_the_timeout_without_failure,
                        World) {
  parameters.closes = Closer::server;
  parameters.rate_per_second = 1;
  parameters.end = at_ms(500);
  parameters.request_timeout = 3s;
  network.lose_server_fin = true;
  start();
  run(at_ms(2999));
  BOOST_TEST(network.count("close", true) == 0U);
  run(at_ms(3000));
  BOOST_TEST(network.count("close", true) == 1U);
  BOOST_TEST(counters().responses == 1U);
  BOOST_TEST(counters().failures() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_request_without_answer_is_aborted_at_its_timeout, World) {
  parameters.rate_per_second = 1;
  parameters.end = at_ms(1500);
  parameters.request_timeout = 5s;
  network.silent = true;
  start();
  run(at_ms(4999));
  BOOST_TEST(counters().failures() == 0U);
  run(at_ms(5000));
  BOOST_TEST(failures(SocketError::timed_out) == 1U);
  BOOST_CHECK(network.last("abort").at == at_ms(5000));
  BOOST_TEST(client->under_way() == 1U);
  run(at_ms(6000));
  BOOST_TEST(failures(SocketError::timed_out) == 2U);
  BOOST_TEST(counters().responses == 0U);
}

BOOST_FIXTURE_TEST_CASE(refused_attempts_are_repeated_as_often_as_allowed_and_count_once, World) {
  service.listening = false;
  parameters.retries = 3;
  start();
  run(at_ms(20000));
  BOOST_TEST(counters().requests == 1000U);
  BOOST_TEST(failures(SocketError::connection_refused) == 1000U);
  BOOST_TEST(counters().retries == 3000U);
  BOOST_TEST(network.count("connect", true) == 4000U);
  BOOST_TEST(counters().refused_locally == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_retry_that_succeeds_is_an_answer_timed_from_the_first_attempt, World) {
  service.listening = false;
  parameters.retries = 1;
  parameters.rate_per_second = 1;
  parameters.end = at_ms(500);
  start();
  run(at_ms(1));
  BOOST_TEST(server->set_listening(
      true, network.now()));  // too late for the first SYN, in time for the next
  run(at_ms(100));
  BOOST_TEST(counters().responses == 1U);
  BOOST_TEST(counters().failures() == 0U);
  BOOST_CHECK(client->take_response_times().sum == 6ms);
}

BOOST_FIXTURE_TEST_CASE(a_connect_refused_by_the_own_host_is_counted_and_not_repeated, World) {
  network.local_error = SocketError::address_not_available;
  parameters.retries = 5;
  start();
  run(at_ms(20000));
  BOOST_TEST(counters().refused_locally == 1000U);
  BOOST_TEST(failures(SocketError::address_not_available) == 1000U);
  BOOST_TEST(network.actions.empty());
}

BOOST_FIXTURE_TEST_CASE(a_reset_before_the_answer_is_a_failure, World) {
  service.service_time = 1s;
  parameters.end = at_ms(100);
  start();
  run(at_ms(500));
  network.reset_clients();
  run(at_ms(5000));
  BOOST_TEST(failures(SocketError::connection_reset) == 10U);
  BOOST_TEST(counters().responses == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_end_before_the_whole_answer_is_a_failure, World) {
  service.service_time = 1s;
  parameters.end = at_ms(100);
  start();
  run(at_ms(500));
  network.finish_clients();
  run(at_ms(5000));
  BOOST_TEST(failures(SocketError::none) == 10U);
  BOOST_TEST(counters().responses == 0U);
  BOOST_TEST(network.open_sockets() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_answer_is_no_answer, World) {
  network.damage = true;
  parameters.response_bytes = 50000;
  parameters.end = at_ms(100);
  start();
  run(at_ms(5000));
  BOOST_TEST(counters().damaged_responses == 10U);
  BOOST_TEST(counters().responses == 0U);
  BOOST_TEST(counters().failures() == 10U);
}

BOOST_FIXTURE_TEST_CASE(answers_slower_than_the_threshold_are_counted, World) {
  service.service_time = 100ms;
  parameters.slow = 104ms;  // exactly what an answer takes: not above
  parameters.end = at_ms(100);
  start();
  run(at_ms(5000));
  BOOST_TEST(counters().slow_responses == 0U);
  World slower;
  slower.service.service_time = 101ms;
  slower.parameters.slow = 104ms;
  slower.parameters.end = at_ms(100);
  slower.start();
  slower.run(at_ms(5000));
  BOOST_TEST(slower.counters().slow_responses == 10U);
  BOOST_TEST(slower.counters().responses == 10U);
}

// Each user: 4 ms for an answer, 96 ms to think.
BOOST_FIXTURE_TEST_CASE(a_closed_loop_keeps_so_many_users_and_no_more, World) {
  parameters.connections = 7;
  parameters.rate_per_second = 0;
  parameters.think_time = 96ms;
  start();
  for (int ms = 0; ms <= 10000; ms += 10) {
    run(at_ms(ms));
    BOOST_REQUIRE(client->under_way() <= 7U);
  }
  run(at_ms(12000));
  BOOST_TEST(counters().requests == 700U);
  BOOST_TEST(counters().responses == 700U);
}

// Each user: 4 ms for an answer, 96 ms to think. He moves after 0.5 s, and then every second.
BOOST_FIXTURE_TEST_CASE(a_user_who_roams_connects_from_the_address_of_the_moment, World) {
  parameters.connections = 1;
  parameters.rate_per_second = 0;
  parameters.think_time = 96ms;
  parameters.end = at_ms(3000);
  for (std::uint8_t i = 1; i <= 3; ++i) {
    parameters.roaming.addresses.push_back(net::IpAddress::v4(10, 0, 0, i));
  }
  parameters.roaming.every = 1s;
  parameters.roaming.first = 500ms;
  start();
  run(at_ms(5000));
  BOOST_REQUIRE_EQUAL(network.sources.size(), 30U);
  for (std::size_t i = 0; i < 30; ++i) {
    const int address = i < 5 ? 1 : i < 15 ? 2 : i < 25 ? 3 : 1;
    BOOST_TEST(network.sources[i].address.to_string() == "10.0.0." + std::to_string(address));
  }
  BOOST_TEST(server->counters().sessions_begun == 1U);
  BOOST_TEST(server->counters().sessions_kept == 29U);
}

BOOST_FIXTURE_TEST_CASE(of_users_without_sessions_a_server_notices_nothing, World) {
  parameters.connections = 2;
  parameters.rate_per_second = 0;
  parameters.think_time = 96ms;
  parameters.has_sessions = false;
  parameters.end = at_ms(1000);
  start();
  run(at_ms(3000));
  BOOST_TEST(counters().responses == 20U);
  BOOST_TEST(server->counters().requests == 20U);
  BOOST_TEST(server->counters().sessions_begun == 0U);
  BOOST_TEST(server->counters().sessions_lost == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_closed_loop_without_think_time_asks_again_at_once, World) {
  parameters.connections = 2;
  parameters.rate_per_second = 0;
  parameters.end = at_ms(4000);
  start();
  run(at_ms(5000));
  BOOST_TEST(counters().responses == 2000U);  // one per user every 4 ms
}

BOOST_FIXTURE_TEST_CASE(a_closed_loop_that_cannot_connect_pauses_instead_of_spinning, World) {
  network.local_error = SocketError::address_not_available;
  parameters.connections = 3;
  parameters.rate_per_second = 0;
  start();
  run(at_ms(9500));
  BOOST_TEST(counters().refused_locally == 30U);  // at 0, 1, … 9 s
}

BOOST_FIXTURE_TEST_CASE(a_hard_coded_source_port_is_used_and_ephemeral_ones_else, World) {
  parameters.source_port = 5555;
  parameters.end = at_ms(50);
  start();
  run(at_ms(1000));
  BOOST_REQUIRE_EQUAL(network.sources.size(), 5U);
  for (const auto& source : network.sources) {
    BOOST_TEST(source.to_string() == "10.0.0.1:5555");
  }
}

BOOST_FIXTURE_TEST_CASE(an_empty_answer_counts_when_the_request_is_acknowledged, World) {
  parameters.response_bytes = 0;
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().responses == 1000U);
  BOOST_TEST(counters().failures() == 0U);
}

// Every request ends exactly once, whatever the mixture of sizes, delays, stops and resets.
BOOST_AUTO_TEST_CASE(requests_equal_responses_plus_failures_under_any_disturbance) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random::Stream stream(seed, "disturbance");
    World world;
    world.parameters.rate_per_second = 1 + stream.uniform() * 400;
    world.parameters.arrivals = Arrivals::poisson;
    world.parameters.connections =
        stream.chance(0.3) ? 1 + static_cast<unsigned>(stream.below(20)) : 0;
    world.parameters.think_time = std::chrono::milliseconds(stream.below(50));
    world.parameters.end = at_ms(2000);
    world.parameters.request_bytes = stream.below(5000);
    world.parameters.response_bytes = stream.below(20000);
    world.parameters.closes = stream.chance(0.5) ? Closer::client : Closer::server;
    world.parameters.close_with = stream.chance(0.5) ? CloseWith::fin : CloseWith::rst;
    world.parameters.hold = std::chrono::milliseconds(stream.below(30));
    world.parameters.request_timeout = std::chrono::milliseconds(5 + stream.below(300));
    world.parameters.retries = static_cast<unsigned>(stream.below(3));
    world.service.service_time = std::chrono::milliseconds(stream.below(30));
    if (stream.chance(0.3)) world.service.accepts_per_second = 50 + stream.uniform() * 200;
    world.network.piece_bytes = 1 + stream.below(3000);
    world.start();
    for (int ms = 0; ms < 2000; ms += 100) {
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
    BOOST_REQUIRE(world.counters().requests > 0U);
    BOOST_REQUIRE_EQUAL(world.counters().requests,
                        world.counters().responses + world.counters().failures());
    BOOST_REQUIRE(world.client->next_deadline() == kNever);
    BOOST_REQUIRE_EQUAL(world.counters().latency.count(), world.counters().responses);
  }
}

BOOST_FIXTURE_TEST_CASE(clients_that_count_in_one_place_make_its_totals, World) {
  start();
  const auto totals = std::make_shared<ClientCounters>();
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<Application*> applications{server.get()};
  for (std::uint8_t i = 1; i <= 3; ++i) {
    parameters.rate_per_second = 10 * i;
    clients.push_back(make_client(parameters, network, net::IpAddress::v4(10, 0, 1, i),
                                  random::Stream(i, "client")));
    clients.back()->count_in(totals);
    clients.back()->start(network.now());
    applications.push_back(clients.back().get());
  }
  network.run(applications, at_ms(20000));
  BOOST_TEST(totals->requests == 600U);  // (10 + 20 + 30)/s for 10 s
  BOOST_TEST(totals->responses == 600U);
  BOOST_TEST(totals->latency.count() == 600U);
  BOOST_CHECK(totals->take_interval().sum == 600 * 4ms);
  BOOST_TEST(totals->take_interval().count == 0U);
  BOOST_TEST(clients.front()->under_way() == 0U);
}
