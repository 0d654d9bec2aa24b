// What the packets tell about two model hosts against what the hosts say of themselves.
#include "models/observation/connection_watch.hpp"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "models/workload/make_application.hpp"
#include "tests/host/scene.hpp"

using namespace elblab;
using namespace elblab::host;
using namespace elblab::host::testing;
using elblab::observation::ConnectionWatch;
using telemetry::ConnectionRecord;
using telemetry::Reason;
using workload::ClientParameters;
using workload::Closer;
using workload::CloseWith;
using workload::Kind;
using workload::ServerParameters;

namespace {

// A watch on each end of the wire.
struct Watched {
  explicit Watched(TwoHosts::Options options = {}) : world(with_boxes(std::move(options))) {}

  TwoHosts::Options with_boxes(TwoHosts::Options options) {
    client.emplace(ConnectionWatch::Options{.object = 1, .time_wait = options.time_wait},
                   client_rows);
    server.emplace(
        ConnectionWatch::Options{.object = 2,
                                 .time_wait = options.time_wait,
                                 .time_wait_protected = options.server_sysctls.tcp_rfc1337 != 0},
        server_rows);
    options.wire.leaving = [this](bool of_client, std::span<std::uint8_t> packet, Instant now) {
      (of_client ? client : server)->sent(packet, now);
    };
    options.wire.arriving = [this](bool of_client, std::span<std::uint8_t> packet, Instant now) {
      (of_client ? client : server)->received(packet, now);
    };
    return options;
  }

  Rows client_rows;
  Rows server_rows;
  std::optional<ConnectionWatch> client;
  std::optional<ConnectionWatch> server;
  TwoHosts world;
};

// One line per connection, in an order that does not depend on who ended first.
std::vector<std::string> lines(const std::vector<ConnectionRecord>& records) {
  std::vector<std::string> result;
  for (const ConnectionRecord& r : records) {
    // What was only refused on the spot is told by the sockets, not by packets.
    if (r.reason == Reason::address_not_available) continue;
    std::ostringstream line;
    line << r.flow.to_string()
         << (r.role == telemetry::ConnectionRole::client ? " client" : " server") << " opened "
         << r.opened_at.time_since_epoch().count() << " established "
         << r.established_at.time_since_epoch().count() << " closed "
         << r.closed_at.time_since_epoch().count() << ' ' << to_string(r.reason) << " sent "
         << r.bytes_sent << " received " << r.bytes_received << " repeated " << r.retransmissions
         << " object " << r.object;
    result.push_back(line.str());
  }
  std::sort(result.begin(), result.end());
  return result;
}

void check_same(const ConnectionWatch& watch, const Rows& seen, const Host& host, const Rows& own) {
  const HostCounters& w = watch.counters();
  const HostCounters& h = host.counters();
  BOOST_TEST(w.packets_in == h.packets_in);
  BOOST_TEST(w.packets_out == h.packets_out);
  BOOST_TEST(w.bytes_in == h.bytes_in);
  BOOST_TEST(w.bytes_out == h.bytes_out);
  BOOST_TEST(w.connections_opened == h.connections_opened);
  BOOST_TEST(w.connections_established == h.connections_established);
  BOOST_TEST(w.connections_accepted == h.connections_accepted);
  BOOST_TEST(w.connections_failed == h.connections_failed);
  BOOST_TEST(w.resets_sent == h.resets_sent);
  BOOST_TEST(w.resets_received == h.resets_received);
  BOOST_TEST(w.retransmissions == h.retransmissions);
  BOOST_TEST(w.time_wait_reused == h.time_wait_reused);
  BOOST_TEST(w.time_wait_refused == h.time_wait_refused);
  BOOST_TEST(w.time_wait == h.time_wait);
  BOOST_TEST(w.established == h.established);
  BOOST_TEST(w.syn_received == h.syn_received);
  BOOST_TEST(w.open == h.open);
  const auto expected = lines(own.connections);
  const auto found = lines(seen.connections);
  BOOST_TEST(found.size() == expected.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    if (found[i] == expected[i] || ++different > 5) continue;
    BOOST_TEST(found[i] == expected[i]);
  }
}

void check_both(Watched& watched) {
  watched.client->advance(watched.world.now());
  watched.server->advance(watched.world.now());
  BOOST_TEST_CONTEXT("client") {
    check_same(*watched.client, watched.client_rows, watched.world.client(),
               watched.world.client_rows());
  }
  BOOST_TEST_CONTEXT("server") {
    check_same(*watched.server, watched.server_rows, watched.world.server(),
               watched.world.server_rows());
  }
}

struct Load {
  ClientParameters client;
  ServerParameters server;
  Duration length = 5s;
};

Load short_connections() {
  Load load;
  load.client.rate_per_second = 200;
  load.client.end = kStart + 4s;
  load.server.port = 80;
  return load;
}

void run(Watched& watched, Load load) {
  TwoHosts& world = watched.world;
  load.client.destination = {world.server_address(), 80};
  const auto server = workload::make_server(load.server, world.server());
  const auto client = workload::make_client(load.client, world.client(), world.client_address(),
                                            random::Stream(1, "load"));
  server->start(world.now());
  client->start(world.now());
  const Instant end = world.now() + load.length;
  for (;;) {
    const Instant due = std::min(server->next_deadline(), client->next_deadline());
    const Instant next = std::min(due, world.next_event());
    if (next > end) break;
    // At one instant packets come first.
    world.run_until(std::max(next, world.now()));
    if (server->next_deadline() <= world.now()) server->advance(world.now());
    if (client->next_deadline() <= world.now()) client->advance(world.now());
  }
  world.run_until(end);
  BOOST_TEST(client->counters().requests > 0U);
}

}  // namespace

BOOST_AUTO_TEST_CASE(short_connections_are_told_as_the_hosts_tell_them) {
  for (const CloseWith with : {CloseWith::fin, CloseWith::rst}) {
    for (const Closer closer : {Closer::client, Closer::server}) {
      for (const std::uint64_t size : {1024, 100'000}) {
        BOOST_TEST_CONTEXT("rst " << (with == CloseWith::rst) << " server closes "
                                  << (closer == Closer::server) << " size " << size) {
          Load load = short_connections();
          load.client.closes = closer;
          load.client.close_with = with;
          load.client.response_bytes = size;
          Watched watched;
          run(watched, load);
          BOOST_TEST(watched.world.client_rows().connections.size() > 500U);
          check_both(watched);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(time_wait_ends_when_it_does_at_the_hosts) {
  Load load = short_connections();
  load.length = 62s;  // 60 s after some have closed, and before others
  load.client.end = kStart + 5s;
  Watched watched;
  run(watched, load);
  BOOST_TEST(watched.world.client().counters().time_wait > 0U);
  BOOST_TEST(watched.world.client().counters().time_wait < 800U);
  check_both(watched);
}

BOOST_AUTO_TEST_CASE(persistent_connections_are_told_as_the_hosts_tell_them) {
  Load load = short_connections();
  load.client.kind = Kind::persistent_connections;
  load.client.connections = 10;
  load.client.request_bytes = 3000;
  load.client.response_bytes = 20'000;
  for (const Duration length : {2s, 6s}) {  // open connections, and closed ones
    load.length = length;
    Watched watched;
    run(watched, load);
    check_both(watched);
  }
}

BOOST_AUTO_TEST_CASE(a_closed_port_is_told_as_the_hosts_tell_it) {
  Load load = short_connections();
  load.server.listening = false;
  Watched watched;
  run(watched, load);
  BOOST_TEST(watched.client->counters().connections_failed > 500U);
  check_both(watched);
}

BOOST_AUTO_TEST_CASE(datagrams_are_packets_and_no_connections) {
  Load load = short_connections();
  load.client.kind = Kind::datagrams;
  load.server.udp = true;
  Watched watched;
  run(watched, load);
  BOOST_TEST(watched.client->counters().packets_out > 500U);
  BOOST_TEST(watched.client_rows.connections.empty());
  check_both(watched);
}

// Rows 14 and 15: one hard-coded port, the server closes first.
BOOST_AUTO_TEST_CASE(syns_that_meet_time_wait_are_told_as_the_hosts_tell_them) {
  for (const auto& [isn, rfc1337] : {std::pair{InitialSequence::hashed_clock, 0},
                                     {InitialSequence::random, 0},
                                     {InitialSequence::random, 1}}) {
    TwoHosts::Options options;
    options.client_isn = isn;
    options.server_sysctls.tcp_rfc1337 = rfc1337;
    if (rfc1337 != 0) options.time_wait = 1500ms;  // nothing else ends it
    options.client_sysctls.tcp_timestamps = 0;
    Load load = short_connections();
    load.client.rate_per_second = 20;
    load.client.source_port = 5000;
    load.client.closes = Closer::server;
    Watched watched(options);
    run(watched, load);
    const HostCounters& told = watched.world.server().counters();
    if (rfc1337 == 0) BOOST_TEST(told.time_wait_reused > 10U);
    BOOST_TEST((told.time_wait_refused > (rfc1337 != 0 ? 1 : 10)) ==
               (isn == InitialSequence::random));
    check_both(watched);
    const auto events = [](const Rows& rows, telemetry::EventKind kind) {
      return std::count_if(rows.events.begin(), rows.events.end(),
                           [kind](const telemetry::Event& event) { return event.kind == kind; });
    };
    for (const auto kind :
         {telemetry::EventKind::time_wait_reused, telemetry::EventKind::time_wait_refused}) {
      BOOST_TEST(events(watched.server_rows, kind) == events(watched.world.server_rows(), kind));
    }
  }
}

// Rows 20 and 21: handshakes whose last ACK the server drops are not established.
BOOST_AUTO_TEST_CASE(a_full_accept_queue_is_told_as_the_hosts_tell_it) {
  Load load = short_connections();
  load.client.rate_per_second = 50;
  load.client.request_timeout = 60s;
  load.server.backlog = 4;
  load.server.accepts_per_second = 10;
  load.length = 40s;
  TwoHosts::Options options;
  options.server_sysctls.tcp_syncookies = 0;  // a cookie leaves no trace until it comes back
  Watched watched(options);
  run(watched, load);
  BOOST_TEST(watched.world.server().counters().listen_overflows > 10U);
  check_both(watched);
}

BOOST_AUTO_TEST_CASE(loss_duplication_and_reordering_change_nothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      TwoHosts::Options options;
      options.seed = seed;
      options.wire.loss = 0.02;
      options.wire.duplication = 0.02;
      options.wire.reordering = 0.05;
      options.v6 = seed % 2 == 0;
      Load load = short_connections();
      load.client.response_bytes = seed % 3 == 0 ? 60'000 : 5000;
      load.client.request_bytes = seed % 4 == 0 ? 30'000 : 300;
      load.client.closes = seed % 5 < 2 ? Closer::server : Closer::client;
      load.client.request_timeout = 100s;
      load.length = 30s;
      Watched watched(options);
      run(watched, load);
      check_both(watched);
    }
  }
}
