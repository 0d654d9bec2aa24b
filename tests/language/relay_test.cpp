// CDN and WAF: what they become, and each mistake at its place.
#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::decoded;
using testing::errors_of;
using testing::first_error_of;
using testing::with;

const std::string kRelays = R"(scenario: CDN-X
title: A WAF behind a CDN
subnets: {internet: {cidr: 203.0.113.0/24, public: true}}
hosts:
  c1:  {role: client, addresses: 203.0.113.1}
  waf: {role: client, addresses: 203.0.113.2, waf: {to: web, keep_alive: 60s}}
  cdn: {subnet: internet, addresses: 32, cdn: {to: waf, port: 8080, egress_addresses: 8}}
  b1:  {role: server}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}, dns: {protocol: udp, port: 53, group: names}}
  groups: {app: {servers: {b1: {port: 90}}}, names: {servers: {b1: {port: 53}}}}
workload:
  load: {from: c1, to: cdn, short_connections: 10/s, for: 10s}
expect:
  all:
    - {measure: relayed(cdn), equals: 100}
)";

struct Slip {
  std::string from;
  std::string to;
  std::string message;  // somewhere in the first line of the answer
};

}  // namespace

BOOST_AUTO_TEST_SUITE(relays)

BOOST_AUTO_TEST_CASE(listen_where_they_say_or_where_they_send_to) {
  const Scenario s = decoded(kRelays);
  const RelaySpec& waf = *s.hosts[1].relay;
  const RelaySpec& cdn = *s.hosts[2].relay;
  BOOST_TEST((waf.kind == RelaySpec::Kind::waf));
  BOOST_TEST(waf.port == 80);
  BOOST_TEST(waf.parameters.destination.address.to_string() == s.balancers[0].address.to_string());
  BOOST_TEST(waf.parameters.destination.port == 80);
  BOOST_TEST((waf.parameters.choice == relay::EgressChoice::per_connection));
  BOOST_TEST((waf.parameters.keep_alive == Duration(std::chrono::seconds(60))));
  BOOST_TEST(waf.parameters.egress.size() == 1u);
  BOOST_TEST((cdn.kind == RelaySpec::Kind::cdn));
  BOOST_TEST(cdn.port == 8080);
  BOOST_TEST((cdn.parameters.choice == relay::EgressChoice::per_request));
  BOOST_TEST(cdn.parameters.destination.address.to_string() == "203.0.113.2");
  BOOST_TEST(cdn.parameters.destination.port == 80);
  BOOST_REQUIRE_EQUAL(cdn.parameters.egress.size(), 8u);
  BOOST_TEST((cdn.parameters.egress[0] == s.hosts[2].addresses[0]));
  BOOST_TEST(s.hosts[1].services.empty());
}

BOOST_AUTO_TEST_CASE(are_where_workloads_go) {
  const Scenario s = decoded(kRelays);
  const net::Endpoint destination = s.workloads[0].parameters.destination;
  BOOST_TEST((destination.address == s.hosts[2].addresses[0]));
  BOOST_TEST(destination.port == 8080);
  BOOST_TEST(s.workloads[0].host == "cdn");
  BOOST_TEST(s.hosts[2].services.empty());
}

BOOST_AUTO_TEST_CASE(are_written_out_as_a_file_that_means_the_same) {
  const Scenario s = decoded(kRelays);
  const Scenario again = decoded(s.effective_yaml);
  BOOST_TEST(again.effective_yaml == s.effective_yaml);
  BOOST_TEST((again.hosts[2].relay->parameters.egress == s.hosts[2].relay->parameters.egress));
  BOOST_TEST(again.hosts[1].relay->port == 80);
}

BOOST_AUTO_TEST_CASE(are_changed_by_runs) {
  const std::string text = with(kRelays, "expect:\n",
                                "runs: {r: {set: {hosts.cdn.cdn.egress: per_client, "
                                "hosts.cdn.cdn.egress_addresses: 4}}}\nexpect:\n");
  const Scenario s = decoded(text);
  BOOST_TEST((s.hosts[2].relay->parameters.choice == relay::EgressChoice::per_client));
  BOOST_TEST(s.hosts[2].relay->parameters.egress.size() == 4u);
}

BOOST_AUTO_TEST_CASE(are_refused_where_they_make_no_sense) {
  const std::vector<Slip> slips{
      {"waf: {to: web,", "waf: {to: waf,", "WAF 'waf' sends to itself"},
      {"waf: {to: web,", "waf: {to: cdn,", "requests would go round: waf -> cdn -> waf"},
      {"waf: {to: web,", "waf: {to: wbe,", "there is no listener named 'wbe'"},
      {"waf: {to: web,", "waf: {to: dns,", "listener 'dns' is udp: a WAF relays TCP"},
      {"waf: {to: web,", "waf: {to: b1,", "host 'b1' is neither CDN nor WAF"},
      {"waf: {to: web,", "waf: {", "waf needs 'to'"},
      {"egress_addresses: 8", "egress_addresses: 33",
       "host 'cdn' has 32 addresses to connect from, not 33"},
      {"app: {servers: {b1: {port: 90}}}", "app: {servers: {cdn: {port: 90}}}",
       "host 'cdn' is a CDN: it answers with what a balancer answers it"},
      {"from: c1, to: cdn", "from: cdn, to: web", "host 'cdn' is a CDN; load comes from clients"},
      {"to: cdn, short_connections", "to: cdn, port: 80, short_connections",
       "CDN 'cdn' listens on port 8080"},
      {"short_connections: 10/s", "datagrams: 10/s", "a CDN relays connections, no datagrams"},
      {"cdn: {to: waf,", "service: {time: 1ms}, cdn: {to: waf,",
       "a CDN answers with what the balancer answers"},
      {"cdn: {to: waf,", "stack: ns3, cdn: {to: waf,", "a CDN runs on the Linux model alone"},
      {"{role: client, addresses: 203.0.113.2, waf", "{role: server, waf",
       "a WAF stands in front of balancers"},
      {"cdn: {to: waf,", "waf: {to: web}, cdn: {to: waf,", "a host is a CDN or a WAF, not both"},
      {"cdn: {to: waf,", "cdn: {cache: 1, to: waf,", "no cache is built"},
      {"relayed(cdn)", "relayed(c1)", "relayed belongs to a host that is a CDN or WAF"},
  };
  for (const Slip& slip : slips) {
    BOOST_TEST_CONTEXT(slip.to) {
      const std::string first = first_error_of(with(kRelays, slip.from, slip.to));
      BOOST_TEST(first.find(slip.message) != std::string::npos, first);
      BOOST_TEST(first.starts_with("x.yaml:"));
    }
  }
}

BOOST_AUTO_TEST_CASE(that_go_round_are_told_once_for_each_loop) {
  const std::string text = with(kRelays, "waf: {to: web,", "waf: {to: cdn,");
  const std::string errors = errors_of(text);
  BOOST_TEST(errors.find("go round") != std::string::npos);
  BOOST_TEST(errors.find("go round") == errors.rfind("go round"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::language
