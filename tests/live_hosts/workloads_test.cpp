// The workloads of models/workload on the kernel's sockets: what tests/workload/end_to_end_test.cpp
// says of model hosts holds for Linux.
#include <boost/test/unit_test.hpp>

#include "models/workload/make_application.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/live_hosts/kernel_hosts.hpp"
#include "tests/live_hosts/socket_list.hpp"

using namespace elblab;
using namespace elblab::live;
using namespace elblab::live::testing;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

namespace {

constexpr Duration kLimit = 20s;

struct World {
  KernelHosts hosts;
  ClientParameters parameters;
  ServerParameters service;
  Duration length = 500ms;  // of the workload: 500 requests
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;

  World() {
    // Where the machine is too busy to carry a FIN in 200 ms it is repeated; the answer to the
    // repetition meets nobody, and the RST for that would end TIME_WAIT (row 16).
    hosts.set_client_sysctl("net/ipv4/tcp_rfc1337", "1");
    hosts.set_server_sysctl("net/ipv4/tcp_rfc1337", "1");
    parameters.rate_per_second = 1000;
    parameters.destination = {kServer, 80};
    service.port = 80;
  }

  void start(net::IpAddress source = kClient) {
    parameters.begin = hosts.now();
    parameters.end = parameters.begin + length;
    server = make_server(service, hosts.server());
    client = make_client(parameters, hosts.client(), source, random::Stream(1, "load"));
    hosts.start(*server, parameters.begin);
    hosts.start(*client, parameters.begin);
  }
  // To the end of the workload and of every request: how many there were. A machine that is busy
  // at the end may leave out the last ones, as no request begins after it.
  std::uint64_t run_to_the_end() {
    const bool ended = hosts.run_until([&] { return client->next_deadline() == kNever; }, kLimit);
    const std::uint64_t requests = client->counters().requests;
    BOOST_REQUIRE_MESSAGE(ended && client->under_way() == 0,
                          client->under_way() << " of " << requests << " requests under way, "
                                              << hosts.overrun() << " packets overrun");
    BOOST_REQUIRE(requests > 0U);
    return requests;
  }
  bool becomes_true(const std::function<bool()>& condition) {
    return hosts.run_until(condition, kLimit);
  }
  std::uint64_t failures(SocketError error) const {
    return client->counters().request_failures[static_cast<std::size_t>(error)];
  }
  std::size_t client_sockets(std::string_view state) const {
    return sockets_in_state(hosts.client_network(), state);
  }
  std::size_t server_sockets(std::string_view state) const {
    return sockets_in_state(hosts.server_network(), state);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(short_connections_are_answered_and_leave_time_wait_at_the_client, World) {
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(client->counters().responses == requests);
  BOOST_TEST(client->counters().failures() == 0U);
  BOOST_TEST(server->counters().accepted == requests);
  BOOST_TEST(server->counters().responses == requests);
  BOOST_TEST(server->counters().connections_lost == 0U);
  BOOST_TEST(hosts.client().counters().connections_opened == requests);
  BOOST_TEST(hosts.client().counters().connections_established == requests);
  BOOST_TEST(hosts.client().counters().connections_failed == 0U);
  BOOST_TEST(becomes_true([&] { return client_sockets(socket_state::time_wait) == requests; }));
  BOOST_TEST(server_sockets(socket_state::time_wait) == 0U);
  BOOST_TEST(becomes_true([&] { return server_sockets(socket_state::established) == 0; }));
}

BOOST_AUTO_TEST_CASE(time_wait_stays_with_the_side_that_closes_first_and_with_none_on_rst) {
  for (const CloseWith with : {CloseWith::fin, CloseWith::rst}) {
    for (const Closer closer : {Closer::client, Closer::server}) {
      BOOST_TEST_CONTEXT("RST " << (with == CloseWith::rst) << ", server closes "
                                << (closer == Closer::server)) {
        World world;
        world.parameters.closes = closer;
        world.parameters.close_with = with;
        // Fewer packets than a ring holds, should the machine be too busy to look in time: an RST
        // that is lost is not sent again.
        world.parameters.response_bytes = 10'000;
        world.parameters.rate_per_second = 200;
        world.length = 200ms;
        world.start();
        const auto requests = world.run_to_the_end();
        BOOST_TEST(world.client->counters().responses == requests);
        BOOST_TEST(world.client->counters().failures() == 0U);
        const bool fin = with == CloseWith::fin;
        const std::uint64_t at_client = fin && closer == Closer::client ? requests : 0;
        const std::uint64_t at_server = fin && closer == Closer::server ? requests : 0;
        world.becomes_true([&] {
          return world.client_sockets(socket_state::established) +
                         world.server_sockets(socket_state::established) ==
                     0 &&
                 world.client_sockets(socket_state::time_wait) == at_client &&
                 world.server_sockets(socket_state::time_wait) == at_server;
        });
        BOOST_TEST(world.client_sockets(socket_state::established) == 0U);
        BOOST_TEST(world.server_sockets(socket_state::established) == 0U);
        BOOST_TEST(world.client_sockets(socket_state::time_wait) == at_client);
        BOOST_TEST(world.server_sockets(socket_state::time_wait) == at_server);
      }
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_refuses_every_request, World) {
  service.listening = false;
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(failures(SocketError::connection_refused) == requests);
  BOOST_TEST(hosts.client().counters().connections_failed == requests);
  BOOST_TEST(hosts.client().counters().connections_opened == requests);
}

// linux-host.md rows 18 and 19: 20 ports, each held by TIME_WAIT for a minute.
BOOST_FIXTURE_TEST_CASE(ports_held_by_time_wait_refuse_further_connects_locally, World) {
  hosts.set_client_sysctl("net/ipv4/ip_local_port_range", "40000 40019");
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(client->counters().responses == 20U);
  BOOST_TEST(client->counters().refused_locally == requests - 20);
  BOOST_TEST(failures(SocketError::address_not_available) == requests - 20);
  BOOST_TEST(hosts.client().counters().refused_locally == requests - 20);
  BOOST_TEST(hosts.client_told().ends.size() == requests - 20);
  // Another destination port still works (row 18).
  host::SocketEvents nobody;
  BOOST_CHECK(hosts.client().connect({kClient, 0}, {kServer, 81}, nobody, hosts.now()).error ==
              SocketError::none);
}

BOOST_FIXTURE_TEST_CASE(large_transfers_on_persistent_connections_arrive_unharmed, World) {
  parameters.kind = Kind::persistent_connections;
  parameters.connections = 4;
  parameters.rate_per_second = 40;
  parameters.request_bytes = 20000;
  parameters.response_bytes = 3'000'000;
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(client->counters().responses == requests);
  BOOST_TEST(client->counters().damaged_responses == 0U);
  BOOST_TEST(server->counters().damaged_requests == 0U);
  BOOST_TEST(hosts.client().counters().connections_established == 4U);
}

BOOST_FIXTURE_TEST_CASE(a_request_without_a_response_is_answered_by_its_acknowledgement, World) {
  parameters.response_bytes = 0;
  parameters.request_bytes = 200'000;
  parameters.rate_per_second = 100;
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(client->counters().responses == requests);
  BOOST_TEST(client->counters().failures() == 0U);
}

BOOST_AUTO_TEST_CASE(datagrams_are_answered_and_a_closed_port_is_heard_of) {
  for (const bool v6 : {false, true}) {
    for (const std::uint32_t fixed_flows : {0U, 4U}) {
      World world;
      world.parameters.kind = Kind::datagrams;
      world.parameters.connections = fixed_flows;
      world.parameters.destination.address = v6 ? kServer6 : kServer;
      world.service.udp = true;
      world.start(v6 ? kClient6 : kClient);
      const auto requests = world.run_to_the_end();
      BOOST_TEST(world.client->counters().responses == requests);
      BOOST_TEST(world.server->counters().responses == requests);
    }
  }
  World closed;
  closed.parameters.kind = Kind::datagrams;
  closed.parameters.request_timeout = 1s;
  closed.service.udp = true;
  closed.service.listening = false;
  closed.start();
  const auto requests = closed.run_to_the_end();
  // Row 30: six port unreachables at once, then one per second; the rest hears nothing.
  const auto refused = closed.failures(SocketError::connection_refused);
  BOOST_TEST(refused >= 6U);
  BOOST_TEST(refused <= 8U);
  BOOST_TEST(closed.failures(SocketError::timed_out) == requests - refused);
}

// Row 20: the queue holds backlog + 1; further handshakes wait for accept().
BOOST_FIXTURE_TEST_CASE(a_server_that_does_not_accept_fills_its_queue, World) {
  service.backlog = 4;
  service.accepts_per_second = 0;
  parameters.rate_per_second = 100;
  parameters.request_timeout = 2s;
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(hosts.server().accept_queue_length(1) == 5U);
  BOOST_TEST(server->counters().accepted == 0U);
  BOOST_TEST(failures(SocketError::timed_out) == requests);
}

BOOST_FIXTURE_TEST_CASE(a_server_slow_to_accept_takes_one_at_a_time, World) {
  service.backlog = 4;
  service.accepts_per_second = 10;
  parameters.rate_per_second = 100;
  parameters.request_timeout = 60s;
  start();
  BOOST_TEST(becomes_true([&] { return server->counters().accepted == 2; }));
  BOOST_TEST(client->counters().responses <= 2U);
  BOOST_TEST(becomes_true([&] { return hosts.server().accept_queue_length(1) == 5; }));
  const auto requests = run_to_the_end();
  BOOST_TEST(client->counters().responses == requests);
}

// Those who gave up stand in the queue like the others: the server takes and reads each.
BOOST_FIXTURE_TEST_CASE(a_server_slow_to_accept_takes_also_those_who_gave_up, World) {
  service.accepts_per_second = 100;
  parameters.rate_per_second = 400;
  parameters.request_timeout = 100ms;
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(failures(SocketError::timed_out) >= requests / 2);
  BOOST_TEST(becomes_true([&] { return server->counters().accepted == requests; }));
  BOOST_TEST(becomes_true([&] { return server->counters().requests == requests; }));
  BOOST_TEST(server->counters().responses >= client->counters().responses);
  BOOST_TEST(server->counters().responses < requests);
}

BOOST_FIXTURE_TEST_CASE(a_dead_server_lets_requests_time_out, World) {
  hosts.carry = [](KernelHosts::Towards towards, std::span<std::uint8_t>, Instant) {
    return towards == KernelHosts::Towards::client;
  };
  parameters.rate_per_second = 100;
  parameters.request_timeout = 300ms;
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(failures(SocketError::timed_out) == requests);
  BOOST_TEST(hosts.client().counters().connections_failed == requests);
  // What no packet tells: the client's application gave up.
  BOOST_TEST(hosts.client_told().ends.size() == requests);
  for (const auto& end : hosts.client_told().ends) {
    BOOST_CHECK(end.reason == telemetry::Reason::reset_by_local);
    BOOST_CHECK(end.flow.source.address == kClient);
    BOOST_TEST(end.flow.source.port >= 32768);
    BOOST_CHECK(end.flow.destination == parameters.destination);
  }
}

BOOST_FIXTURE_TEST_CASE(requests_come_over_ipv6_too, World) {
  parameters.destination.address = kServer6;
  start(kClient6);
  const auto requests = run_to_the_end();
  BOOST_TEST(client->counters().responses == requests);
}

// FTC-05, row 15: the server's TIME_WAIT lets a higher sequence number in.
BOOST_FIXTURE_TEST_CASE(a_hard_coded_source_port_reuses_the_servers_time_wait, World) {
  parameters.source_port = 5555;
  parameters.closes = Closer::server;
  parameters.rate_per_second = 10;
  start();
  const auto requests = run_to_the_end();
  BOOST_TEST(client->counters().responses == requests);
  BOOST_TEST(becomes_true([&] { return server_sockets(socket_state::time_wait) == 1; }));
}
