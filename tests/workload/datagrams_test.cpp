// Request and reply over UDP, against a UdpResponder over a perfect network of 1 ms each way.
#include "models/workload/datagrams.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "models/workload/make_application.hpp"
#include "models/workload/udp_responder.hpp"
#include "tests/workload/fake_network.hpp"

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;
using testing::at_ms;
using testing::FakeNetwork;

namespace {

const net::Endpoint kService{net::IpAddress::v4(10, 0, 0, 2), 53};

// A responder that answers from kService although it is bound to no address of its own.
struct World {
  FakeNetwork network;
  ClientParameters parameters;
  ServerParameters service;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;

  World() {
    parameters.kind = Kind::datagrams;
    parameters.rate_per_second = 100;
    parameters.end = at_ms(10000);
    parameters.destination = kService;
    service.port = kService.port;
    service.udp = true;
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

BOOST_FIXTURE_TEST_CASE(every_request_has_its_own_port_and_its_reply, World) {
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().requests == 1000U);
  BOOST_TEST(counters().responses == 1000U);
  BOOST_CHECK(client->take_response_times().sum == 1000 * 2ms);
  std::set<std::uint16_t> ports;
  for (const auto& source : network.sources) ports.insert(source.port);
  BOOST_TEST(ports.size() == 1000U);
  BOOST_TEST(network.open_sockets() == 1U);  // the server's
  BOOST_CHECK(client->next_deadline() == kNever);
}

BOOST_FIXTURE_TEST_CASE(a_fixed_port_and_fixed_flows_keep_their_sockets, World) {
  for (const bool port : {true, false}) {
    World world;
    if (port) {
      world.parameters.source_port = 7777;
    } else {
      world.parameters.connections = 8;
    }
    world.start();
    world.run(at_ms(11000));
    BOOST_TEST(world.counters().responses == 1000U);
    BOOST_TEST(world.network.sources.size() == (port ? 1U : 8U));
    if (port) BOOST_TEST(world.network.sources[0].port == 7777);
  }
}

BOOST_FIXTURE_TEST_CASE(replies_under_way_together_find_their_requests, World) {
  parameters.source_port = 7777;
  parameters.rate_per_second = 1000;
  service.service_time = 200ms;  // 200 at a time
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().responses == 10000U);
  BOOST_CHECK(client->take_response_times().sum == 10000 * 202ms);
  BOOST_TEST(counters().damaged_responses == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_request_without_reply_fails_at_its_timeout, World) {
  parameters.request_timeout = 2s;
  parameters.rate_per_second = 1;
  parameters.end = at_ms(500);
  network.silent = true;
  start();
  run(at_ms(1999));
  BOOST_TEST(counters().failures() == 0U);
  run(at_ms(2000));
  BOOST_TEST(failures(SocketError::timed_out) == 1U);
  BOOST_TEST(network.open_sockets() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_lost_request_is_sent_again_and_timed_from_the_first, World) {
  parameters.request_timeout = 2s;
  parameters.rate_per_second = 1;
  parameters.end = at_ms(500);
  parameters.retries = 2;
  network.silent = true;
  start();
  run(at_ms(3000));
  network.silent = false;
  run(at_ms(20000));
  BOOST_TEST(counters().responses == 1U);
  BOOST_TEST(counters().retries == 2U);
  BOOST_TEST(counters().failures() == 0U);
  BOOST_CHECK(client->take_response_times().sum == 4002ms);
}

BOOST_FIXTURE_TEST_CASE(a_late_reply_is_not_counted_twice, World) {
  parameters.source_port = 7777;
  parameters.request_timeout = 100ms;
  service.service_time = 150ms;
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().requests == 1000U);
  BOOST_TEST(failures(SocketError::timed_out) == 1000U);
  BOOST_TEST(counters().responses == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_fails_the_request_at_once, World) {
  for (const std::uint32_t fixed : {0U, 1U}) {
    World world;
    world.service.listening = false;
    world.parameters.connections = fixed;
    world.start();
    world.run(at_ms(11000));
    BOOST_TEST(world.failures(SocketError::connection_refused) == 1000U);
    BOOST_TEST(world.counters().responses == 0U);
    BOOST_TEST(world.network.open_sockets() == 0U);
  }
}

BOOST_FIXTURE_TEST_CASE(no_free_port_is_counted_as_refused_locally, World) {
  network.local_error = SocketError::address_not_available;
  parameters.retries = 3;
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().refused_locally == 1000U);
  BOOST_TEST(failures(SocketError::address_not_available) == 1000U);
}

BOOST_FIXTURE_TEST_CASE(sizes_are_brought_into_what_a_datagram_can_be, World) {
  parameters.request_bytes = 1;
  parameters.response_bytes = 100000;
  parameters.end = at_ms(100);
  start();
  run(at_ms(1000));
  BOOST_TEST(client->parameters().request_bytes == kRequestHeaderBytes);
  BOOST_TEST(client->parameters().response_bytes == kLargestDatagram);
  BOOST_TEST(counters().responses == 10U);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_reply_is_no_reply, World) {
  network.damage = true;
  parameters.end = at_ms(100);
  parameters.request_timeout = 1s;
  start();
  run(at_ms(5000));
  BOOST_TEST(counters().damaged_responses == 10U);
  BOOST_TEST(failures(SocketError::timed_out) == 10U);
}

BOOST_AUTO_TEST_CASE(requests_equal_responses_plus_failures_under_any_disturbance) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random::Stream stream(seed, "disturbance");
    World world;
    world.parameters.rate_per_second = 1 + stream.uniform() * 1000;
    world.parameters.arrivals = Arrivals::poisson;
    world.parameters.connections = static_cast<unsigned>(stream.below(4));
    world.parameters.end = at_ms(2000);
    world.parameters.request_timeout = std::chrono::milliseconds(1 + stream.below(100));
    world.parameters.retries = static_cast<unsigned>(stream.below(3));
    world.service.service_time = std::chrono::milliseconds(stream.below(60));
    world.start();
    for (int ms = 0; ms < 2000; ms += 100) {
      world.run(at_ms(ms));
      switch (stream.below(4)) {
        case 0:
          BOOST_REQUIRE(
              world.server->set_listening(!world.server->listening(), world.network.now()));
          break;
        case 1:
          world.network.damage = !world.network.damage;
          break;
        case 2:
          world.network.silent = !world.network.silent;
          break;
        default:
          break;
      }
    }
    world.run(at_ms(60000));
    BOOST_REQUIRE(world.counters().requests > 0U);
    BOOST_REQUIRE_EQUAL(world.counters().requests,
                        world.counters().responses + world.counters().failures());
    BOOST_REQUIRE(world.client->next_deadline() == kNever);
  }
}
