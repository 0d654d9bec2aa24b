// ns-3's own TCP as an independent peer on either side of the balancer.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using language::HostRole;
using language::HostStack;
using language::LinkKind;
using namespace std::chrono_literals;

// Clients check the bytes of every response; a damaged one is a failure.
void check_all_answered(HostStack clients, HostStack servers, std::uint64_t response_bytes,
                        LinkKind kind) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    auto scenario = small_scenario(kind, mode);
    scenario.duration = 60s;
    burst(scenario).response_bytes = response_bytes;
    burst(scenario).rate_per_second = 20;
    for (auto& host : scenario.hosts) {
      host.stack = host.role == HostRole::client ? clients : servers;
      host.link.delay = 1ms;
    }
    const TracedRun run(scenario);
    BOOST_TEST_CONTEXT((mode == Mode::dnat ? "DNAT" : "fullNAT")) {
      BOOST_TEST(run.result().conservation_problem == "");
      BOOST_TEST(run.total("requests", "burst") == 40);
      BOOST_TEST(run.total("responses", "burst") == 40);
      BOOST_TEST(run.total("request_failures", "burst") == 0);
      BOOST_TEST(run.total("dropped", "balancer") == 0);
      // DNAT and NAT of the answers are seen as ordinary sessions by the balancer.
      BOOST_TEST(run.total("m4_ncps", "balancer") == 40);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interoperability)

BOOST_AUTO_TEST_CASE(ns3_client_with_model_server) {
  check_all_answered(HostStack::ns3, HostStack::model, 1024, LinkKind::point_to_point);
  check_all_answered(HostStack::ns3, HostStack::model, 300'000, LinkKind::point_to_point);
}

BOOST_AUTO_TEST_CASE(model_client_with_ns3_server) {
  check_all_answered(HostStack::model, HostStack::ns3, 1024, LinkKind::point_to_point);
  check_all_answered(HostStack::model, HostStack::ns3, 300'000, LinkKind::point_to_point);
}

BOOST_AUTO_TEST_CASE(ns3_client_with_ns3_server) {
  check_all_answered(HostStack::ns3, HostStack::ns3, 1024, LinkKind::point_to_point);
}

BOOST_AUTO_TEST_CASE(peers_meet_over_ethernet_and_arp) {
  check_all_answered(HostStack::ns3, HostStack::model, 1024, LinkKind::csma);
  check_all_answered(HostStack::model, HostStack::ns3, 1024, LinkKind::csma);
}

BOOST_AUTO_TEST_CASE(large_transfer_crosses_a_lossy_link_from_ns3_to_the_model) {
  auto scenario = small_scenario(LinkKind::point_to_point, Mode::full_nat, 1, 1);
  scenario.duration = 300s;
  scenario.hosts[1].stack = HostStack::ns3;
  scenario.hosts[0].link.loss = 0.005;
  burst(scenario).rate_per_second = 1;
  burst(scenario).end = kStart + 1s;
  burst(scenario).response_bytes = 1'000'000;
  burst(scenario).request_timeout = 290s;
  const TracedRun run(scenario);
  BOOST_TEST(run.total("responses", "burst") == 1);
  BOOST_TEST(run.total("link_drops", "c1") > 0);
  BOOST_TEST(run.result().conservation_problem == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
