// The arithmetic of margins, on figures reckoned by hand.
#include <boost/test/unit_test.hpp>

#include "scenarios/random/resources.hpp"

using namespace elblab::random_scenarios;

namespace {

Lane lane_of(LoadKind kind, double rate) {
  Lane lane;
  lane.name = "web";
  lane.load.kind = kind;
  lane.load.rate = rate;
  lane.load.windows = {{0, 100}};
  lane.clients.wire.delay = 0.004;
  lane.servers.wire.delay = 0.001;
  return lane;
}

Use use_of(const Draft& draft, const std::string& resource) {
  for (const Use& use : uses_of(draft)) {
    if (use.resource == resource) return use;
  }
  BOOST_FAIL("no " << resource);
  return {};
}

Draft draft_of(const Lane& lane) {
  Draft draft;
  draft.lanes = {lane};
  return draft;
}

}  // namespace

// 100/s from 2 addresses, each port 60 s in TIME_WAIT: 3000 of 28,232 (BW-10).
BOOST_AUTO_TEST_CASE(ports_of_clients_rest_in_time_wait) {
  Lane lane = lane_of(LoadKind::short_connections, 100);
  lane.clients.addresses = 2;
  const Use use = use_of(draft_of(lane), "client_ports");
  BOOST_CHECK_CLOSE(use.least, 3000.0, 1e-6);
  BOOST_TEST(use.most > 3000.0);
  BOOST_TEST(use.most < 3010.0);
  BOOST_TEST(use.limit == 28'232.0);
  lane.load.server_closes = true;
  BOOST_TEST(use_of(draft_of(lane), "client_ports").most < 10.0);
}

// Users that are answered in no time think for 1 s; those who are not, for as long as they have
// patience and a second more.
BOOST_AUTO_TEST_CASE(users_ask_less_when_they_wait) {
  Lane lane = lane_of(LoadKind::users, 0);
  lane.load.connections = 60;
  lane.load.think_time = 0.98;
  lane.load.patience = 5;
  BOOST_CHECK_CLOSE(least_requests(lane), 10.0, 1e-6);
  BOOST_CHECK_CLOSE(answer_time(lane), 0.02, 1);
  BOOST_CHECK_CLOSE(most_requests(lane), 60.0, 1);
}

// 4 addresses x 100 ports x 3 servers; 50/s x (0.5 s hold + 2 s closed) = 125.
BOOST_AUTO_TEST_CASE(source_ports_are_held_until_the_balancer_forgets) {
  Lane lane = lane_of(LoadKind::short_connections, 50);
  lane.load.hold = 0.5;
  lane.servers.hosts = 3;
  Draft draft = draft_of(lane);
  draft.profile = "shared";
  draft.pool_ports = 100;
  const Use use = use_of(draft, "balancer_ports");
  BOOST_CHECK_CLOSE(use.least, 125.0, 1e-6);
  BOOST_TEST(use.most > 125.0);
  BOOST_TEST(use.limit == 1200.0);
  // Servers that see the client's address need none.
  draft.lanes[0].transfer_client_ip = true;
  for (const Use& other : uses_of(draft)) BOOST_TEST(other.resource != "balancer_ports");
}

// 120/s x 20 ms / 3 servers = 0.8 of 2 CPUs; 40/s of 50/s accepted.
BOOST_AUTO_TEST_CASE(servers_share_the_load_by_weight) {
  Lane lane = lane_of(LoadKind::short_connections, 120);
  lane.servers.hosts = 3;
  lane.servers.cpus = 2;
  lane.servers.cpu_time = 0.02;
  lane.servers.accept_rate = 50;
  BOOST_CHECK_CLOSE(use_of(draft_of(lane), "server_cpu").least, 0.8, 1e-6);
  BOOST_CHECK_CLOSE(use_of(draft_of(lane), "accept_queue").least_share(), 0.8, 1e-6);
  lane.servers.weights = {1, 1, 2};
  BOOST_CHECK_CLOSE(use_of(draft_of(lane), "server_cpu").most, 1.2, 1e-6);
}

// 1472 B + 28 B of headers: 12,000 bits, 100 times a second.
BOOST_AUTO_TEST_CASE(datagrams_take_bandwidth_by_their_packets) {
  Lane lane = lane_of(LoadKind::datagrams, 100);
  lane.load.request = 72;
  lane.load.response = 1472;
  Draft draft = draft_of(lane);
  draft.eip = Eip{2e6, {}, {}};
  BOOST_CHECK_CLOSE(use_of(draft, "bandwidth_out").least, 1.2e6, 1e-6);
  BOOST_CHECK_CLOSE(use_of(draft, "bandwidth_out").most, 1.2e6, 1e-6);
  BOOST_CHECK_CLOSE(use_of(draft, "bandwidth_in").most, 80e3, 1e-6);
  // A change counts by the smaller one.
  draft.bandwidth_change = BandwidthChange{10, 1e6, lane.name};
  BOOST_TEST(use_of(draft, "bandwidth_out").limit == 1e6);
}

// A segment of payload and headers between 40 and 60 B, and acknowledgements.
BOOST_AUTO_TEST_CASE(a_connection_takes_between_least_and_most_bytes) {
  Load load;
  load.request = 1448;
  load.response = 2896;
  const RequestBytes bytes = bytes_of(load);
  BOOST_TEST(bytes.least_in == 1448 + 40.0 * 4);   // SYN, ACK, request, FIN
  BOOST_TEST(bytes.least_out == 2896 + 40.0 * 4);  // SYN+ACK, 2 segments, FIN
  BOOST_TEST(bytes.most_in > bytes.least_in);
  BOOST_TEST(bytes.most_out > bytes.least_out);
}

BOOST_AUTO_TEST_CASE(lanes_share_the_address_only_while_both_are_loaded) {
  Lane one = lane_of(LoadKind::datagrams, 100);
  Lane other = one;
  other.name = "api";
  one.load.response = other.load.response = 972;  // 8000 bits with headers
  one.load.windows = {{0, 10}};
  other.load.windows = {{20, 10}};
  Draft draft;
  draft.eip = Eip{1e9, {}, {}};
  draft.lanes = {one, other};
  BOOST_CHECK_CLOSE(use_of(draft, "bandwidth_out").most, 0.8e6, 1e-6);
  draft.lanes[1].load.windows = {{5, 10}};
  BOOST_CHECK_CLOSE(use_of(draft, "bandwidth_out").most, 1.6e6, 1e-6);
}
