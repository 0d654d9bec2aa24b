// A CDN on a real Linux host: the relay of the simulation on the kernel's own sockets.
#include <boost/test/unit_test.hpp>
#include <set>

#include "analysis/trace/reader.hpp"
#include "live/live_run.hpp"
#include "tests/live_world/live_scenario.hpp"
#include "tests/must.hpp"

namespace elblab::live::test {
namespace {

constexpr int kRequests = 100;

language::Scenario behind_a_cdn(const std::string& cdn) {
  return scenario_from(R"(
scenario: T-1
title: behind a CDN
duration: 3s
hosts:
  c1:  {role: client, addresses: 203.0.113.1}
  cdn: {role: client, addresses: 203.0.113.101-203.0.113.132, cdn: {to: web, )" +
                       cdn + R"(}}
  b[1..4]: {role: server}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {algorithm: source_ip_hash, servers: {"b[1..4]": {port: 90}}}}
workload:
  user: {from: c1, to: cdn, short_connections: 50/s, for: 2s, request: 200B, response: 4KB}
runs: {all: {}}
)");
}

struct LiveRun {
  TemporaryFolder folder;
  std::unique_ptr<trace::Reader> reader;
  std::set<std::string> sources;  // addresses that the balancer saw
  std::set<std::string> servers;

  explicit LiveRun(const std::string& cdn) {
    RunOptions options;
    options.trace = folder / "run.db";
    const auto result = must(live::run(behind_a_cdn(cdn), options));
    BOOST_TEST(result.packets_conserved, result.conservation_problem);
    reader = must(trace::Reader::open(options.trace));
    for (const trace::ConnectionRow& row : reader->connections(1, 100'000)) {
      if (row.role != "session") continue;
      sources.insert(row.source.substr(0, row.source.find(':')));
      servers.insert(row.translated_destination);
    }
    BOOST_TEST(total_of(*reader, "responses", "user") == kRequests);
    BOOST_TEST(total_of(*reader, "relayed", "cdn") == kRequests);
    BOOST_TEST(total_of(*reader, "relay_failures", "cdn") == 0);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_cdn)

BOOST_AUTO_TEST_CASE(connects_from_any_of_its_addresses_and_throws_a_user_over_servers) {
  const LiveRun run("egress: per_request");
  BOOST_TEST(run.sources.size() > 20U);  // of 32 in 100 draws: fewer once in 10^5 runs
  BOOST_TEST(!run.sources.contains("203.0.113.1"));
  BOOST_TEST(run.servers.size() == 4U);
  BOOST_TEST(total_of(*run.reader, "relay_opened", "cdn") == kRequests);
}

BOOST_AUTO_TEST_CASE(keeps_a_user_on_a_server_with_an_address_per_client) {
  const LiveRun run("egress: per_client, keep_alive: 10s");
  BOOST_TEST(run.sources.size() == 1U);
  BOOST_TEST(run.servers.size() == 1U);
  BOOST_TEST(total_of(*run.reader, "relay_opened", "cdn") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::live::test
