// Captures of simulated runs, taken up again: their conversations replayed behind the balancer.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "cli/stateful_scenario.hpp"
#include "pcap/conversations/extractor.hpp"
#include "tests/conversations/simulated.hpp"

using namespace elblab;
using namespace elblab::testing;
using workload::ConversationTally;

namespace {

const std::filesystem::path kScenarios = std::filesystem::path(ELBLAB_SOURCE_DIR) / "scenarios";

pcap::Conversations conversations_of(const std::filesystem::path& capture) {
  std::unique_ptr<pcap::Reader> reader;
  if (const auto error = pcap::Reader::open(capture, reader)) throw std::runtime_error(*error);
  return pcap::extract(*reader);
}

cli::StatefulScenario behind(const std::filesystem::path& balancer,
                             const std::vector<std::string>& settings,
                             const pcap::Conversations& conversations) {
  const auto setting = cli::load_balancer_setting(balancer, settings);
  if (!setting.errors.empty()) throw std::runtime_error(setting.errors.front());
  return cli::build_stateful_scenario(setting, conversations, {});
}

double farthest(const std::vector<double>& a, const std::vector<double>& b) {
  double distance = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    distance = std::max(distance, std::abs(a[i] - b[i]));
  }
  return distance;
}

}  // namespace

// RPL-01: the capture of the exhaustion run (TW-01; 1,000 ports and 10 s of TIME_WAIT, asked for
// twice the 100 connections per second that this allows) shows the same plateau again.
BOOST_AUTO_TEST_CASE(the_capture_of_an_exhausted_client_replayed_shows_the_same_plateau) {
  const auto file = kScenarios / "time-wait" / "TW-01.elb.yaml";
  const std::vector<std::string> scaled{
      "hosts.c1.sysctl.net.ipv4.ip_local_port_range=[32768, 33767]", "hosts.c1.time_wait=10s",
      "workload.burst.short_connections=200/s", "workload.burst.for=60s"};
  const Folder folder;
  simulate(decode(file, "symptom", scaled), folder / "a.db", folder / "captures");
  const auto captured = conversations_of(folder / "captures/c1.pcap");
  const auto built = behind(file, scaled, captured);
  simulate(built.scenario, folder / "b.db");

  const auto a = open_trace(folder / "a.db");
  const auto b = open_trace(folder / "b.db");
  const auto waiting_a = samples(*a, "time_wait", "c1");
  const auto waiting_b = samples(*b, "time_wait", "c1");
  const auto connected_a = samples(*a, "connected", "c1");
  const auto connected_b = samples(*b, "connected", "c1");
  // The plateau is there to be compared: all ports in TIME_WAIT, 100 connections per second.
  BOOST_TEST(*std::max_element(waiting_a.begin(), waiting_a.end()) >= 990);
  BOOST_TEST(total(connected_a) < 7100);
  BOOST_TEST(total(samples(*a, "refused_locally", "c1")) > 4900);
  BOOST_TEST(captured.list.size() == total(connected_a));
  BOOST_TEST_MESSAGE("time_wait differs by " << farthest(waiting_a, waiting_b)
                                             << " at most, connected by "
                                             << farthest(connected_a, connected_b));
  BOOST_TEST(waiting_b.size() >= waiting_a.size());
  BOOST_TEST(farthest(waiting_a, waiting_b) <= 10);
  BOOST_TEST(farthest(connected_a, connected_b) <= 2);
  const ConversationTally& tally = *built.tallies.front();
  BOOST_TEST(tally.played == captured.list.size());
  BOOST_TEST(static_cast<double>(tally.as_captured) >= 0.995 * static_cast<double>(tally.played));
}
