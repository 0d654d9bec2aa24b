// What the fields mean, beyond the example: kinds of load, addresses, services, the timeline.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using namespace std::chrono_literals;
using testing::decoded;
using testing::kExample;
using testing::with;

Scenario with_host(const std::string& fields) {
  return decoded(with(kExample, "c1:        {role: client,", "c1: {role: client, " + fields + ","));
}

workload::ClientParameters load(const std::string& fields) {
  return decoded(with(kExample, "short_connections: 940/s", fields)).workloads.at(0).parameters;
}

// The example without runs and expectations: one run named run.
std::string plain() { return kExample.substr(0, kExample.find("runs:")); }

workload::ClientParameters plain_load(const std::string& fields) {
  return decoded(with(plain(), "short_connections: 940/s", fields)).workloads.at(0).parameters;
}

BOOST_AUTO_TEST_SUITE(decoding)

BOOST_AUTO_TEST_CASE(without_runs_there_is_one_named_run) {
  const Scenario s = decoded(plain());
  BOOST_TEST(s.run == "run");
}

BOOST_AUTO_TEST_CASE(five_kinds_of_load) {
  using workload::Kind;
  BOOST_TEST((load("short_connections: 12.5/s").kind == Kind::short_connections));
  const auto persistent = plain_load("persistent: 100, requests: 940/s");
  BOOST_TEST((persistent.kind == Kind::persistent_connections));
  BOOST_TEST(persistent.connections == 100u);
  BOOST_TEST(persistent.rate_per_second == 940.0);
  const auto users = plain_load("users: 7, think_time: 250ms");
  BOOST_TEST((users.kind == Kind::short_connections));
  BOOST_TEST(users.connections == 7u);
  BOOST_TEST((users.think_time == 250ms));
  BOOST_TEST(users.has_sessions);
  BOOST_TEST((users.roaming.every == 0ms));
  BOOST_TEST(!plain_load("users: 7, sessions: shared").has_sessions);
  BOOST_TEST(users.rate_per_second == 0.0);
  const std::string udp = with(with(plain(), "web: {protocol: tcp", "web: {protocol: udp"),
                               "      protocol: tcp", "      protocol: udp");
  const Scenario s = decoded(with(udp, "short_connections: 940/s", "datagrams: 5/s"));
  BOOST_TEST((s.workloads[0].parameters.kind == Kind::datagrams));
  BOOST_TEST((s.balancers.front().groups[0].protocol == config::BackendProtocol::udp));
  BOOST_TEST(s.hosts[1].services.at(0).udp);
  const Scenario q = decoded(
      with(udp, "short_connections: 940/s", "quic: 12, requests: 24/s, address_change: 5s"));
  const workload::ClientParameters& quic = q.workloads[0].parameters;
  BOOST_TEST((quic.kind == Kind::quic));
  BOOST_TEST(quic.connections == 12u);
  BOOST_TEST(quic.rate_per_second == 24.0);
  BOOST_TEST((quic.address_change == 5s));
}

// SCH-02: a QUIC group has no other algorithm, so none need be named.
BOOST_AUTO_TEST_CASE(a_quic_group_is_scheduled_by_connection_id) {
  const std::string udp = with(plain(), "web: {protocol: tcp", "web: {protocol: udp");
  const std::string load = with(with(udp, "short_connections: 940/s", "quic: 1, requests: 1/s"),
                                "      algorithm: weighted_round_robin\n", "");
  const Scenario plainly = decoded(with(load, "      protocol: tcp", "      protocol: quic"));
  const config::BackendGroup& group = plainly.balancers.front().groups[0];
  BOOST_TEST((group.algorithm == config::Algorithm::connection_id));
  BOOST_TEST(!group.connection_ids.has_value());
  BOOST_TEST(plainly.hosts[1].services.at(0).udp);
  const Scenario spelled_out = decoded(with(
      load, "      protocol: tcp",
      "      protocol: quic\n      connection_ids: {length: 4, capacity: 100, table: per_node}"));
  const auto ids = spelled_out.balancers.front().groups[0].connection_ids;
  BOOST_REQUIRE(ids.has_value());
  BOOST_TEST(ids->length == 4u);
  BOOST_TEST(ids->capacity == 100u);
  BOOST_TEST((ids->table == config::TableScope::per_node));
}

BOOST_AUTO_TEST_CASE(a_count_of_addresses_is_assigned_one_after_the_other) {
  const Scenario s = with_host("addresses: 3");
  BOOST_REQUIRE_EQUAL(s.hosts[0].addresses.size(), 3u);
  BOOST_TEST(s.hosts[0].addresses[2].to_string() == "203.0.113.3");
}

BOOST_AUTO_TEST_CASE(given_addresses_are_taken_and_avoided_by_the_others) {
  const Scenario s = decoded(with(kExample, "  b[1..4]:",
                                  "  c2: {role: client}\n  c3: {role: client, addresses: "
                                  "[203.0.113.1-203.0.113.2, 203.0.113.9]}\n  b[1..4]:"));
  const auto& c3 = s.hosts[2].addresses;
  BOOST_REQUIRE_EQUAL(c3.size(), 3u);
  BOOST_TEST(c3[1].to_string() == "203.0.113.2");
  BOOST_TEST(c3[2].to_string() == "203.0.113.9");
  BOOST_TEST(s.hosts[0].addresses[0].to_string() == "203.0.113.3");
  BOOST_TEST(s.hosts[1].addresses[0].to_string() == "203.0.113.4");
}

BOOST_AUTO_TEST_CASE(many_addresses_come_from_the_next_network_and_are_all_different) {
  const Scenario s = with_host("addresses: 20000");
  std::set<net::IpAddress> distinct(s.hosts[0].addresses.begin(), s.hosts[0].addresses.end());
  BOOST_TEST(distinct.size() == 20'000u);
  BOOST_TEST(s.hosts[0].addresses.front().to_string() == "198.18.0.1");
}

BOOST_AUTO_TEST_CASE(sysctls_go_by_their_own_names) {
  for (const std::string range : {"\"1024 2023\"", "[1024, 2023]", "1024 2023"}) {
    const Scenario s = with_host("sysctl: {net.ipv4.ip_local_port_range: " + range +
                                 ", net.ipv4.tcp_fin_timeout: 30, net.core.somaxconn: 128}");
    BOOST_TEST(s.hosts[0].sysctls.ip_local_port_range_low == 1024);
    BOOST_TEST(s.hosts[0].sysctls.ip_local_port_range_high == 2023);
    BOOST_TEST(s.hosts[0].sysctls.tcp_fin_timeout == 30);
    BOOST_TEST(s.hosts[0].sysctls.somaxconn == 128);
    BOOST_TEST(s.hosts[1].sysctls.somaxconn == 4096);
  }
}

BOOST_AUTO_TEST_CASE(a_host_serves_every_port_that_a_group_names_as_its_service_says) {
  std::string text = with(plain(), "web: {protocol: tcp, port: 80, group: app}",
                          "web: {protocol: tcp, port: 80, group: app}\n"
                          "    more: {protocol: tcp, port: 81, group: other}");
  text = with(text, "  groups:\n",
              "  groups:\n    other: {servers: {b1: {port: 70}, b2: {port: 90}}}\n");
  text = with(text, "b[1..4]:   {role: server,",
              "b[1..4]: {role: server, service: {time: 5ms, accept_rate: 100/s, backlog: 64, "
              "listening: false},");
  const Scenario s = decoded(text);
  const auto& services = s.hosts[1].services;
  BOOST_REQUIRE_EQUAL(services.size(), 2u);
  BOOST_TEST(services[0].port == 70);
  BOOST_TEST(services[1].port == 90);
  for (const auto& service : services) {
    BOOST_TEST((service.service_time == 5ms));
    BOOST_TEST(*service.accepts_per_second == 100.0);
    BOOST_TEST(service.backlog == 64);
    BOOST_TEST(!service.listening);
  }
  BOOST_TEST(s.hosts[2].services.size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_a_duration_the_run_ends_with_its_last_workload) {
  const std::string two =
      with(plain(), "workload:\n",
           "workload:\n  late: {from: c1, to: web, users: 1, begin: 400s, for: 7s}\n");
  BOOST_TEST((decoded(two).duration == 407s));
  BOOST_TEST((decoded("duration: 90s\n" + plain()).duration == 90s));
  const Scenario open = decoded("duration: 90s\n" + with(plain(), "for: 300s, ", ""));
  BOOST_TEST((open.workloads[0].parameters.end == kNever));
}

BOOST_AUTO_TEST_CASE(a_workload_may_name_one_port_of_a_range_and_a_range_of_clients) {
  std::string text = with(plain(), "port: 80,", "port: 80-90,");
  text = with(text, "from: c1, to: web,", "from: c[1..2], to: web, port: 85,");
  text = with(text, "  c1:        {", "  c2: {role: client}\n  c1:        {");
  const Scenario s = decoded(text);
  BOOST_TEST(s.balancers.front().listeners[0].port.last == 90);
  BOOST_TEST(s.workloads[0].parameters.destination.port == 85);
  BOOST_TEST((s.workloads[0].from == std::vector<std::string>{"c1", "c2"}));
}

BOOST_AUTO_TEST_CASE(the_timeline_is_in_order_of_time) {
  const Scenario s =
      decoded(plain() +
              "timeline:\n"
              "  - {at: 90s, set_sysctl: b1, name: net.ipv4.tcp_fin_timeout, value: 5}\n"
              "  - {at: 30s, link_down: c1}\n"
              "  - {at: 40s, link_up: c1}\n"
              "  - {at: 50s, stop_service: b2}\n"
              "  - {at: 60s, start_service: b2}\n"
              "  - {at: 70s, set_weight: app/b1, weight: 0}\n"
              "  - {at: 75s, disable_server: app/b3}\n"
              "  - {at: 76s, enable_server: app/b3}\n"
              "  - {at: 80s, set_loss: c1, loss: 2.5%}\n");
  using A = TimelineEntry::Action;
  const std::vector<A> order{A::link_down,     A::link_up,    A::stop_service,
                             A::start_service, A::set_weight, A::disable_server,
                             A::enable_server, A::set_loss,   A::set_sysctl};
  BOOST_REQUIRE_EQUAL(s.timeline.size(), order.size());
  for (std::size_t i = 0; i < order.size(); ++i) BOOST_TEST((s.timeline[i].action == order[i]), i);
  BOOST_TEST(s.timeline[4].target == "app/b1");
  BOOST_TEST(s.timeline[7].number == 0.025);
  BOOST_TEST(s.timeline[8].name == "net.ipv4.tcp_fin_timeout");
  BOOST_TEST(s.timeline[8].value == 5);
  BOOST_TEST((s.timeline[0].at == kStart + 30s));
}

BOOST_AUTO_TEST_CASE(load_may_come_in_bursts) {
  const Scenario s =
      decoded(with(plain(), "for: 300s, ", "for: 300s, on_off: {on: 100ms, off: 0.9s}, "));
  BOOST_TEST((s.workloads[0].parameters.on_off.on == 100ms));
  BOOST_TEST((s.workloads[0].parameters.on_off.off == 900ms));
  BOOST_TEST((decoded(plain()).workloads[0].parameters.on_off.off == 0s));
}

BOOST_AUTO_TEST_CASE(a_public_address_has_a_bandwidth_that_a_timeline_may_change) {
  BOOST_TEST(!decoded(plain()).balancers.front().eip.has_value());
  const std::string nodes = "  nodes: {lvs: 2}\n";
  const Scenario s = decoded(
      with(plain(), nodes, nodes + "  eip: {bandwidth: 10Mbps, burst: 128KB, queue: 256KB}\n") +
      "timeline:\n  - {at: 30s, set_bandwidth: balancer, bandwidth: 20Mbps}\n");
  BOOST_REQUIRE(s.balancers.front().eip.has_value());
  BOOST_TEST(s.balancers.front().eip->bits_per_second == 10e6);
  BOOST_TEST(s.balancers.front().eip->burst_bytes.value() == 128'000u);
  BOOST_TEST(s.balancers.front().eip->queue_bytes.value() == 256'000u);
  BOOST_REQUIRE_EQUAL(s.timeline.size(), 1u);
  BOOST_TEST((s.timeline[0].action == TimelineEntry::Action::set_bandwidth));
  BOOST_TEST(s.timeline[0].number == 20e6);
  const Scenario plainly = decoded(with(plain(), nodes, nodes + "  eip: {bandwidth: 10Mbps}\n"));
  BOOST_TEST(config::effective_burst(*plainly.balancers.front().eip) == 125'000u);  // 100 ms
  BOOST_TEST(config::effective_queue(*plainly.balancers.front().eip) == 250'000u);  // 200 ms
}

BOOST_AUTO_TEST_CASE(seeds_are_a_number_of_repetitions_or_a_list) {
  const auto seeds = [](const std::string& text) {
    const auto loaded = ScenarioFile::parse(text + kExample, "x.yaml");
    BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
    return loaded.file->seeds();
  };
  BOOST_TEST((seeds("seeds: 3\n") == std::vector<std::uint64_t>{1, 2, 3}));
  BOOST_TEST((seeds("seeds: [7, 11]\n") == std::vector<std::uint64_t>{7, 11}));
}

BOOST_AUTO_TEST_CASE(windows_line_ends_and_a_byte_order_mark_change_nothing) {
  std::string text = "\xEF\xBB\xBF";
  for (const char c : kExample) text += c == '\n' ? "\r\n" : std::string(1, c);
  BOOST_TEST(decoded(text).effective_yaml == decoded(kExample).effective_yaml);
}

BOOST_AUTO_TEST_CASE(ipv6_clients_reach_the_ipv6_address) {
  std::string text = with(kExample, "  address: 198.51.100.10\n", "  address: 2001:db8::10\n");
  text =
      with(text, "c1:        {role: client,", "c1: {role: client, addresses: [\"2001:db8:1::7\"],");
  text = with(text, "b[1..4]:   {role: server,", "b[1..4]: {role: server,");
  text = with(text, "{b1: {port: 90}, b2: {port: 90}, b3: {port: 90}, b4: {port: 90}}",
              "{b9: {port: 90}}");
  text = with(text, "  c1:", "  b9: {role: server, addresses: [\"2001:db8:2::1\"]}\n  c1:");
  text = with(text, "backend_subnet: 10.0.1.0/24", "backend_subnet: \"2001:db8:3::/64\"");
  const Scenario s = decoded(text);
  BOOST_TEST(s.workloads[0].parameters.destination.to_string() == "[2001:db8::10]:80");
  BOOST_TEST(s.balancers.front().groups[0].servers[0].address.to_string() == "2001:db8:2::1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
