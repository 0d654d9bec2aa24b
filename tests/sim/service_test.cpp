// Services with ports of their own and sources that they deny, simulated: what clients meet through
// a balancer and past it.
#include <boost/test/unit_test.hpp>

#include "scenarios/language/scenario_file.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

constexpr int kRequests = 100;  // of each workload

// Through the balancer to port 90 of b1, and past it to `direct`.
language::Scenario serving(const std::string& service, const std::string& direct) {
  const auto loaded = language::ScenarioFile::parse(
      R"(
scenario: T-1
title: a service
profile: shared
duration: 6s
hosts:
  c[1..2]: {role: client, link: {delay: 2ms}}
  b1: {role: server, link: {delay: 200us}, service: )" +
          service + R"(}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app, transfer_client_ip: false}}
  groups: {app: {servers: {b1: {port: 90}}}}
workload:
  balanced: {from: c1, to: web, short_connections: 50/s, for: 2s}
  past: {from: c2, to: b1, port: )" +
          direct + R"(, short_connections: 50/s, for: 2s}
)",
      "T-1.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(loaded.file);
  auto decoded = loaded.file->decode(loaded.file->runs().front());
  BOOST_REQUIRE(decoded.scenario);
  return *decoded.scenario;
}

BOOST_AUTO_TEST_SUITE(service)

// What is left of HC-S24 without its health check.
BOOST_AUTO_TEST_CASE(with_ports_of_its_own_refuses_what_a_wrong_group_sends) {
  const TracedRun run(serving("{ports: 8080}", "8080"));
  BOOST_TEST(run.total("connected", "c1") == 0);
  BOOST_TEST(run.total("request_failures", "balanced") == kRequests);
  BOOST_TEST(run.total("responses", "past") == kRequests);
  BOOST_TEST(run.total("served", "b1") == kRequests);
  BOOST_TEST(run.total("resets_sent", "b1") == kRequests);
}

// ACL-38: the kernel completes each handshake. The server sees the balancer's own addresses, which
// are of 100.125.0.0/16.
BOOST_AUTO_TEST_CASE(that_denies_the_balancer_connects_its_clients_and_answers_nobody) {
  const TracedRun run(serving("{deny: [100.125.0.0/16]}", "90"));
  BOOST_TEST(run.total("connected", "c1") == kRequests);
  BOOST_TEST(run.total("responses", "balanced") == 0);
  BOOST_TEST(run.total("request_failures", "balanced") == kRequests);
  BOOST_TEST(run.total("responses", "past") == kRequests);
  BOOST_TEST(run.total("served", "b1") == kRequests);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::sim::test
