// Whole runs of small worlds: transfers, conservation, sampling, timeline, stopping, errors.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "models/telemetry/measures.hpp"
#include "tests/must.hpp"
#include "tests/sim/link_fixture.hpp"  // printing of link kinds
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using language::LinkKind;
using namespace std::chrono_literals;
using Action = language::TimelineEntry::Action;

const auto kAllKinds =
    boost::unit_test::data::make({LinkKind::point_to_point, LinkKind::csma, LinkKind::pooled});

language::TimelineEntry entry(Duration at, Action action, const std::string& target) {
  language::TimelineEntry result;
  result.at = kStart + at;
  result.action = action;
  result.target = target;
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run_of_a_world)

BOOST_DATA_TEST_CASE(every_request_is_answered_and_every_packet_accounted_for, kAllKinds, kind) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    const TracedRun run(small_scenario(kind, mode));
    BOOST_TEST(run.result().conservation_problem == "");
    BOOST_TEST(run.result().packets_conserved);
    // 100/s for 2 s, staggered over two clients.
    BOOST_TEST(run.total("requests", "burst") == 200);
    BOOST_TEST(run.total("responses", "burst") == 200);
    BOOST_TEST(run.total("request_failures", "burst") == 0);
    BOOST_TEST(run.total("connected", "c1") == 100);
    BOOST_TEST(run.total("connected", "c2") == 100);
    BOOST_TEST(run.total("scheduled", "app/b1") + run.total("scheduled", "app/b2") == 200);
    BOOST_TEST(run.total("accepted", "b1") == run.total("scheduled", "app/b1"));
    BOOST_TEST(run.total("m4_ncps", "balancer") == 200);
    BOOST_TEST(run.total("dropped", "balancer") == 0);
    BOOST_TEST(run.result().end.connections == 200);
    BOOST_TEST(run.trace().complete());
  }
}

BOOST_AUTO_TEST_CASE(response_time_is_two_round_trips_through_the_balancer) {
  auto scenario = small_scenario(LinkKind::pooled, Mode::dnat, 1, 1);
  for (auto& host : scenario.hosts) {
    host.link.delay = 5ms;
    host.link.rate_bits_per_second = 1e12;
  }
  const TracedRun run(scenario);
  // SYN and SYN+ACK, request and response: four times two links of 5 ms.
  BOOST_TEST(run.maximum("response_time", "burst") > 39.9);
  BOOST_TEST(run.maximum("response_time", "burst") < 40.1);
}

BOOST_AUTO_TEST_CASE(every_measure_is_recorded_for_every_object_of_its_scope) {
  const TracedRun run(small_scenario(LinkKind::pooled));
  std::size_t expected = 0;
  for (const telemetry::MeasureInfo& measure : telemetry::measures()) {
    std::vector<std::string> objects;
    switch (measure.scope) {
      case telemetry::MeasureScope::host:
      case telemetry::MeasureScope::link:
        objects = {"c1", "c2", "b1", "b2"};
        break;
      case telemetry::MeasureScope::balancer:
        objects = {"balancer"};
        break;
      case telemetry::MeasureScope::server:
        objects = {"app/b1", "app/b2"};
        break;
      case telemetry::MeasureScope::workload:
        objects = {"burst"};
        break;
      case telemetry::MeasureScope::network:
        objects = {"network"};
        break;
      case telemetry::MeasureScope::middlebox:  // there is none: nat_test.cpp
      case telemetry::MeasureScope::listener:   // nothing in the scenario refuses packets
      case telemetry::MeasureScope::subnet:
      case telemetry::MeasureScope::grouped_host:
      case telemetry::MeasureScope::firewalled_host:
      case telemetry::MeasureScope::relay:
      case telemetry::MeasureScope::session_host:
      case telemetry::MeasureScope::user_workload:
      case telemetry::MeasureScope::sticky_group:  // none is: scenarios/stickiness
      case telemetry::MeasureScope::quic_group:
      case telemetry::MeasureScope::checked_balancer:  // health_checks_test.cpp
      case telemetry::MeasureScope::checked_server:
        break;
    }
    for (const std::string& object : objects) {
      BOOST_TEST_CONTEXT(measure.name << "(" << object << ")") {
        BOOST_TEST(run.has_series(std::string(measure.name), object));
      }
      ++expected;
    }
  }
  BOOST_TEST(run.trace().series().size() == expected);
}

BOOST_AUTO_TEST_CASE(last_sample_covers_the_rest_of_the_run) {
  auto scenario = small_scenario(LinkKind::pooled);
  scenario.duration = 2500ms;
  const TracedRun run(scenario);
  const auto samples = run.samples("requests", "burst");
  BOOST_REQUIRE_EQUAL(samples.size(), 3);
  BOOST_TEST((samples[0].at == kStart + 1s));
  BOOST_TEST((samples[1].at == kStart + 2s));
  BOOST_TEST((samples[2].at == kStart + 2500ms));
  BOOST_TEST(run.total("requests", "burst") == 200);
}

BOOST_AUTO_TEST_CASE(run_of_whole_intervals_has_one_sample_at_its_end) {
  const TracedRun run(small_scenario(LinkKind::pooled));
  const auto samples = run.samples("requests", "burst");
  BOOST_REQUIRE_EQUAL(samples.size(), 4);
  BOOST_TEST((samples.back().at == kStart + 4s));
}

BOOST_AUTO_TEST_CASE(run_without_a_trace_is_the_same_run) {
  const auto scenario = small_scenario(LinkKind::point_to_point);
  const TracedRun traced(scenario);
  const RunResult untraced = must(run(scenario, {}));
  BOOST_TEST(untraced.events == traced.result().events);
  BOOST_TEST(untraced.packets == traced.result().packets);
  BOOST_TEST(untraced.end.connections == traced.result().end.connections);
}

BOOST_AUTO_TEST_CASE(load_is_split_evenly_over_hosts_and_their_addresses) {
  auto scenario = small_scenario(LinkKind::pooled);
  auto& addresses = scenario.hosts[0].addresses;
  addresses.push_back(net::IpAddress::v4(203, 0, 113, 77));
  const TracedRun run(scenario);
  BOOST_TEST(run.total("connected", "c1") == 100);
  BOOST_TEST(run.total("connected", "c2") == 100);
  BOOST_TEST(run.result().conservation_problem == "");
}

BOOST_AUTO_TEST_CASE(client_and_server_speak_ipv6_over_every_kind_of_link) {
  for (const LinkKind kind : {LinkKind::point_to_point, LinkKind::csma, LinkKind::pooled}) {
    auto scenario = small_scenario(kind, Mode::dnat, 1, 1);
    const auto virtual_address = *net::IpAddress::parse("2001:db8::10");
    scenario.balancers.front().address_v6 = virtual_address;
    burst(scenario).destination.address = virtual_address;
    scenario.hosts[0].addresses = {*net::IpAddress::parse("2001:db8:1::1")};
    scenario.hosts[1].addresses = {*net::IpAddress::parse("2001:db8:2::1")};
    scenario.balancers.front().groups[0].servers[0].address = scenario.hosts[1].addresses[0];
    const TracedRun run(scenario);
    BOOST_TEST_CONTEXT(kind) {
      BOOST_TEST(run.total("responses", "burst") == 200);
      BOOST_TEST(run.result().conservation_problem == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(hosts_of_a_segment_share_its_channel) {
  auto scenario = small_scenario(LinkKind::csma);
  for (auto& host : scenario.hosts) host.link.segment = "lan";
  const TracedRun run(scenario);
  BOOST_TEST(run.total("responses", "burst") == 200);
  BOOST_TEST(run.result().conservation_problem == "");
}

BOOST_AUTO_TEST_CASE(ten_megabytes_arrive_whole_over_a_lossy_link) {
  for (const LinkKind kind : {LinkKind::point_to_point, LinkKind::pooled}) {
    auto scenario = small_scenario(kind, Mode::full_nat, 1, 1);
    scenario.duration = 120s;
    scenario.hosts[0].link.loss = 0.01;
    scenario.hosts[0].link.jitter = 200us;
    burst(scenario).rate_per_second = 1;
    burst(scenario).end = kStart + 1s;
    burst(scenario).response_bytes = 10'000'000;
    burst(scenario).request_timeout = 110s;
    const TracedRun run(scenario);
    BOOST_TEST_CONTEXT(kind) {
      BOOST_TEST(run.total("responses", "burst") == 1);
      BOOST_TEST(run.total("link_drops", "c1") > 50);  // of about 7,000 packets each way, 1 %
      BOOST_TEST(run.total("retransmissions", "b1") > 30);
      BOOST_TEST(run.result().conservation_problem == "");
    }
  }
}

// scenarios.md, TW-01 scaled down: P = 100 ports, W = 2 s, so R* = 50 connections per second.
BOOST_AUTO_TEST_CASE(exhausted_ports_hold_the_rate_at_ports_per_time_wait) {
  auto scenario = small_scenario(LinkKind::pooled, Mode::dnat, 1, 2);
  scenario.duration = 22s;
  scenario.hosts[0].sysctls.ip_local_port_range_low = 40000;
  scenario.hosts[0].sysctls.ip_local_port_range_high = 40099;
  scenario.hosts[0].time_wait = 2s;
  burst(scenario).end = kStart + 20s;
  const TracedRun run(scenario);
  BOOST_TEST(run.maximum("time_wait", "c1") == 100);
  BOOST_TEST(run.total("refused_locally", "c1") > 900);
  BOOST_TEST(run.total("dropped", "balancer") == 0);
  const auto connected = run.samples("connected", "c1");
  BOOST_REQUIRE_EQUAL(connected.size(), 22);
  for (std::size_t i = 2; i + 1 < 20; i += 2) {
    const double mean = (connected[i].value + connected[i + 1].value) / 2;
    BOOST_TEST(std::abs(mean - 50) <= 0.05 * 50);
  }
}

BOOST_AUTO_TEST_CASE(fewer_connections_than_addresses_offer_the_whole_rate) {
  auto scenario = small_scenario(LinkKind::pooled, Mode::dnat, 1, 1);
  for (std::uint64_t i = 1; i < 4; ++i) {
    auto& addresses = scenario.hosts[0].addresses;
    addresses.push_back(addresses.front().plus(100 + i));
  }
  burst(scenario).kind = workload::Kind::persistent_connections;
  burst(scenario).connections = 2;
  const TracedRun run(scenario);
  BOOST_TEST(run.total("connected", "c1") == 2);
  BOOST_TEST(run.total("requests", "burst") == 200);  // 100/s for 2 s
  BOOST_TEST(run.total("responses", "burst") == 200);
}

BOOST_AUTO_TEST_CASE(timeline_acts_at_its_moments_and_is_recorded) {
  auto scenario = small_scenario(LinkKind::pooled, Mode::dnat, 1, 2);
  scenario.duration = 10s;
  burst(scenario).end = kStart + 8s;
  scenario.timeline = {entry(2s, Action::disable_server, "app/b1"),
                       entry(4s, Action::enable_server, "app/b1"),
                       entry(6s, Action::link_down, "c1"), entry(7s, Action::link_up, "c1")};
  const TracedRun run(scenario);
  const auto scheduled = run.samples("scheduled", "app/b1");
  BOOST_TEST(scheduled[1].value == 50, boost::test_tools::tolerance(0.05));
  BOOST_TEST(scheduled[2].value == 0);
  BOOST_TEST(scheduled[3].value == 0);
  BOOST_TEST(scheduled[4].value == 50, boost::test_tools::tolerance(0.05));
  // Of the samples at 1, 2, 3 … s; one that falls on a change may be of before or after it.
  const auto weight = run.samples("weight", "app/b1");
  BOOST_TEST(weight[0].value == 1);
  BOOST_TEST(weight[2].value == 0);
  BOOST_TEST(weight[4].value == 1);
  BOOST_TEST(run.maximum("weight", "app/b2") == 1);
  BOOST_TEST(run.samples("connected", "c1")[6].value < 5);
  BOOST_TEST(run.total("link_drops", "c1") >= 90);
  BOOST_TEST(run.events("fault_injected") == 4);
  BOOST_TEST(run.events("packet_dropped", "link_down") ==
             static_cast<std::uint64_t>(run.total("link_drops", "c1")));
}

// 100 requests per second for 2 s, of 4 ms each on one CPU; then of 40 ms each on two.
BOOST_AUTO_TEST_CASE(cpus_are_busy_for_what_is_served_and_never_more_than_all_the_time) {
  auto scenario = small_scenario(LinkKind::pooled, Mode::dnat, 1, 1);
  scenario.sample_interval = 500ms;
  auto& cpu = scenario.hosts[1].services.at(0).cpu;
  cpu.time = 4ms;
  {
    const TracedRun run(scenario);
    const auto busy = run.samples("cpu", "b1");
    for (std::size_t i = 1; i < 4; ++i) {
      BOOST_TEST(busy[i].value == 40, boost::test_tools::tolerance(0.05));
    }
    BOOST_TEST(busy[6].value == 0);
    BOOST_TEST(run.maximum("requests_waiting", "b1") == 0);
    BOOST_TEST(run.total("served", "b1") == run.total("responses", "burst"));
    BOOST_TEST(run.maximum("cpu", "c1") == 0);
  }
  cpu.time = 40ms;
  cpu.cpus = 2;
  const TracedRun run(scenario);
  const auto busy = run.samples("cpu", "b1");
  const auto served = run.samples("served", "b1");
  for (std::size_t i = 1; i < 7; ++i) {
    BOOST_TEST(busy[i].value == 100, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(served[i].value == 25, boost::test_tools::tolerance(0.1));  // 2 / 40 ms × 500 ms
  }
  BOOST_TEST(run.maximum("requests_waiting", "b1") == 100, boost::test_tools::tolerance(0.05));
  BOOST_TEST(run.maximum("cpu", "b1") <= 100);
}

BOOST_AUTO_TEST_CASE(stopped_service_refuses_and_serves_again) {
  auto scenario = small_scenario(LinkKind::pooled, Mode::dnat, 1, 1);
  scenario.duration = 8s;
  burst(scenario).end = kStart + 6s;
  scenario.timeline = {entry(2s, Action::stop_service, "b1"),
                       entry(4s, Action::start_service, "b1")};
  const TracedRun run(scenario);
  const auto responses = run.samples("responses", "burst");
  BOOST_TEST(responses[1].value == 100, boost::test_tools::tolerance(0.05));
  BOOST_TEST(responses[2].value <= 2);
  BOOST_TEST(responses[3].value <= 2);
  BOOST_TEST(responses[4].value == 100, boost::test_tools::tolerance(0.05));
  BOOST_TEST(run.total("request_failures", "burst") == 200, boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(progress_is_reported_and_can_stop_the_run) {
  auto scenario = small_scenario(LinkKind::pooled);
  RunOptions options;
  options.progress_interval = Duration{0};
  unsigned calls = 0;
  options.on_progress = [&](const Progress& progress) {
    BOOST_TEST((progress.duration == 4s));
    return ++calls < 10;
  };
  const TracedRun run(scenario, options);
  BOOST_TEST(calls == 10);
  BOOST_TEST(run.result().stopped);
  BOOST_TEST((run.result().end.simulated < kStart + 4s));
  BOOST_TEST(!run.trace().complete());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_built_is_said) {
  auto scenario = small_scenario(LinkKind::pooled);
  scenario.hosts[0].stack = language::HostStack::ns3;
  BOOST_TEST(run(scenario, {}).error().message.find("pooled") != std::string::npos);
  scenario = small_scenario(LinkKind::pooled);
  scenario.timeline = {entry(1s, Action::link_down, "nobody")};
  BOOST_TEST(run(scenario, {}).error().message.find("nobody") != std::string::npos);
  scenario = small_scenario(LinkKind::point_to_point);
  scenario.hosts[0].stack = language::HostStack::ns3;
  scenario.timeline = {entry(1s, Action::set_sysctl, "c1")};
  scenario.timeline[0].name = "net.ipv4.tcp_syn_retries";
  scenario.timeline[0].value = 1;
  BOOST_TEST(run(scenario, {}).error().message.find("no kernel settings") != std::string::npos);
  scenario = small_scenario(LinkKind::pooled);
  scenario.duration = 0s;
  BOOST_TEST(!run(scenario, {}).has_value());
  RunOptions options;
  options.trace = "/nonexistent-folder/run.db";
  BOOST_TEST(!run(small_scenario(LinkKind::pooled), options).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
