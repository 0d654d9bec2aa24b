// Sources that a service denies (ACL-38): the kernel accepts their connections, the service closes
// them without a word; their datagrams are ignored.
#include <boost/test/unit_test.hpp>

#include "models/workload/make_application.hpp"
#include "tests/workload/responder_world.hpp"

using namespace elblab;
using namespace elblab::workload;
using host::SocketError;
using host::SocketId;
using testing::at_ms;
using testing::FakeNetwork;
using testing::Recorded;

namespace {

const net::IpAddress kDenied = net::IpAddress::v4(100, 125, 3, 4);
const net::IpAddress kAdmitted = net::IpAddress::v4(100, 126, 0, 1);

struct World : testing::ResponderWorld {
  World() { service.deny = {*net::Subnet::parse("100.125.0.0/16")}; }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_denied_source_is_connected_and_then_closed_without_an_answer, World) {
  start();
  socket = connect(client, kDenied);
  run(20);
  BOOST_TEST(client.is_connected);
  BOOST_TEST(client.finished);
  BOOST_TEST(client.bytes.empty());
  BOOST_TEST(!client.error.has_value());
  BOOST_TEST(server->counters().accepted == 1U);
  BOOST_TEST(server->counters().denied == 1U);
  BOOST_TEST(server->connections() == 0U);
}

BOOST_FIXTURE_TEST_CASE(what_a_denied_source_asks_is_not_read, World) {
  service.accepts_per_second = 10;  // the first is accepted at once, the second when it has asked
  start();
  Recorded first;
  connect(first, kAdmitted);
  socket = connect(client, kDenied);
  run(10);
  send("GET / HTTP/1.0\r\n\r\n");
  run(200);
  BOOST_TEST(client.bytes.empty());
  BOOST_TEST(server->counters().http_requests == 0U);
  BOOST_TEST(server->counters().malformed_requests == 0U);
  BOOST_TEST(server->counters().denied == 1U);
  BOOST_TEST(server->connections() == 1U);
}

BOOST_FIXTURE_TEST_CASE(other_sources_are_served, World) {
  start();
  socket = connect(client, kAdmitted);
  run(10);
  send(request(24, 50, 0));
  run(100);
  BOOST_TEST(client.bytes.size() == 50U);
  BOOST_TEST(server->counters().denied == 0U);
}

BOOST_AUTO_TEST_CASE(datagrams_of_a_denied_source_are_not_answered) {
  struct Heard final : host::SocketEvents {
    std::size_t datagrams = 0;
    void datagram(SocketId, const net::Endpoint&, std::span<const std::uint8_t>, Instant) override {
      ++datagrams;
    }
  };
  FakeNetwork network;
  ServerParameters service;
  service.port = 53;
  service.udp = true;
  service.deny = {*net::Subnet::parse("100.125.0.0/16")};
  const auto server = make_server(service, network);
  server->start(network.now());
  const auto request = testing::ResponderWorld::request(24, 24, 0);
  for (const net::IpAddress& source : {kDenied, kAdmitted}) {
    Heard client;
    const net::Endpoint to{net::IpAddress::v4(10, 0, 0, 2), 53};
    const SocketId socket = network.open_udp({source, 0}, to, client, network.now()).socket;
    BOOST_REQUIRE(network.send_datagram(socket, to, request, network.now()) == SocketError::none);
    network.run({server.get()}, network.now() + std::chrono::milliseconds(10));
    BOOST_TEST(client.datagrams == (source == kAdmitted ? 1U : 0U));
    network.close(socket, network.now());
    network.run({server.get()}, network.now() + std::chrono::milliseconds(10));
  }
  BOOST_TEST(server->counters().denied == 1U);
  BOOST_TEST(server->counters().requests == 1U);
}
