// Same seed, same scenario: the same trace, whatever the event scheduler; another seed: another.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/sim/link_fixture.hpp"  // printing of link kinds
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using language::LinkKind;
using namespace std::chrono_literals;

const auto kAllKinds =
    boost::unit_test::data::make({LinkKind::point_to_point, LinkKind::csma, LinkKind::pooled});

// Everything random in it: arrivals, loss, jitter, ports, sequence numbers, hash seeds.
language::Scenario random_scenario(LinkKind kind) {
  auto scenario = small_scenario(kind, Mode::full_nat, 3, 3);
  burst(scenario).arrivals = workload::Arrivals::poisson;
  for (auto& host : scenario.hosts) {
    host.link.loss = 0.02;
    host.link.jitter = 1ms;
  }
  return scenario;
}

std::uint64_t digest(const language::Scenario& scenario, std::uint64_t seed,
                     EventScheduler scheduler = EventScheduler::priority_queue) {
  RunOptions options;
  options.seed = seed;
  options.scheduler = scheduler;
  const TracedRun run(scenario, options);
  BOOST_TEST(run.result().conservation_problem == "");
  return run.trace().digest();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(determinism)

BOOST_DATA_TEST_CASE(same_seed_gives_the_same_trace_over_both_schedulers, kAllKinds, kind) {
  const auto scenario = random_scenario(kind);
  const std::uint64_t first = digest(scenario, 7);
  BOOST_TEST(digest(scenario, 7) == first);
  BOOST_TEST(digest(scenario, 7, EventScheduler::map) == first);
}

BOOST_DATA_TEST_CASE(another_seed_gives_another_trace, kAllKinds, kind) {
  const auto scenario = random_scenario(kind);
  // The seed itself stands in the trace: compare what happened.
  RunOptions options;
  options.seed = 7;
  const TracedRun seven(scenario, options);
  options.seed = 8;
  const TracedRun eight(scenario, options);
  BOOST_TEST(seven.result().packets != eight.result().packets);
}

BOOST_AUTO_TEST_CASE(native_stacks_and_shared_segments_repeat_too) {
  auto scenario = random_scenario(LinkKind::csma);
  for (auto& host : scenario.hosts) host.link.segment = "lan";
  scenario.hosts.front().stack = language::HostStack::ns3;
  const std::uint64_t first = digest(scenario, 3);
  BOOST_TEST(digest(scenario, 3, EventScheduler::map) == first);
}

BOOST_AUTO_TEST_CASE(progress_reports_change_nothing) {
  const auto scenario = random_scenario(LinkKind::pooled);
  RunOptions options;
  options.seed = 7;
  options.progress_interval = Duration{0};
  options.on_progress = [](const Progress&) { return true; };
  const TracedRun watched(scenario, options);
  BOOST_TEST(watched.trace().digest() == digest(scenario, 7));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
