// Captures of simulated runs, taken up again: their conversations replayed behind the balancer.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "cli/captures/stateful_scenario.hpp"
#include "pcap/conversations/extractor.hpp"
#include "tests/conversations/simulated.hpp"
#include "tests/must.hpp"

using namespace elblab;
using namespace elblab::testing;
using workload::ConversationTally;

namespace {

const std::filesystem::path kScenarios = std::filesystem::path(ELBLAB_SOURCE_DIR) / "scenarios";

pcap::Conversations conversations_of(const std::filesystem::path& capture) {
  return pcap::extract(*must(pcap::Reader::open(capture)));
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

namespace {

// Half of the traffic on short connections that the server ends, half on kept ones; and datagrams.
constexpr const char* kMixed = R"(
scenario: mixed
title: to be captured and replayed
profile: dedicated
duration: 14s
hosts:
  c1: {role: client, addresses: 3, link: {delay: 2ms}}
  "b[1..4]": {role: server, link: {delay: 200us}, service: {time: 5ms}}
balancer:
  listeners:
    web: {protocol: tcp, port: 80, group: app}
    dns: {protocol: udp, port: 53, group: names}
  groups:
    app: {servers: {"b[1..4]": {port: 90}}}
    names: {servers: {"b[1..4]": {port: 53}}}
workload:
  short: {from: c1, to: web, short_connections: 50/s, for: 10s, request: 200B, response: 9KB, closes: server}
  kept: {from: c1, to: web, persistent: 6, requests: 60/s, for: 10s, request: 100B, response: 2KB, close_with: rst}
  lookups: {from: c1, to: dns, datagrams: 40/s, for: 10s, request: 40B, response: 120B}
)";

struct Mixed {
  Folder folder;
  language::Scenario original = decode_text(kMixed);
  pcap::Conversations captured;

  Mixed() {
    simulate(original, folder / "a.db", folder / "captures");
    captured = conversations_of(folder / "captures/c1.pcap");
  }
  // Replayed behind the same balancer and hosts, which `change` may change.
  template <typename Change>
  cli::StatefulScenario replay(Change change) {
    cli::BalancerSetting setting;
    setting.scenario = original;
    setting.scenario.workloads.clear();
    setting.client = setting.scenario.hosts.front();
    setting.scenario.hosts.erase(setting.scenario.hosts.begin());
    change(setting);
    auto built = cli::build_stateful_scenario(setting, captured, {});
    simulate(built.scenario, folder / "b.db");
    return built;
  }
  static std::uint64_t different(const ConversationTally& tally,
                                 ConversationTally::Difference difference) {
    return tally.ended_differently[static_cast<std::size_t>(difference)];
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(all_kinds_of_conversations_go_as_captured_behind_the_same_balancer, Mixed) {
  const auto built = replay([](auto&) {});
  BOOST_REQUIRE(built.tallies.size() == 2U);
  const bool web_first = built.scenario.workloads.front().listener == "web";
  const ConversationTally& web = *built.tallies[web_first ? 0 : 1];
  const ConversationTally& dns = *built.tallies[web_first ? 1 : 0];
  BOOST_TEST(web.played == 500U + 6U);
  BOOST_TEST(web.as_captured == web.played);
  BOOST_TEST(web.bytes_to_server == 500U * 200U + 600U * 100U);
  BOOST_TEST(web.bytes_to_client == 500U * 9000U + 600U * 2000U);
  BOOST_TEST(dns.played > 380U);  // a port used again within a minute is one flow
  BOOST_TEST(dns.as_captured == dns.played);
  BOOST_TEST(dns.bytes_to_client == 400U * 120U);
  BOOST_TEST(built.adaptations.padded_messages == 0U);
  BOOST_TEST(built.ends.at(workload::ConversationEnd::server_fin) == 500U);
  BOOST_TEST(built.ends.at(workload::ConversationEnd::client_reset) == 6U);
  const auto a = open_trace(folder / "a.db");
  const auto b = open_trace(folder / "b.db");
  for (const char* host : {"b1", "b2", "b3", "b4"}) {
    // TIME_WAIT stays with the servers, and as many of them; of 506 connections each gets a
    // quarter.
    BOOST_TEST(samples(*b, "time_wait", host)[11] > 120);
    BOOST_TEST(std::abs(samples(*a, "time_wait", host)[11] - samples(*b, "time_wait", host)[11]) <=
               4);
  }
  BOOST_TEST(farthest(samples(*a, "connected", "c1"), samples(*b, "connected", "c1")) <= 2);
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_refuses_the_share_of_its_server, Mixed) {
  const auto built = replay([](cli::BalancerSetting& setting) {
    for (auto& service : setting.scenario.hosts[0].services) service.listening = false;
  });
  for (const auto& tally : built.tallies) {
    const auto refused = different(*tally, ConversationTally::Difference::refused);
    const auto unheard = different(*tally, ConversationTally::Difference::no_reply);
    // A quarter: b1's. Port unreachables of UDP are rate limited, the rest hears nothing.
    BOOST_TEST(std::abs(static_cast<double>(refused + unheard) -
                        static_cast<double>(tally->played) / 4) <= 1);
    BOOST_TEST(tally->as_captured + refused + unheard == tally->played);
  }
}

BOOST_FIXTURE_TEST_CASE(a_client_with_few_ports_is_refused_locally, Mixed) {
  const auto built = replay([](cli::BalancerSetting& setting) {
    setting.client.sysctls.ip_local_port_range_low = 40000;
    setting.client.sysctls.ip_local_port_range_high = 40001;
  });
  // Kept connections hold most of the two ports of each of three addresses for ten seconds.
  const bool web_first = built.scenario.workloads.front().listener == "web";
  const ConversationTally& web = *built.tallies[web_first ? 0 : 1];
  const auto refused = different(web, ConversationTally::Difference::refused_locally);
  BOOST_TEST(refused > 300U);
  const auto b = open_trace(folder / "b.db");
  BOOST_TEST(static_cast<double>(refused) == total(samples(*b, "refused_locally", "c1")));
}

BOOST_FIXTURE_TEST_CASE(a_short_idle_timeout_ends_what_the_capture_left_open, Mixed) {
  // Only the first 5 s, so that the kept connections are not closed in it; then 10 s of silence.
  const auto reader = must(pcap::Reader::open(folder / "captures/c1.pcap"));
  pcap::Extractor extractor;
  for (pcap::Record record; reader->next(record) && record.at_ns < 5'000'000'000;) {
    extractor.add(record);
  }
  captured = extractor.finish();
  const auto open = replay([](auto&) {});
  BOOST_TEST(open.ends.at(workload::ConversationEnd::left_open) >= 6U);
  captured.length = std::chrono::seconds(30);
  const auto ended = replay([](cli::BalancerSetting& setting) {
    for (auto& listener : setting.scenario.balancers.front().listeners) {
      listener.idle_timeout = std::chrono::seconds(10);
    }
  });
  const ConversationTally& tally =
      *ended.tallies[ended.scenario.workloads.front().listener == "web" ? 0 : 1];
  BOOST_TEST(different(tally, ConversationTally::Difference::reset) >= 6U);
}
