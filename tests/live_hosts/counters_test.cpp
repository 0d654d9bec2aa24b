// The counters of a kernel host: against the kernel's own lists of sockets, against the packets
// that the test carried, and against what the connection watch made of those.
#include <boost/test/unit_test.hpp>

#include "live/hosts/kernel_counters.hpp"
#include "models/middlebox/sequence_randomizer.hpp"
#include "models/observation/connection_watch.hpp"
#include "models/workload/make_application.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/live_hosts/kernel_hosts.hpp"
#include "tests/live_hosts/socket_list.hpp"

using namespace elblab;
using namespace elblab::live;
using namespace elblab::live::testing;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::HostCounters;
using observation::ConnectionWatch;
using telemetry::ConnectionRecord;
using telemetry::Reason;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

namespace {

constexpr Duration kLimit = 20s;

struct Rows final : telemetry::Recorder {
  void record(const telemetry::Event& event) override { events.push_back(event); }
  void record(const ConnectionRecord& connection) override { connections.push_back(connection); }
  void sample(telemetry::SeriesId, Instant, double) override {}
  std::vector<telemetry::Event> events;
  std::vector<ConnectionRecord> connections;
};

struct Traffic {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

// Hosts whose links are watched; everything that is carried is counted.
struct Watched {
  Watched() {
    must(client_counters.open(hosts.client_network(), "eth0"));
    must(server_counters.open(hosts.server_network(), "eth0"));
    // As in workloads_test.cpp: a busy machine must not end TIME_WAIT.
    hosts.set_client_sysctl("net/ipv4/tcp_rfc1337", "1");
    hosts.set_server_sysctl("net/ipv4/tcp_rfc1337", "1");
    hosts.carry = [this](KernelHosts::Towards towards, std::span<std::uint8_t> packet,
                         Instant now) {
      const bool to_server = towards == KernelHosts::Towards::server;
      Traffic& traffic = to_server ? from_client : from_server;
      ++traffic.packets;
      traffic.bytes += packet.size();
      (to_server ? client_watch : server_watch).sent(packet, now);
      if (lose && lose(towards)) return false;
      (to_server ? server_watch : client_watch).received(packet, now);
      return true;
    };
    parameters.destination = {kServer, 80};
    parameters.rate_per_second = 200;
    service.port = 80;
  }

  void start() {
    parameters.begin = hosts.now();
    parameters.end = parameters.begin + 500ms;
    server = make_server(service, hosts.server());
    client = make_client(parameters, hosts.client(), kClient, random::Stream(1, "load"));
    hosts.start(*server, parameters.begin);
    hosts.start(*client, parameters.begin);
  }
  void run_to_the_end() {
    BOOST_REQUIRE(hosts.run_until([&] { return client->next_deadline() == kNever; }, kLimit));
  }
  const HostCounters& client_now() {
    return client_counters.sample(hosts.client().counters(), client_watch.counters());
  }
  const HostCounters& server_now() {
    return server_counters.sample(hosts.server().counters(), server_watch.counters());
  }

  Rows client_rows;
  Rows server_rows;
  ConnectionWatch client_watch{{.object = 1}, client_rows};
  ConnectionWatch server_watch{{.object = 2}, server_rows};
  std::function<bool(KernelHosts::Towards)> lose;
  Traffic from_client;
  Traffic from_server;
  KernelHosts hosts{client_watch, server_watch};
  KernelCounters client_counters;
  KernelCounters server_counters;
  ClientParameters parameters;
  ServerParameters service;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
};

void check_gauges(const HostCounters& counters, const NetworkNamespace& network) {
  BOOST_TEST(counters.established == sockets_in_state(network, socket_state::established));
  BOOST_TEST(counters.syn_received == sockets_in_state(network, socket_state::syn_received));
  BOOST_TEST(counters.time_wait == sockets_in_state(network, socket_state::time_wait));
  std::size_t open = 0;
  for (const auto state : socket_state::open) open += sockets_in_state(network, state);
  BOOST_TEST(counters.open == open);
}

std::size_t count(const Rows& rows, Reason reason) {
  return static_cast<std::size_t>(
      std::count_if(rows.connections.begin(), rows.connections.end(),
                    [reason](const ConnectionRecord& record) { return record.reason == reason; }));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(packets_and_bytes_are_those_that_the_link_carried, Watched) {
  parameters.request_bytes = 5000;
  start();
  run_to_the_end();
  const auto quiet = [&] {
    return client_now().time_wait == client->counters().responses && server_now().open == 0;
  };
  BOOST_REQUIRE(hosts.run_until(quiet, kLimit));
  const HostCounters& c = client_now();
  BOOST_TEST(c.packets_out == from_client.packets);
  BOOST_TEST(c.bytes_out == from_client.bytes);
  BOOST_TEST(c.packets_in == from_server.packets);
  BOOST_TEST(c.bytes_in == from_server.bytes);
  const HostCounters& s = server_now();
  BOOST_TEST(s.packets_out == from_server.packets);
  BOOST_TEST(s.bytes_in == from_client.bytes);
}

BOOST_FIXTURE_TEST_CASE(gauges_are_what_the_kernel_lists, Watched) {
  parameters.closes = Closer::server;
  service.backlog = 4;
  service.accepts_per_second = 20;
  parameters.request_timeout = 60s;
  start();
  // Established, half-open (row 21), TIME_WAIT at the server: all at once.
  const auto mixed = [&] {
    const HostCounters& s = server_now();
    return s.established > 0 && s.syn_received > 0 && s.time_wait > 0 && s.listen_overflows > 0;
  };
  BOOST_REQUIRE(hosts.run_until(mixed, kLimit));
  check_gauges(server_now(), hosts.server_network());
  check_gauges(client_now(), hosts.client_network());
  BOOST_TEST(server_now().accept_queue == hosts.server().accept_queue_length(1));
  BOOST_TEST(server_now().accept_queue_limit == 5U);
  BOOST_TEST(client_now().accept_queue_limit == 0U);
}

BOOST_FIXTURE_TEST_CASE(syns_that_are_sent_again_are_counted_apart, Watched) {
  unsigned lost = 0;
  lose = [&](KernelHosts::Towards towards) {
    return towards == KernelHosts::Towards::server && lost++ == 0;
  };
  parameters.rate_per_second = 1;
  start();
  BOOST_REQUIRE(hosts.run_until([&] { return client->counters().responses == 1; }, kLimit));
  BOOST_TEST(client_now().syn_retransmissions == 1U);
  BOOST_TEST(client_now().retransmissions == 1U);
  BOOST_TEST(server_now().syn_retransmissions == 0U);
}

// A client that finishes first and waits: the server's end is in CLOSE_WAIT, its own in FIN_WAIT_2.
BOOST_FIXTURE_TEST_CASE(half_closed_connections_are_open_and_not_established, Watched) {
  struct Silent final : host::SocketEvents {
    explicit Silent(host::Sockets& of) : sockets(of) {}
    void acceptable(host::ListenerId listener, Instant now) override {
      sockets.accept(listener, *this, now);
    }
    void connected(host::SocketId socket, Instant now) override { sockets.shutdown(socket, now); }
    void peer_finished(host::SocketId, Instant) override { ++finished; }
    host::Sockets& sockets;
    int finished = 0;
  };
  Silent at_client(hosts.client());
  Silent at_server(hosts.server());
  BOOST_REQUIRE(hosts.server().listen({{}, 80, 16}, at_server, hosts.now()).has_value());
  const auto made = hosts.client().connect({kClient, 0}, {kServer, 80}, at_client, hosts.now());
  BOOST_REQUIRE(hosts.run_until([&] { return at_server.finished == 1; }, kLimit));
  BOOST_REQUIRE(hosts.run_until(
      [&] { return sockets_in_state(hosts.client_network(), socket_state::fin_wait_2) == 1; },
      kLimit));
  BOOST_TEST(server_now().established == 0U);
  BOOST_TEST(server_now().open == 1U);
  BOOST_TEST(client_now().established == 0U);
  BOOST_TEST(client_now().open == 1U);
  BOOST_TEST(client_watch.counters().open == 1U);
  BOOST_TEST(client_watch.counters().established == 0U);
  // An orphan is kept among the kernel's TIME_WAITs, and is none.
  hosts.client().close(made.socket, hosts.now());
  BOOST_TEST(hosts.run_until([&] { return client_now().open == 1; }, kLimit));
  BOOST_TEST(client_now().time_wait == 0U);
}

BOOST_AUTO_TEST_CASE(the_watch_tells_of_connections_what_the_kernel_counts) {
  for (const CloseWith with : {CloseWith::fin, CloseWith::rst}) {
    for (const Closer closer : {Closer::client, Closer::server}) {
      // A lost RST is not sent again: its connection would stay.
      for (const bool loss : {false, with == CloseWith::fin}) {
        BOOST_TEST_CONTEXT("rst " << (with == CloseWith::rst) << " server closes "
                                  << (closer == Closer::server) << " loss " << loss) {
          Watched world;
          std::uint64_t carried = 0;
          // Every 29th packet while the load lasts, so that the ends of all arrive.
          if (loss) {
            world.lose = [&](KernelHosts::Towards) {
              return world.hosts.now() < world.parameters.end && ++carried % 29 == 0;
            };
          }
          world.parameters.closes = closer;
          world.parameters.close_with = with;
          world.parameters.response_bytes = 10'000;
          world.start();
          world.run_to_the_end();
          BOOST_REQUIRE(world.hosts.run_until(
              [&] { return world.client_now().open + world.server_now().open == 0; }, kLimit));
          BOOST_TEST(world.client->counters().failures() == 0U);
          for (const bool client_side : {true, false}) {
            const HostCounters& wire =
                (client_side ? world.client_watch : world.server_watch).counters();
            // What the kernel has counted may still be on its way to the watch.
            for (const auto counter :
                 {&HostCounters::connections_opened, &HostCounters::connections_established,
                  &HostCounters::connections_accepted, &HostCounters::connections_failed,
                  &HostCounters::resets_sent, &HostCounters::retransmissions,
                  &HostCounters::time_wait, &HostCounters::open}) {
              const auto kernel = [&] {
                return (client_side ? world.client_now() : world.server_now()).*counter;
              };
              world.hosts.run_until([&] { return wire.*counter == kernel(); }, kLimit);
              // What a ring had no room for never came to the watch; and what is repeated while
              // the last acknowledgement is on its way finds the connection gone.
              const std::uint64_t unseen =
                  world.hosts.overrun() + (counter == &HostCounters::retransmissions ? 5 : 0);
              const std::uint64_t told = wire.*counter;
              BOOST_TEST(told <= kernel());
              BOOST_TEST(told + unseen >= kernel());
            }
          }
          BOOST_TEST(world.client_rows.connections.size() == world.client->counters().requests);
          BOOST_TEST(world.server_rows.connections.size() == world.client->counters().requests);
        }
      }
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_port_range_used_up_is_recorded_without_a_packet, Watched) {
  hosts.set_client_sysctl("net/ipv4/ip_local_port_range", "40000 40009");
  start();
  run_to_the_end();
  const std::uint64_t refused = client->counters().refused_locally;
  BOOST_TEST(refused > 50U);
  BOOST_TEST(client_now().refused_locally == refused);
  BOOST_TEST(client_watch.counters().refused_locally == refused);
  BOOST_TEST(count(client_rows, Reason::address_not_available) == refused);
  BOOST_TEST(client_now().connections_opened == 10U);
}

BOOST_FIXTURE_TEST_CASE(attempts_given_up_are_recorded_by_what_the_sockets_tell, Watched) {
  lose = [](KernelHosts::Towards towards) { return towards == KernelHosts::Towards::server; };
  parameters.request_timeout = 200ms;
  start();
  run_to_the_end();
  const std::uint64_t requests = client->counters().requests;
  BOOST_TEST(count(client_rows, Reason::reset_by_local) == requests);
  BOOST_TEST(client_watch.counters().connections_failed == requests);
  BOOST_TEST(client_now().connections_failed == requests);
}

BOOST_FIXTURE_TEST_CASE(a_closed_udp_port_counts_its_unreachables, Watched) {
  parameters.kind = Kind::datagrams;
  parameters.request_timeout = 500ms;
  service.udp = true;
  service.listening = false;
  start();
  run_to_the_end();
  const HostCounters& s = server_now();
  BOOST_TEST(client_now().udp_sent == client->counters().requests);
  BOOST_TEST(s.udp_received == 0U);
  BOOST_TEST(s.dropped[static_cast<std::size_t>(Reason::port_closed)] ==
             client->counters().requests);
  BOOST_TEST(s.icmp_unreachable_sent + s.icmp_rate_limited == client->counters().requests);
}

// TW-11: a Linux client behind the box, one hard-coded port, a server that closes first. About half
// of its SYNs meet TIME_WAIT with a lower number; the RST that answers the ACK clears it (rows 14,
// 4, 16).
BOOST_AUTO_TEST_CASE(behind_a_randomizer_syns_are_refused_by_time_wait) {
  for (const bool randomized : {false, true}) {
    Watched world;
    middlebox::SequenceRandomizer box(random::Stream(3, "box"));
    const auto watch = world.hosts.carry;
    if (randomized) {
      world.hosts.carry = [&](KernelHosts::Towards towards, std::span<std::uint8_t> packet,
                              Instant now) {
        const bool to_server = towards == KernelHosts::Towards::server;
        if (to_server) box.outbound(packet);
        const bool kept = watch(towards, packet, now);
        if (!to_server) box.inbound(packet);
        return kept;
      };
    }
    world.hosts.set_client_sysctl("net/ipv4/tcp_timestamps", "0");
    world.hosts.set_server_sysctl("net/ipv4/tcp_rfc1337", "0");
    world.parameters.source_port = 5555;
    world.parameters.closes = Closer::server;
    world.parameters.rate_per_second = 40;
    world.start();
    world.run_to_the_end();
    const std::uint64_t responses = world.client->counters().responses;
    // On a busy machine the one before may not be over yet: its five-tuple is in use then.
    BOOST_TEST(responses + world.client->counters().refused_locally ==
               world.client->counters().requests);
    const HostCounters& s = world.server_watch.counters();
    BOOST_TEST(s.time_wait_reused > 0U);
    BOOST_TEST(s.time_wait_reused + s.time_wait_refused < responses);
    BOOST_TEST((s.time_wait_refused > 0) == randomized);
    const auto told = [&rows = world.server_rows](telemetry::EventKind kind) {
      return static_cast<std::uint64_t>(
          std::count_if(rows.events.begin(), rows.events.end(),
                        [kind](const telemetry::Event& event) { return event.kind == kind; }));
    };
    BOOST_TEST(told(telemetry::EventKind::time_wait_reused) == s.time_wait_reused);
    BOOST_TEST(told(telemetry::EventKind::time_wait_refused) == s.time_wait_refused);
  }
}
