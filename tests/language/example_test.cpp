#include "tests/language/example.hpp"

#include <boost/test/unit_test.hpp>

namespace elblab::language {
namespace {

using namespace std::chrono_literals;
using testing::decoded;
using testing::kExample;

BOOST_AUTO_TEST_SUITE(example)

BOOST_AUTO_TEST_CASE(the_file_tells_what_it_is) {
  const auto loaded = ScenarioFile::parse(kExample, "scenarios/time-wait/TW-01.elb.yaml");
  BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
  const ScenarioFile& file = *loaded.file;
  BOOST_TEST(file.id() == "TW-01");
  BOOST_TEST(file.title() == "One client exhausts its ports with short connections");
  BOOST_TEST(file.area() == "time-wait");
  BOOST_TEST(file.profile() == "dedicated");
  BOOST_TEST((file.exercises() == std::vector<std::string>{"BW-07", "BW-10", "DIAG-12"}));
  BOOST_TEST((file.runs() == std::vector<std::string>{"symptom", "remedy"}));
  BOOST_TEST((file.seeds() == std::vector<std::uint64_t>{1}));
}

BOOST_AUTO_TEST_CASE(hosts_get_links_addresses_and_services) {
  const Scenario s = decoded(kExample);
  BOOST_REQUIRE_EQUAL(s.hosts.size(), 5u);
  const HostSpec& client = s.hosts[0];
  BOOST_TEST(client.name == "c1");
  BOOST_TEST((client.role == HostRole::client));
  BOOST_TEST(client.link.rate_bits_per_second == 1e9);
  BOOST_TEST((client.link.delay == 2ms));
  BOOST_TEST(client.addresses.front().to_string() == "203.0.113.1");
  BOOST_TEST(client.services.empty());
  BOOST_TEST((client.time_wait == 60s));
  for (int n = 1; n <= 4; ++n) {
    const HostSpec& server = s.hosts[static_cast<std::size_t>(n)];
    BOOST_TEST(server.name == "b" + std::to_string(n));
    BOOST_TEST((server.role == HostRole::server));
    BOOST_TEST((server.link.delay == 200us));
    BOOST_TEST(server.addresses.front().to_string() == "192.168.1." + std::to_string(n));
    BOOST_REQUIRE_EQUAL(server.services.size(), 1u);
    BOOST_TEST(server.services[0].port == 90);
    BOOST_TEST(!server.services[0].udp);
    BOOST_TEST(server.services[0].backlog == 4096);
  }
}

BOOST_AUTO_TEST_CASE(the_balancer_is_as_configured) {
  const config::LoadBalancer balancer = decoded(kExample).balancers.front();
  BOOST_TEST(balancer.profile->name == "dedicated");
  BOOST_TEST(balancer.address.to_string() == "198.51.100.10");
  BOOST_TEST(balancer.backend_subnet.to_string() == "10.0.1.0/24");
  BOOST_TEST(balancer.nodes.lvs == 2u);
  BOOST_REQUIRE_EQUAL(balancer.listeners.size(), 1u);
  BOOST_TEST(balancer.listeners[0].name == "web");
  BOOST_TEST(balancer.listeners[0].port.first == 80);
  BOOST_TEST(balancer.listeners[0].port.last == 80);
  BOOST_REQUIRE_EQUAL(balancer.groups.size(), 1u);
  const config::BackendGroup& group = balancer.groups[0];
  BOOST_TEST((group.protocol == config::BackendProtocol::tcp));
  BOOST_REQUIRE_EQUAL(group.servers.size(), 4u);
  BOOST_TEST(group.servers[3].name == "b4");
  BOOST_TEST(group.servers[3].address.to_string() == "192.168.1.4");
  BOOST_TEST(group.servers[3].port == 90);
}

BOOST_AUTO_TEST_CASE(runs_differ_by_what_they_set) {
  const Scenario symptom = decoded(kExample, "symptom");
  const Scenario remedy = decoded(kExample, "remedy");
  BOOST_TEST(symptom.workloads.at(0).parameters.rate_per_second == 940.0);
  BOOST_TEST(remedy.workloads.at(0).parameters.rate_per_second == 376.0);
  BOOST_TEST(symptom.run == "symptom");
  BOOST_TEST(remedy.run == "remedy");
  BOOST_TEST(symptom.expectations.size() == 4u);
  BOOST_TEST(remedy.expectations.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_workload_has_its_destination_and_the_run_its_length) {
  const Scenario s = decoded(kExample);
  BOOST_REQUIRE_EQUAL(s.workloads.size(), 1u);
  const workload::ClientParameters& p = s.workloads[0].parameters;
  BOOST_TEST(p.name == "burst");
  BOOST_TEST((p.kind == workload::Kind::short_connections));
  BOOST_TEST(p.destination.to_string() == "198.51.100.10:80");
  BOOST_TEST(p.request_bytes == 200u);
  BOOST_TEST(p.response_bytes == 1000u);
  BOOST_TEST((p.closes == workload::Closer::client));
  BOOST_TEST((p.end == kStart + 300s));
  BOOST_TEST((s.duration == 300s));
  BOOST_TEST((s.sample_interval == 1s));
}

BOOST_AUTO_TEST_CASE(expectations_are_conditions_on_measures) {
  const Scenario s = decoded(kExample);
  const Expectation& within = s.expectations.at(0);
  BOOST_TEST(within.measure.to_string() == "time_wait(c1)");
  BOOST_TEST((within.stat == Stat::max));
  BOOST_TEST(*within.low == 27950.0);
  BOOST_TEST(*within.high == 28232.0);
  BOOST_TEST(within.expected_text == "27,950 … 28,232");
  BOOST_TEST(within.line == 32);
  const Expectation& about = s.expectations.at(1);
  BOOST_TEST(*about.low == 470.5 * 0.95, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(*about.high == 470.5 * 1.05, boost::test_tools::tolerance(1e-12));
  BOOST_TEST((*about.window == 60s));
  BOOST_TEST(about.unit == "/s");
  BOOST_TEST(about.expected_text == "470.5 ± 5 %");
  const Expectation& above = s.expectations.at(2);
  BOOST_TEST(*above.low == 0.0);
  BOOST_TEST(above.low_exclusive);
  BOOST_TEST(!above.high);
  const Expectation& equals = s.expectations.at(3);
  BOOST_TEST(*equals.low == 0.0);
  BOOST_TEST(*equals.high == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
