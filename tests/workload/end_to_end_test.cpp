// Workloads over two simulated hosts joined by a perfect wire of 1 ms each way.
#include <boost/test/unit_test.hpp>
#include <deque>

#include "models/host/host.hpp"
#include "models/workload/make_application.hpp"

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;

namespace {

const net::IpAddress kClient = net::IpAddress::v4(10, 0, 0, 1);
const net::IpAddress kServer = net::IpAddress::v4(10, 0, 0, 2);

Instant at_ms(std::int64_t ms) { return kStart + std::chrono::milliseconds(ms); }

// One direction of the wire.
struct Wire final : net::PacketOutput {
  struct Packet {
    Instant arrives;
    std::vector<std::uint8_t> bytes;
  };
  explicit Wire(const Instant& clock) : now(clock) {}
  void send(std::span<const std::uint8_t> packet) override {
    packets.push_back({now + 1ms, {packet.begin(), packet.end()}});
  }
  const Instant& now;
  std::deque<Packet> packets;
};

host::HostOptions options(const char* name, telemetry::ObjectId object, net::IpAddress address) {
  host::HostOptions result;
  result.name = name;
  result.object = object;
  result.addresses = {address};
  return result;
}

struct World {
  Instant now = kStart;
  telemetry::NullRecorder recorder;
  Wire to_server{now};
  Wire to_client{now};
  host::HostOptions client_options = options("c", 1, kClient);
  std::unique_ptr<host::Host> client_host;
  std::unique_ptr<host::Host> server_host;
  ClientParameters parameters;
  ServerParameters service;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;

  World() {
    parameters.rate_per_second = 500;
    parameters.end = at_ms(4000);
    parameters.destination = {kServer, 80};
    service.port = 80;
  }

  void start() {
    client_host =
        std::make_unique<host::Host>(client_options, random::Stream(1, "c"), recorder, to_server);
    server_host = std::make_unique<host::Host>(options("s", 2, kServer), random::Stream(1, "s"),
                                               recorder, to_client);
    server = make_server(service, *server_host);
    client = make_client(parameters, *client_host, kClient, random::Stream(1, "load"));
    server->start(now);
    client->start(now);
  }

  static void deliver(Wire& wire, host::Host& host, Instant now) {
    while (!wire.packets.empty() && wire.packets.front().arrives <= now) {
      auto bytes = std::move(wire.packets.front().bytes);
      wire.packets.pop_front();
      host.receive(bytes, now);
    }
  }

  void run(Instant until) {
    for (;;) {
      Instant next = std::min({client->next_deadline(), server->next_deadline(),
                               client_host->next_deadline(), server_host->next_deadline()});
      if (!to_server.packets.empty()) next = std::min(next, to_server.packets.front().arrives);
      if (!to_client.packets.empty()) next = std::min(next, to_client.packets.front().arrives);
      if (next > until) break;
      now = std::max(now, next);
      deliver(to_server, *server_host, now);
      deliver(to_client, *client_host, now);
      if (client_host->next_deadline() <= now) client_host->advance(now);
      if (server_host->next_deadline() <= now) server_host->advance(now);
      if (server->next_deadline() <= now) server->advance(now);
      if (client->next_deadline() <= now) client->advance(now);
    }
    now = until;
  }
  std::uint64_t failures(SocketError error) const {
    return client->counters().request_failures[static_cast<std::size_t>(error)];
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(short_connections_are_answered_and_leave_time_wait_at_the_client, World) {
  start();
  run(at_ms(6000));
  BOOST_TEST(client->counters().requests == 2000U);
  BOOST_TEST(client->counters().responses == 2000U);
  BOOST_TEST(client->counters().failures() == 0U);
  BOOST_CHECK(client->take_response_times().sum == 2000 * 4ms);
  BOOST_TEST(client_host->counters().connections_established == 2000U);
  BOOST_TEST(client_host->counters().time_wait == 2000U);
  BOOST_TEST(server_host->counters().time_wait == 0U);
  BOOST_TEST(server_host->counters().open == 0U);
  run(at_ms(70000));
  BOOST_TEST(client_host->counters().time_wait == 0U);
}

BOOST_FIXTURE_TEST_CASE(time_wait_stays_with_the_side_that_closes_first_and_with_none_on_rst,
                        World) {
  for (const CloseWith with : {CloseWith::fin, CloseWith::rst}) {
    for (const Closer closer : {Closer::client, Closer::server}) {
      World world;
      world.parameters.closes = closer;
      world.parameters.close_with = with;
      world.parameters.response_bytes = 30000;
      world.start();
      world.run(at_ms(6000));
      BOOST_TEST(world.client->counters().responses == 2000U);
      BOOST_TEST(world.client->counters().failures() == 0U);
      const bool fin = with == CloseWith::fin;
      BOOST_TEST(world.client_host->counters().time_wait ==
                 (fin && closer == Closer::client ? 2000U : 0U));
      BOOST_TEST(world.server_host->counters().time_wait ==
                 (fin && closer == Closer::server ? 2000U : 0U));
      BOOST_TEST(world.client_host->counters().open == 0U);
      BOOST_TEST(world.server_host->counters().open == 0U);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_refuses_every_request, World) {
  service.listening = false;
  start();
  run(at_ms(6000));
  BOOST_TEST(failures(SocketError::connection_refused) == 2000U);
  BOOST_TEST(client_host->counters().connections_failed == 2000U);
}

// linux-host.md rows 18 and 19: 20 ports, each held by TIME_WAIT for a minute.
BOOST_FIXTURE_TEST_CASE(ports_held_by_time_wait_refuse_further_connects_locally, World) {
  client_options.sysctls.ip_local_port_range_low = 40000;
  client_options.sysctls.ip_local_port_range_high = 40019;
  start();
  run(at_ms(6000));
  BOOST_TEST(client->counters().responses == 20U);
  BOOST_TEST(client->counters().refused_locally == 1980U);
  BOOST_TEST(failures(SocketError::address_not_available) == 1980U);
  BOOST_TEST(client_host->counters().refused_locally == 1980U);
}

BOOST_FIXTURE_TEST_CASE(large_transfers_on_persistent_connections_arrive_unharmed, World) {
  parameters.kind = Kind::persistent_connections;
  parameters.connections = 4;
  parameters.rate_per_second = 20;
  parameters.request_bytes = 20000;
  parameters.response_bytes = 300000;
  start();
  run(at_ms(10000));
  BOOST_TEST(client->counters().requests == 80U);
  BOOST_TEST(client->counters().responses == 80U);
  BOOST_TEST(client->counters().damaged_responses == 0U);
  BOOST_TEST(server->counters().damaged_requests == 0U);
  BOOST_TEST(client_host->counters().connections_established == 4U);
}

BOOST_FIXTURE_TEST_CASE(datagrams_are_answered_and_a_closed_port_is_heard_of, World) {
  parameters.kind = Kind::datagrams;
  service.udp = true;
  start();
  run(at_ms(3999));
  BOOST_TEST(client->counters().responses >= 1998U);
  run(at_ms(6000));
  BOOST_TEST(client->counters().responses == 2000U);
  World closed;
  closed.parameters.kind = Kind::datagrams;
  closed.parameters.request_timeout = 1s;
  closed.service.udp = true;
  closed.service.listening = false;
  closed.start();
  closed.run(at_ms(6000));
  // Row 30: six port unreachables at once, then one per second; the rest hears nothing.
  const auto refused = closed.failures(SocketError::connection_refused);
  BOOST_TEST(refused >= 6U);
  BOOST_TEST(refused <= 11U);
  BOOST_TEST(closed.failures(SocketError::timed_out) == 2000U - refused);
}

// Row 20: the queue holds backlog + 1; further handshakes wait for accept().
BOOST_FIXTURE_TEST_CASE(a_server_slow_to_accept_fills_its_queue, World) {
  service.backlog = 4;
  service.accepts_per_second = 10;
  parameters.rate_per_second = 100;
  parameters.end = at_ms(1000);
  parameters.request_timeout = 60s;
  start();
  run(at_ms(500));
  BOOST_TEST(client->counters().responses <= 6U);
  BOOST_TEST(server_host->counters().listen_overflows > 0U);
  run(at_ms(1500));
  BOOST_TEST(server->counters().accepted <= 16U);
  BOOST_TEST(server->counters().accepted >= 14U);
}

// Those who gave up stand in the queue like the others: the server takes and reads each.
BOOST_FIXTURE_TEST_CASE(a_server_slow_to_accept_takes_also_those_who_gave_up, World) {
  service.accepts_per_second = 100;
  parameters.rate_per_second = 400;
  parameters.end = at_ms(500);
  parameters.request_timeout = 100ms;
  start();
  run(at_ms(1000));
  BOOST_TEST(client->counters().requests == 200U);
  BOOST_TEST(failures(SocketError::timed_out) > 100U);
  BOOST_TEST(server->counters().accepted == 100U);  // one every 10 ms from the first at 3 ms
  run(at_ms(3000));
  BOOST_TEST(server->counters().accepted == 200U);
  BOOST_TEST(server->counters().requests == 200U);
  // Each waits 7.5 ms longer than the one before: the 13th less than 97 ms; the answer to the 14th
  // crosses the RST on its way.
  BOOST_TEST(client->counters().responses == 13U);
  BOOST_TEST(server->counters().responses == 14U);
  BOOST_TEST(server_host->counters().open == 0U);
}
