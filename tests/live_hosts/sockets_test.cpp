// The contract of host::Sockets on the kernel's sockets, call by call.
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include "models/net/packet_view.hpp"
#include "models/workload/pattern.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/live_hosts/kernel_hosts.hpp"
#include "tests/live_hosts/socket_list.hpp"

using namespace elblab;
using namespace elblab::live;
using namespace elblab::live::testing;
using namespace std::chrono_literals;
using host::ConnectResult;
using host::ListenerId;
using host::SocketError;
using host::SocketId;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

namespace {

constexpr Duration kLimit = 20s;

// An application that keeps what it hears.
class App final : public host::SocketEvents {
 public:
  explicit App(host::Sockets& of) : sockets(of) {}

  void connected(SocketId, Instant) override { ++connected_count; }
  void acceptable(ListenerId listener, Instant now) override {
    ++acceptable_count;
    if (accept_at_once) accepted.push_back(sockets.accept(listener, *this, now));
  }
  void received(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) override {
    wrong_bytes += workload::matches_pattern(bytes, received_bytes) ? 0 : 1;
    received_bytes += bytes.size();
    if (on_received) on_received(socket, now);
  }
  void peer_finished(SocketId, Instant) override { ++finished_count; }
  void sent_all(SocketId, Instant) override { ++sent_all_count; }
  void closed(SocketId socket, SocketError error, Instant) override {
    closed_ids.push_back(socket);
    errors.push_back(error);
  }
  void datagram(SocketId, const net::Endpoint& from, std::span<const std::uint8_t> bytes,
                Instant) override {
    last_from = from;
    datagrams.emplace_back(bytes.begin(), bytes.end());
  }

  host::Sockets& sockets;
  bool accept_at_once = true;
  std::function<void(SocketId, Instant)> on_received;
  std::vector<SocketId> accepted;
  std::vector<SocketId> closed_ids;
  std::vector<SocketError> errors;
  std::vector<std::vector<std::uint8_t>> datagrams;
  net::Endpoint last_from;
  std::uint64_t received_bytes = 0;
  int wrong_bytes = 0;
  int connected_count = 0;
  int acceptable_count = 0;
  int finished_count = 0;
  int sent_all_count = 0;
};

struct Scene {
  bool becomes_true(const std::function<bool()>& condition) {
    return hosts.run_until(condition, kLimit);
  }
  SocketId connect() {
    const ConnectResult made =
        hosts.client().connect({kClient, 0}, {kServer, 80}, client, hosts.now());
    BOOST_REQUIRE(made.error == SocketError::none);
    return made.socket;
  }
  // An established connection: the client's socket, and the server's in server.accepted.
  SocketId establish() {
    const auto before = server.accepted.size();
    const SocketId socket = connect();
    BOOST_REQUIRE(becomes_true(
        [&] { return client.connected_count > 0 && server.accepted.size() > before; }));
    return socket;
  }
  std::size_t both(std::string_view state) const {
    return sockets_in_state(hosts.client_network(), state) +
           sockets_in_state(hosts.server_network(), state);
  }

  KernelHosts hosts;
  App client{hosts.client()};
  App server{hosts.server()};
  std::optional<ListenerId> listener = hosts.server().listen({{}, 80, 16}, server, hosts.now());
};

void check_ends(const App& app, std::initializer_list<SocketError> errors) {
  BOOST_CHECK(app.errors == std::vector<SocketError>(errors));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(endpoints_are_those_of_the_connection, Scene) {
  const SocketId socket = establish();
  const auto local = hosts.client().local_endpoint(socket);
  BOOST_REQUIRE(local.has_value());
  BOOST_CHECK(local->address == kClient);
  BOOST_CHECK((hosts.client().peer_endpoint(socket) == net::Endpoint{kServer, 80}));
  const SocketId at_server = server.accepted.front();
  BOOST_CHECK(hosts.server().peer_endpoint(at_server) == local);
  BOOST_CHECK((hosts.server().local_endpoint(at_server) == net::Endpoint{kServer, 80}));
}

BOOST_FIXTURE_TEST_CASE(a_half_closed_connection_carries_data_back_and_ends_in_order, Scene) {
  const SocketId socket = establish();
  hosts.client().send_pattern(socket, 1000, hosts.now());
  hosts.client().shutdown(socket, hosts.now());
  BOOST_CHECK(hosts.client().send_pattern(socket, 1, hosts.now()) == SocketError::not_connected);
  BOOST_REQUIRE(becomes_true([&] { return server.finished_count == 1; }));
  BOOST_TEST(server.received_bytes == 1000U);
  hosts.server().send_pattern(server.accepted.front(), 2'000'000, hosts.now());
  hosts.server().shutdown(server.accepted.front(), hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return client.finished_count == 1; }));
  BOOST_TEST(client.received_bytes == 2'000'000U);
  BOOST_TEST(client.wrong_bytes == 0);
  // Neither called close(): the kernel is through, and both are told once.
  BOOST_REQUIRE(becomes_true([&] { return client.errors.size() + server.errors.size() == 2; }));
  check_ends(client, {SocketError::none});
  check_ends(server, {SocketError::none});
  BOOST_TEST(server.sent_all_count == 1);
}

// More than is read at a time, and the connection is over in the kernel when the reader wakes up.
BOOST_FIXTURE_TEST_CASE(a_connection_that_is_over_is_still_read_to_its_end, Scene) {
  constexpr std::uint64_t kMuch = 1'000'000;
  hosts.set_client_sysctl("net/ipv4/tcp_rmem", "4096 6000000 6000000");
  const SocketId socket = establish();
  hosts.client().shutdown(socket, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.finished_count == 1; }));
  hosts.client_sleeps = true;
  hosts.server().send_pattern(server.accepted.front(), kMuch, hosts.now());
  hosts.server().shutdown(server.accepted.front(), hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.errors.size() == 1; }));
  hosts.client_sleeps = false;
  BOOST_REQUIRE(becomes_true([&] { return client.errors.size() == 1; }));
  BOOST_TEST(client.received_bytes == kMuch);
  BOOST_TEST(client.wrong_bytes == 0);
  BOOST_TEST(client.finished_count == 1);
  check_ends(client, {SocketError::none});
}

BOOST_FIXTURE_TEST_CASE(what_is_sent_before_the_handshake_is_over_arrives_after_it, Scene) {
  const SocketId socket = connect();
  const std::vector<std::uint8_t> first{0, 1, 2, 3};
  BOOST_CHECK(hosts.client().send(socket, first, hosts.now()) == SocketError::none);
  BOOST_CHECK(hosts.client().send_pattern(socket, 5'000'000, hosts.now()) == SocketError::none);
  BOOST_REQUIRE(becomes_true([&] { return server.received_bytes == 5'000'004; }));
  BOOST_TEST(server.wrong_bytes == 0);
  BOOST_REQUIRE(becomes_true([&] { return client.sent_all_count == 1; }));
}

BOOST_FIXTURE_TEST_CASE(close_sends_what_is_queued_before_the_fin, Scene) {
  const SocketId socket = establish();
  hosts.client().send_pattern(socket, 20'000'000, hosts.now());
  hosts.client().close(socket, hosts.now());
  BOOST_CHECK(!hosts.client().local_endpoint(socket).has_value());
  BOOST_REQUIRE(becomes_true([&] { return server.finished_count == 1; }));
  BOOST_TEST(server.received_bytes == 20'000'000U);
  BOOST_TEST(server.wrong_bytes == 0);
  BOOST_REQUIRE(becomes_true([&] { return client.errors.size() == 1; }));
  check_ends(client, {SocketError::none});
}

BOOST_FIXTURE_TEST_CASE(data_for_a_closed_socket_is_answered_by_reset, Scene) {
  const SocketId socket = establish();
  hosts.client().close(socket, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.finished_count == 1; }));
  hosts.server().send_pattern(server.accepted.front(), 100, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.errors.size() == 1; }));
  check_ends(server, {SocketError::not_connected});  // EPIPE, as the client's FIN came first
  check_ends(client, {SocketError::none});
  BOOST_TEST(client.received_bytes == 0U);
}

BOOST_FIXTURE_TEST_CASE(abort_resets_and_leaves_nothing, Scene) {
  const SocketId socket = establish();
  hosts.client().send_pattern(socket, 1000, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.received_bytes == 1000; }));
  hosts.client().abort(socket, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.errors.size() == 1; }));
  check_ends(server, {SocketError::connection_reset});
  check_ends(client, {SocketError::none});
  BOOST_CHECK(hosts.client().send_pattern(socket, 1, hosts.now()) == SocketError::not_connected);
  for (const auto state : socket_state::open) BOOST_TEST(both(state) == 0U);
  BOOST_TEST(both(socket_state::time_wait) == 0U);
}

BOOST_FIXTURE_TEST_CASE(data_that_came_before_a_reset_is_delivered_first, Scene) {
  const SocketId socket = establish();
  // Both reach the server's kernel before its sockets are looked at again.
  int carried = 0;
  hosts.carry = [&](KernelHosts::Towards towards, std::span<std::uint8_t>, Instant) {
    return towards == KernelHosts::Towards::server ? ++carried > 0 : true;
  };
  hosts.client().send_pattern(socket, 1000, hosts.now());
  hosts.client().abort(socket, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.errors.size() == 1; }));
  BOOST_TEST(carried == 2);
  BOOST_TEST(server.received_bytes == 1000U);
  check_ends(server, {SocketError::connection_reset});
}

BOOST_FIXTURE_TEST_CASE(closed_is_the_last_call_and_comes_from_handle_only, Scene) {
  const SocketId socket = establish();
  hosts.client().close(socket, hosts.now());
  BOOST_TEST(client.errors.empty());
  BOOST_CHECK(hosts.client().next_deadline() <= hosts.now());
  hosts.client().handle(hosts.now());
  check_ends(client, {SocketError::none});
  BOOST_CHECK(hosts.client().next_deadline() == kNever);
  hosts.client().close(socket, hosts.now());
  hosts.client().handle(hosts.now());
  BOOST_TEST(client.errors.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(an_application_may_close_from_inside_a_callback, Scene) {
  server.on_received = [&](SocketId socket, Instant now) {
    hosts.server().send_pattern(socket, 100, now);
    hosts.server().close(socket, now);
  };
  const SocketId socket = establish();
  hosts.client().send_pattern(socket, 10, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return client.finished_count == 1; }));
  BOOST_TEST(client.received_bytes == 100U);
  check_ends(server, {SocketError::none});
}

BOOST_FIXTURE_TEST_CASE(socket_ids_are_never_given_twice, Scene) {
  std::vector<SocketId> ids;
  for (int i = 0; i < 50; ++i) {
    ids.push_back(connect());
    hosts.client().abort(ids.back(), hosts.now());
  }
  std::sort(ids.begin(), ids.end());
  BOOST_CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

BOOST_FIXTURE_TEST_CASE(each_connection_is_announced_and_waits_until_it_is_accepted, Scene) {
  server.accept_at_once = false;
  for (int i = 0; i < 5; ++i) connect();
  BOOST_REQUIRE(becomes_true([&] { return client.connected_count == 5; }));
  BOOST_REQUIRE(becomes_true([&] { return server.acceptable_count == 5; }));
  BOOST_TEST(hosts.server().accept_queue_length(*listener) == 5U);
  for (int left = 5; left > 0; --left) {
    BOOST_TEST(hosts.server().accept(*listener, server, hosts.now()) != 0U);
    BOOST_TEST(hosts.server().accept_queue_length(*listener) == static_cast<std::size_t>(left - 1));
  }
  BOOST_TEST(hosts.server().accept(*listener, server, hosts.now()) == 0U);
  connect();
  BOOST_REQUIRE(becomes_true([&] { return server.acceptable_count == 6; }));
}

// golden cases 20c and 20d
BOOST_FIXTURE_TEST_CASE(a_connection_reset_in_the_accept_queue_is_handed_out, Scene) {
  server.accept_at_once = false;
  const SocketId socket = connect();
  BOOST_REQUIRE(becomes_true([&] { return server.acceptable_count == 1; }));
  hosts.client().send_pattern(socket, 10, hosts.now());
  hosts.client().abort(socket, hosts.now());
  BOOST_REQUIRE(becomes_true(
      [&] { return sockets_in_state(hosts.server_network(), socket_state::established) == 0; }));
  BOOST_TEST(hosts.server().accept_queue_length(*listener) == 1U);
  BOOST_TEST(hosts.server().accept(*listener, server, hosts.now()) != 0U);
  BOOST_TEST(server.errors.empty());
  BOOST_REQUIRE(becomes_true([&] { return server.errors.size() == 1; }));
  BOOST_TEST(server.received_bytes == 10U);
  check_ends(server, {SocketError::connection_reset});
}

BOOST_FIXTURE_TEST_CASE(a_listener_that_stops_resets_what_waits_and_frees_its_port, Scene) {
  server.accept_at_once = false;
  connect();
  BOOST_REQUIRE(becomes_true([&] { return server.acceptable_count == 1; }));
  BOOST_CHECK(!hosts.server().listen({{}, 80, 16}, server, hosts.now()).has_value());
  hosts.server().stop_listening(*listener, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return client.errors.size() == 1; }));
  check_ends(client, {SocketError::connection_reset});
  connect();
  BOOST_REQUIRE(becomes_true([&] { return client.errors.size() == 2; }));
  BOOST_CHECK(client.errors.back() == SocketError::connection_refused);
  BOOST_CHECK(hosts.server().listen({{}, 80, 16}, server, hosts.now()).has_value());
}

BOOST_FIXTURE_TEST_CASE(calls_for_what_is_not_there_are_refused, Scene) {
  BOOST_CHECK(!hosts.server().listen({kClient, 81, 16}, server, hosts.now()).has_value());
  BOOST_CHECK(!hosts.server().listen({{}, 0, 16}, server, hosts.now()).has_value());
  BOOST_TEST(hosts.server().accept(77, server, hosts.now()) == 0U);
  BOOST_CHECK(hosts.client().send_pattern(12345, 1, hosts.now()) == SocketError::not_connected);
  const auto not_ours = hosts.client().connect({kServer, 0}, {kServer, 80}, client, hosts.now());
  BOOST_CHECK(not_ours.error == SocketError::address_not_available);
  const auto mixed = hosts.client().connect({kClient6, 0}, {kServer, 80}, client, hosts.now());
  BOOST_CHECK(mixed.error == SocketError::address_not_available);
  BOOST_TEST(mixed.socket == 0U);
}

// The five-tuple is taken: a second connection cannot have it (FTC-05).
BOOST_FIXTURE_TEST_CASE(a_hard_coded_port_in_use_for_the_destination_is_refused, Scene) {
  const auto make = [&](std::uint16_t port) {
    return hosts.client().connect({kClient, 5000}, {kServer, port}, client, hosts.now()).error;
  };
  BOOST_CHECK(make(80) == SocketError::none);
  BOOST_CHECK(make(80) == SocketError::address_not_available);
  BOOST_CHECK(make(81) == SocketError::none);
}

// tcp_syn_retries 0 and linear timeouts 0: the kernel gives up by itself after a second.
BOOST_FIXTURE_TEST_CASE(a_connect_that_nobody_answers_times_out_by_the_kernels_rules, Scene) {
  hosts.set_client_sysctl("net/ipv4/tcp_syn_retries", "1");
  hosts.set_client_sysctl("net/ipv4/tcp_syn_linear_timeouts", "0");
  hosts.carry = [](KernelHosts::Towards, std::span<std::uint8_t>, Instant) { return false; };
  connect();
  BOOST_REQUIRE(becomes_true([&] { return client.errors.size() == 1; }));
  check_ends(client, {SocketError::timed_out});
  BOOST_REQUIRE(hosts.client_told().ends.size() == 1U);
  BOOST_CHECK(hosts.client_told().ends.front().reason == telemetry::Reason::timed_out);
}

BOOST_FIXTURE_TEST_CASE(a_server_answers_datagrams_from_the_address_that_was_asked, Scene) {
  const auto service = hosts.server().open_udp({{}, 53}, std::nullopt, server, hosts.now());
  BOOST_REQUIRE(service.error == SocketError::none);
  const std::vector<std::uint8_t> question{1, 2, 3};
  for (const net::IpAddress& asked : {kServerSecond, kServer, kServer6}) {
    const net::IpAddress from = asked.is_v4() ? kClient : kClient6;
    const auto opened = hosts.client().open_udp({from, 0}, std::nullopt, client, hosts.now());
    BOOST_REQUIRE(opened.error == SocketError::none);
    server.datagrams.clear();
    client.datagrams.clear();
    hosts.client().send_datagram(opened.socket, {asked, 53}, question, hosts.now());
    BOOST_REQUIRE(becomes_true([&] { return server.datagrams.size() == 1; }));
    BOOST_CHECK(server.last_from.address == from);
    hosts.server().send_datagram(service.socket, server.last_from, question, hosts.now());
    BOOST_REQUIRE(becomes_true([&] { return client.datagrams.size() == 1; }));
    BOOST_CHECK((client.last_from == net::Endpoint{asked, 53}));
    BOOST_CHECK(client.datagrams.front() == question);
  }
}

BOOST_FIXTURE_TEST_CASE(a_connected_socket_hears_of_a_closed_port_and_an_unconnected_does_not,
                        Scene) {
  const std::vector<std::uint8_t> question{1};
  const net::Endpoint nobody{kServer, 54};
  const auto loose = hosts.client().open_udp({kClient, 0}, std::nullopt, client, hosts.now());
  hosts.client().send_datagram(loose.socket, nobody, question, hosts.now());
  const auto bound = hosts.client().open_udp({kClient, 0}, nobody, client, hosts.now());
  hosts.client().send_datagram(bound.socket, {}, question, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return client.errors.size() == 1; }));
  BOOST_TEST(client.closed_ids.front() == bound.socket);
  check_ends(client, {SocketError::connection_refused});
  BOOST_CHECK(hosts.client().send_datagram(bound.socket, {}, question, hosts.now()) ==
              SocketError::not_connected);
  BOOST_CHECK(hosts.client().send_datagram(loose.socket, nobody, question, hosts.now()) ==
              SocketError::none);
}

BOOST_FIXTURE_TEST_CASE(a_datagram_port_in_use_is_refused, Scene) {
  BOOST_CHECK(hosts.server().open_udp({{}, 53}, std::nullopt, server, hosts.now()).error ==
              SocketError::none);
  BOOST_CHECK(hosts.server().open_udp({{}, 53}, std::nullopt, server, hosts.now()).error ==
              SocketError::address_in_use);
  BOOST_CHECK(hosts.server().open_udp({kClient, 55}, std::nullopt, server, hosts.now()).error ==
              SocketError::address_not_available);
}

// Both hosts share the process's descriptors. Connections wait in the queue until some are free.
BOOST_FIXTURE_TEST_CASE(without_descriptors_calls_fail_clearly_and_accepting_goes_on_later, Scene) {
  const SocketId waiting = connect();
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const ConnectResult refused =
      hosts.client().connect({kClient, 0}, {kServer, 80}, client, hosts.now());
  BOOST_CHECK(refused.error == SocketError::not_connected);
  BOOST_TEST(hosts.client().counters().out_of_descriptors == 1U);
  BOOST_TEST(hosts.client().counters().refused_locally == 0U);
  BOOST_REQUIRE(becomes_true([&] { return server.accepted.size() >= 2; }));  // in vain, each
  BOOST_CHECK(server.accepted.front() == 0U);
  BOOST_TEST(hosts.server().accept_queue_length(*listener) == 1U);
  setrlimit(RLIMIT_NOFILE, &before);
  BOOST_REQUIRE(becomes_true([&] { return server.accepted.back() != 0; }));
  hosts.client().send_pattern(waiting, 10, hosts.now());
  BOOST_REQUIRE(becomes_true([&] { return server.received_bytes == 10; }));
}

BOOST_FIXTURE_TEST_CASE(the_limit_of_descriptors_is_raised, Scene) {
  rlimit limit{};
  BOOST_REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  BOOST_TEST(limit.rlim_cur == limit.rlim_max);
}
