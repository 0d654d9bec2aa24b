// Connections of a relay to a Responder over a perfect network of 1 ms each way, asked by hand.
#include "models/relay/upstream_connections.hpp"

#include <boost/test/unit_test.hpp>

#include "models/workload/make_application.hpp"
#include "tests/workload/fake_network.hpp"

using namespace elblab;
using namespace elblab::relay;
using namespace std::chrono_literals;
using workload::testing::at_ms;
using workload::testing::FakeNetwork;

namespace {

struct World : UpstreamUser {
  FakeNetwork network;
  RelayParameters parameters;
  std::unique_ptr<workload::Server> server;
  EgressAddresses egress{{net::IpAddress::v4(203, 0, 113, 1), net::IpAddress::v4(203, 0, 113, 2)},
                         random::Stream(1, "egress")};
  std::unique_ptr<UpstreamConnections> upstream;
  std::uint64_t bytes = 0;
  int whole = 0;
  int failed = 0;

  World() {
    parameters.destination = {net::IpAddress::v4(198, 51, 100, 10), 80};
    parameters.keep_alive = 60s;
    workload::ServerParameters service;
    service.port = 80;
    server = workload::make_server(service, network);
    server->start(network.now());
    upstream = std::make_unique<UpstreamConnections>(parameters, network, egress, *this);
  }
  void answer_came(std::uint32_t, std::uint64_t more, Instant) override { bytes += more; }
  void answer_whole(std::uint32_t, Instant) override { ++whole; }
  void answer_failed(std::uint32_t, Instant) override { ++failed; }
  void upstream_moved() override {}

  std::uint32_t ask(std::uint32_t from = 0) {
    workload::RequestHeader request;
    request.request_bytes = 200;
    request.response_bytes = 1000;
    return upstream->ask(0, request, from, network.now());
  }
  void run(Duration length) { network.run({server.get()}, network.now() + length); }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_request_that_crosses_the_end_of_an_idle_connection_is_sent_again, World) {
  ask();
  run(100ms);
  BOOST_TEST(whole == 1);
  ask();
  run(500us);
  network.reset_clients();  // while the request is on its way
  run(100ms);
  BOOST_TEST(whole == 2);
  BOOST_TEST(failed == 0);
  BOOST_TEST(bytes == 2000U);
  BOOST_TEST(upstream->counters().repeated == 1U);
  BOOST_TEST(upstream->counters().opened == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_request_on_a_new_connection_is_not_sent_again, World) {
  ask();
  run(2500us);
  network.reset_clients();
  run(100ms);
  BOOST_TEST(whole == 0);
  BOOST_TEST(failed == 1);
  BOOST_TEST(upstream->counters().repeated == 0U);
  BOOST_TEST(upstream->open() == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_idle_connection_serves_its_own_address_alone, World) {
  ask(0);
  run(100ms);
  ask(1);
  run(100ms);
  BOOST_TEST(upstream->counters().opened == 2U);
  BOOST_TEST(upstream->counters().reused == 0U);
  ask(1);
  ask(0);
  run(100ms);
  BOOST_TEST(upstream->counters().reused == 2U);
  BOOST_TEST(upstream->open() == 2U);
  BOOST_TEST(upstream->busy() == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_exchange_that_is_given_up_is_reset_and_heard_of_no_more, World) {
  const std::uint32_t exchange = ask();
  run(1ms);
  upstream->give_up(exchange, network.now());
  run(100ms);
  BOOST_TEST(whole + failed == 0);
  BOOST_TEST(network.count("abort", true) == 1U);
  BOOST_TEST(upstream->open() == 0U);
  BOOST_CHECK(upstream->next_deadline() == kNever);
}

BOOST_FIXTURE_TEST_CASE(idle_connections_are_as_many_as_may_be_busy, World) {
  parameters.connections = 3;
  upstream = std::make_unique<UpstreamConnections>(parameters, network, egress, *this);
  for (int i = 0; i < 3; ++i) ask(0);
  BOOST_TEST(upstream->full());
  run(100ms);
  for (int i = 0; i < 3; ++i) ask(1);
  BOOST_TEST(upstream->full());
  run(100ms);
  BOOST_TEST(whole == 6);
  BOOST_TEST(upstream->open() == 3U);
}
