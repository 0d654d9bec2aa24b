// Who got how much: shares beside what the weights promise, and the matrix of clients and servers,
// against sums made while the rows were written.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "analysis/metrics/metrics.hpp"
#include "models/random/stream.hpp"
#include "tests/metrics/made_trace.hpp"

namespace elblab::metrics::test {
namespace {

namespace tt = boost::test_tools;

// Five seconds of even weights, 12 and 8 connections a second; then b1 is out, and 40 a second
// come.
void write_shares(MadeTrace& trace) {
  for (int second = 1; second <= 10; ++second) {
    const bool even = second <= 5;
    trace.sample("scheduled", "app/b1", second, even ? 12 : 0);
    trace.sample("scheduled", "app/b2", second, even ? 8 : 40);
    trace.sample("weight", "app/b1", second, even ? 100 : 0);
    trace.sample("weight", "app/b2", second, 100);
    trace.sample("served", "b1", second, even ? 12 : 0);
    trace.sample("served", "b2", second, 3 * (even ? 8 : 40));
    // Another group changes nothing of the first.
    trace.sample("scheduled", "api/b2", second, 7);
    trace.sample("weight", "api/b2", second, 1);
  }
}

telemetry::ConnectionRecord session(telemetry::ObjectId balancer, telemetry::ObjectId server,
                                    int client, std::uint64_t bytes) {
  telemetry::ConnectionRecord record;
  record.object = balancer;
  record.peer = server;
  record.role = telemetry::ConnectionRole::session;
  record.flow = {{net::IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(client)), 1024},
                 {net::IpAddress::v4(198, 51, 100, 10), 80},
                 net::Protocol::tcp};
  record.translated = record.flow;
  record.established_at = at(1);
  record.closed_at = at(2);
  record.bytes_sent = bytes;
  record.bytes_received = 2 * bytes;
  return record;
}

BOOST_AUTO_TEST_SUITE(shares)

BOOST_AUTO_TEST_CASE(a_share_is_held_against_the_weights_of_the_time_when_connections_came) {
  MadeTrace made;
  write_shares(made);
  const auto servers = server_shares(made.finish(10));
  BOOST_REQUIRE_EQUAL(servers.size(), 3U);
  BOOST_TEST(servers[0].group == "app");
  BOOST_TEST(servers[0].server == "app/b1");
  BOOST_TEST(servers[0].connections == 60U);
  BOOST_TEST(servers[1].connections == 240U);
  BOOST_TEST(servers[0].connection_share == 0.2, tt::tolerance(1e-12));
  // Half of the first 100 connections, none of the last 200.
  BOOST_TEST(servers[0].expected_share == 50.0 / 300, tt::tolerance(1e-12));
  BOOST_TEST(servers[1].expected_share == 250.0 / 300, tt::tolerance(1e-12));
  BOOST_TEST(servers[0].requests == 60U);
  BOOST_TEST(servers[1].requests == 720U);
  BOOST_TEST(servers[1].request_share == 720.0 / 780, tt::tolerance(1e-12));
  BOOST_TEST(servers[2].server == "api/b2");
  BOOST_TEST(servers[2].connection_share == 1.0);
  BOOST_TEST(servers[2].expected_share == 1.0);
}

BOOST_AUTO_TEST_CASE(imbalance_is_the_largest_share_over_its_expected_share) {
  MadeTrace made;
  write_shares(made);
  const auto groups = imbalances(made.finish(10));
  BOOST_REQUIRE_EQUAL(groups.size(), 2U);
  BOOST_TEST(groups[0].group == "api");
  BOOST_TEST(groups[0].connections == 1.0);
  BOOST_TEST(groups[1].connections == 0.2 / (1.0 / 6), tt::tolerance(1e-12));
  BOOST_TEST(groups[1].requests == (720.0 / 780) / (5.0 / 6), tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_run_that_was_cut_off_has_the_same_shares_and_no_bytes) {
  MadeTrace made;
  write_shares(made);
  const auto servers = server_shares(made.break_off());
  BOOST_REQUIRE_EQUAL(servers.size(), 3U);
  BOOST_TEST(servers[0].expected_share == 50.0 / 300, tt::tolerance(1e-12));
  BOOST_TEST(servers[0].bytes == 0U);
}

BOOST_AUTO_TEST_CASE(a_group_without_connections_is_even_and_has_no_shares) {
  MadeTrace made;
  made.sample("scheduled", "app/b1", 1, 0);
  made.sample("weight", "app/b1", 1, 100);
  const trace::Reader& trace = made.finish(1);
  BOOST_TEST(server_shares(trace).at(0).connection_share == 0.0);
  BOOST_TEST(imbalances(trace).at(0).connections == 1.0);
}

// Random sessions of 20 clients at 3 servers, summed up again beside the trace.
struct Sessions {
  MadeTrace made;
  std::map<std::pair<std::string, std::string>, TrafficCell> cells;
  std::map<std::string, std::uint64_t> bytes;  // by server

  Sessions() {
    random::Stream random(7, "traffic");
    const auto balancer = made.object("balancer", trace::ObjectKind::balancer);
    for (int i = 0; i < 5'000; ++i) {
      const int client = 1 + static_cast<int>(random.below(20));
      const std::string server = "app/b" + std::to_string(1 + random.below(3));
      const std::uint64_t sent = random.below(1'000);
      const auto id = made.object(server, trace::ObjectKind::server);
      made.writer().record(session(balancer, id, client, sent));
      auto& cell = cells[{"10.0.0." + std::to_string(client), server}];
      ++cell.connections;
      cell.bytes += 3 * sent;
      bytes[server] += 3 * sent;
    }
  }
};

BOOST_AUTO_TEST_CASE(the_matrix_is_the_sum_of_the_sessions) {
  Sessions sessions;
  const auto matrix = traffic_matrix(sessions.made.finish(10), 1'000);
  BOOST_REQUIRE_EQUAL(matrix.size(), sessions.cells.size());
  for (const auto& cell : matrix) {
    const auto& expected = sessions.cells.at({cell.client, cell.server});
    BOOST_TEST(cell.connections == expected.connections);
    BOOST_TEST(cell.bytes == expected.bytes);
  }
  BOOST_TEST(std::is_sorted(matrix.begin(), matrix.end(), [](const auto& a, const auto& b) {
    return a.connections > b.connections;
  }));
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_server_are_those_of_its_sessions) {
  Sessions sessions;
  for (const auto& server : server_shares(sessions.made.finish(10))) {
    BOOST_TEST(server.bytes == sessions.bytes.at(server.server));
  }
}

BOOST_AUTO_TEST_CASE(what_is_beyond_the_largest_cells_is_summed_up_as_others) {
  Sessions sessions;
  const auto matrix = traffic_matrix(sessions.made.finish(10), 10);
  BOOST_REQUIRE_EQUAL(matrix.size(), 13U);
  std::uint64_t connections = 0;
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    connections += matrix[i].connections;
    BOOST_TEST((matrix[i].client == "others") == (i >= 10));
  }
  BOOST_TEST(connections == 5'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::metrics::test
