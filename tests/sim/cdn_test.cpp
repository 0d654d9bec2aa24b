// A CDN in front of a balancer, simulated: what servers are given through it, request by request.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "models/telemetry/measures.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

constexpr int kRequests = 200;

// One user, 200 requests one after the other over short connections, through a CDN of 32 addresses
// to four servers under the source hash.
language::Scenario behind_a_cdn(const std::string& cdn, const std::string& to = "cdn") {
  const auto loaded = language::ScenarioFile::parse(
      R"(
scenario: T-1
title: behind a CDN
duration: 6s
hosts:
  c1:  {role: client, addresses: 203.0.113.1, link: {delay: 2ms}}
  cdn: {role: client, addresses: 203.0.113.101-203.0.113.132, link: {delay: 1ms}, cdn: {to: web, )" +
          cdn + R"(}}
  b[1..4]: {role: server, link: {delay: 200us}}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {algorithm: source_ip_hash, servers: {"b[1..4]": {port: 90}}}}
workload:
  user: {from: c1, to: )" +
          to + R"(, short_connections: 50/s, for: 4s, request: 200B, response: 4KB}
)",
      "T-1.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(loaded.file);
  auto decoded = loaded.file->decode(loaded.file->runs().front());
  BOOST_REQUIRE(decoded.scenario);
  return *decoded.scenario;
}

double requests_to(const TracedRun& run, int server) {
  return run.total("served", "b" + std::to_string(server));
}
double requests_to_all(const TracedRun& run) {
  double sum = 0;
  for (int i = 1; i <= 4; ++i) sum += requests_to(run, i);
  return sum;
}
int servers_used(const TracedRun& run) {
  int used = 0;
  for (int i = 1; i <= 4; ++i) used += requests_to(run, i) > 0 ? 1 : 0;
  return used;
}

BOOST_AUTO_TEST_SUITE(cdn)

BOOST_AUTO_TEST_CASE(passes_every_request_on_once_and_every_answer_back) {
  for (const char* options : {"egress: per_request", "egress: per_connection, keep_alive: 1s",
                              "egress: per_client", "egress_addresses: 1, keep_alive: 10s"}) {
    BOOST_TEST_CONTEXT(options) {
      const TracedRun run(behind_a_cdn(options));
      BOOST_TEST(run.total("requests", "user") == kRequests);
      BOOST_TEST(run.total("responses", "user") == kRequests);
      BOOST_TEST(run.total("relayed", "cdn") == kRequests);
      BOOST_TEST(run.total("served", "cdn") == kRequests);
      BOOST_TEST(requests_to_all(run) == kRequests);
      BOOST_TEST(run.total("relay_failures", "cdn") + run.total("relay_abandoned", "cdn") == 0);
      BOOST_TEST(run.total("accepted", "cdn") == kRequests);
      BOOST_TEST(run.total("connected", "cdn") == run.total("relay_opened", "cdn"));
      BOOST_TEST(run.total("m4_ncps", "balancer") == run.total("relay_opened", "cdn"));
    }
  }
}

BOOST_AUTO_TEST_CASE(throws_a_user_over_the_servers_unless_it_keeps_to_one_address) {
  const TracedRun per_request(behind_a_cdn("egress: per_request"));
  BOOST_TEST(servers_used(per_request) == 4);
  BOOST_TEST(per_request.maximum("egress_addresses_used", "cdn") > 28);
  const TracedRun per_client(behind_a_cdn("egress: per_client"));
  BOOST_TEST(servers_used(per_client) == 1);
  BOOST_TEST(per_client.maximum("egress_addresses_used", "cdn") == 1);
  const TracedRun direct(behind_a_cdn("egress: per_request", "web"));
  BOOST_TEST(servers_used(direct) == 1);
  BOOST_TEST(direct.total("relayed", "cdn") == 0);
}

// The share of requests that another server answers than the one before: 1 - the sum of the squares
// of the servers' shares, as each request draws its address anew. Of 200 requests the deviation is
// 3.1 %; five of them to each side.
BOOST_AUTO_TEST_CASE(makes_a_user_change_servers_as_often_as_the_shares_say) {
  const TracedRun run(behind_a_cdn("egress: per_request"));
  std::vector<std::pair<Instant, std::string>> servers;
  for (const trace::ConnectionRow& row : run.trace().connections(1, 1'000'000)) {
    if (row.role == "session") servers.emplace_back(row.opened_at, row.translated_destination);
  }
  std::sort(servers.begin(), servers.end());
  BOOST_REQUIRE_EQUAL(servers.size(), static_cast<std::size_t>(kRequests));
  int switches = 0;
  for (std::size_t i = 1; i < servers.size(); ++i) {
    switches += servers[i].second != servers[i - 1].second ? 1 : 0;
  }
  double same = 0;
  for (const double addresses : {5.0, 8.0, 11.0, 8.0}) same += addresses * addresses / (32 * 32);
  const double rate = switches / (kRequests - 1.0);
  BOOST_TEST(rate > 1 - same - 0.16);
  BOOST_TEST(rate < 1 - same + 0.16);
}

BOOST_AUTO_TEST_CASE(with_one_address_gives_one_server_everything) {
  const TracedRun run(behind_a_cdn("egress_addresses: 1"));
  BOOST_TEST(servers_used(run) == 1);
}

BOOST_AUTO_TEST_CASE(keeps_connections_to_the_balancer_by_its_knob) {
  const TracedRun kept(behind_a_cdn("egress_addresses: 1, keep_alive: 10s"));
  BOOST_TEST(kept.total("relay_opened", "cdn") == 1);
  BOOST_TEST(kept.maximum("relay_connections", "cdn") == 1);
  const TracedRun closed(behind_a_cdn("egress_addresses: 1"));
  BOOST_TEST(closed.total("relay_opened", "cdn") == kRequests);
}

BOOST_AUTO_TEST_CASE(resets_its_clients_where_no_server_answers) {
  language::Scenario scenario = behind_a_cdn("egress: per_request");
  for (language::HostSpec& host : scenario.hosts) {
    for (workload::ServerParameters& service : host.services) service.listening = false;
  }
  const TracedRun run(scenario);
  BOOST_TEST(run.total("responses", "user") == 0);
  BOOST_TEST(run.total("request_failures", "user") == kRequests);
  BOOST_TEST(run.total("relay_failures", "cdn") == kRequests);
}

BOOST_AUTO_TEST_CASE(has_every_measure_of_its_kind_and_others_have_none) {
  const TracedRun run(behind_a_cdn("egress: per_request"));
  for (const telemetry::MeasureInfo& measure : telemetry::measures()) {
    if (measure.scope != telemetry::MeasureScope::relay) continue;
    BOOST_TEST(run.has_series(std::string(measure.name), "cdn"));
    BOOST_TEST(!run.has_series(std::string(measure.name), "c1"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::sim::test
