// Captures of a simulated run, taken at different places and replayed through the same balancer and
// through others: the same connections, whatever the place.
#include <boost/test/unit_test.hpp>
#include <tuple>

#include "tests/replay/capture_fixture.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::replay {
namespace {

using namespace std::chrono_literals;
using namespace test;
using sim::test::Mode;

// 200 connections of two clients to two servers, simulated once per mode.
class Simulated {
 public:
  static const Simulated& of(Mode mode) {
    static const Simulated dnat(Mode::dnat);
    static const Simulated full_nat(Mode::full_nat);
    return mode == Mode::dnat ? dnat : full_nat;
  }

  config::LoadBalancer balancer;
  double sessions = 0;
  std::filesystem::path client_side() const { return folder_ / "clients.pcap"; }
  std::filesystem::path server_side() const { return folder_ / "servers.pcap"; }
  std::filesystem::path both_sides() const { return folder_ / "both.pcap"; }
  std::filesystem::path before() const { return folder_ / "balancer.in.pcap"; }

 private:
  explicit Simulated(Mode mode) {
    const auto scenario = sim::test::small_scenario(language::LinkKind::pooled, mode);
    balancer = scenario.balancers.front();
    sim::RunOptions options;
    options.pcap_folder = folder_.path();
    const sim::test::TracedRun run(scenario, options);
    sessions = run.total("m4_ncps", "balancer");
    merge({folder_ / "c1.pcap", folder_ / "c2.pcap"}, client_side());
    merge({folder_ / "b1.pcap", folder_ / "b2.pcap"}, server_side());
    merge({before(), folder_ / "balancer.out.pcap"}, both_sides());
  }

  sim::test::TemporaryFolder folder_;
};

void check_whole(const Replayed& replayed, double sessions) {
  replayed.check_accounts();
  BOOST_TEST(replayed.report.engine.sessions_opened == sessions);
  BOOST_TEST(replayed.report.engine.sessions_closed == sessions);
  BOOST_TEST(replayed.report.open_at_end.established == 0u);
  BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
  BOOST_TEST(replayed.count(Verdict::answer_without_flow) == 0u);
  BOOST_TEST(replayed.count(Verdict::elsewhere) == 0u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sides)

BOOST_AUTO_TEST_CASE(give_the_same_connections_wherever_the_capture_was_taken) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    const Simulated& simulated = Simulated::of(mode);
    for (const auto& [capture, side] : {std::pair{simulated.client_side(), Side::client_side},
                                        {simulated.server_side(), Side::server_side},
                                        {simulated.both_sides(), Side::both_sides},
                                        {simulated.before(), Side::before_balancer}}) {
      BOOST_TEST_CONTEXT(capture) {
        const Replayed replayed(capture, simulated.balancer);
        BOOST_TEST((replayed.report.roles.side == side));
        check_whole(replayed, simulated.sessions);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(of_both_kinds_share_every_decision_with_the_same_engine_and_seed) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    const Simulated& simulated = Simulated::of(mode);
    for (const auto& capture : {simulated.both_sides(), simulated.before()}) {
      const Replayed replayed(capture, simulated.balancer);
      BOOST_TEST(replayed.report.decisions_seen == simulated.sessions);
      BOOST_TEST(replayed.report.decisions_shared == simulated.sessions);
      BOOST_TEST(replayed.report.inputs.moved == 0u);
    }
  }
}

// Another balancer for the same traffic: other weights, and the other way of translating.
BOOST_AUTO_TEST_CASE(carry_over_to_a_balancer_that_decides_otherwise) {
  for (const Mode mode : {Mode::dnat, Mode::full_nat}) {
    const Simulated& simulated = Simulated::of(mode);
    config::LoadBalancer weighted = simulated.balancer;
    weighted.groups.front().servers.front().weight = 4;
    config::LoadBalancer other_way = simulated.balancer;
    other_way.listeners.front().transfer_client_ip = mode == Mode::full_nat;
    for (const config::LoadBalancer& balancer : {weighted, other_way}) {
      for (const auto& capture :
           {simulated.client_side(), simulated.server_side(), simulated.both_sides()}) {
        BOOST_TEST_CONTEXT(capture) {
          const Replayed replayed(capture, balancer);
          check_whole(replayed, simulated.sessions);
        }
      }
    }
    const Replayed replayed(simulated.both_sides(), weighted);
    BOOST_TEST(replayed.report.servers[0].scheduled == 0.8 * simulated.sessions,
               boost::test_tools::tolerance(0.02));
    BOOST_TEST(replayed.report.servers[0].captured == 0.5 * simulated.sessions,
               boost::test_tools::tolerance(0.02));
    BOOST_TEST(replayed.report.decisions_shared < simulated.sessions);
    BOOST_TEST(replayed.report.inputs.moved > 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::replay
