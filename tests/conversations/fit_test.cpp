// Fits of traffic whose parameters are known: drawn by hand, and simulated.
#include "pcap/conversations/fit.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "cli/captures/imported_scenario.hpp"
#include "models/random/stream.hpp"
#include "pcap/conversations/extractor.hpp"
#include "pcap/conversations/gap_statistics.hpp"
#include "tests/conversations/packets.hpp"
#include "tests/conversations/simulated.hpp"
#include "tests/must.hpp"

using namespace elblab;
using namespace elblab::pcap;
using namespace elblab::testing;
using namespace std::chrono_literals;
using elblab::pcap::testing::endpoint;
using elblab::pcap::testing::Packets;
using workload::Kind;

namespace {

std::vector<Duration> arrivals(std::size_t n, auto gap) {
  std::vector<Duration> times;
  Duration at{0};
  for (std::size_t i = 0; i < n; ++i) times.push_back(at += from_seconds(gap()));
  return times;
}

const FitRow* row(const WorkloadFit& fit, const std::string& figure) {
  for (const FitRow& each : fit.rows) {
    if (each.figure == figure) return &each;
  }
  return nullptr;
}

// The language's half of a scenario that only the load differs in.
std::string scenario(const std::string& load, const std::string& protocol = "tcp") {
  return R"(
scenario: original
title: to be captured and imported
profile: dedicated
duration: 23s
hosts:
  c1: {role: client, addresses: 5, link: {delay: 3ms}}
  "b[1..3]": {role: server, link: {delay: 500us}, service: {time: 7ms}}
balancer:
  listeners: {web: {protocol: )" +
         protocol + R"(, port: 8080, group: app}}
  groups: {app: {servers: {"b[1..3]": {port: 90}}}}
workload:
  load: {from: c1, to: web, )" +
         load + "}\n";
}

struct Imported {
  Folder folder;
  TrafficFit fit;
  std::unique_ptr<trace::Reader> original;
  std::unique_ptr<trace::Reader> again;

  explicit Imported(const std::string& text) {
    simulate(decode_text(text), folder / "a.db", folder / "captures");
    fit = fit_traffic(extract(*must(pcap::Reader::open(folder / "captures/c1.pcap"))), {});
    simulate(decode_text(cli::imported_scenario(fit, "c1.pcap")), folder / "b.db");
    original = open_trace(folder / "a.db");
    again = open_trace(folder / "b.db");
  }
  // The same total of a measure, within a share.
  void alike(const std::string& measure, const std::string& a, const std::string& b,
             double within) {
    const double one = total(samples(*original, measure, a));
    const double two = total(samples(*again, measure, b));
    BOOST_TEST_CONTEXT(measure << "(" << a << ") " << one << ", imported " << two) {
      BOOST_TEST(one > 0);
      BOOST_TEST(std::abs(one - two) <= within * one);
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(gaps_are_told_apart_by_their_distances) {
  random::Stream random(3, "gaps");
  const auto poisson = gap_statistics(arrivals(5000, [&] { return random.exponential(0.01); }));
  BOOST_TEST(poisson.distance_poisson < poisson.critical);
  BOOST_TEST(poisson.distance_even > 0.5);  // more than half lie outside 0.9 ... 1.1 of the mean
  const auto even =
      gap_statistics(arrivals(5000, [&] { return 0.01 + 0.0005 * random.uniform(); }));
  BOOST_TEST(even.distance_even == 0);
  BOOST_TEST(even.distance_poisson > 0.5);  // 1 - e^-1 of an exponential's gaps are below the mean
  const auto bursts =
      gap_statistics(arrivals(5000, [&] { return random.chance(0.01) ? 1.0 : 0.0001; }));
  BOOST_TEST(bursts.distance_even > 0.5);
  BOOST_TEST(bursts.distance_poisson > 0.5);
  BOOST_TEST(gap_statistics({}).gaps == 0U);
  BOOST_TEST(gap_statistics({1s, 1s, 1s}).distance_poisson == 1);
}

BOOST_AUTO_TEST_CASE(short_connections_come_back_as_they_were) {
  Imported imported(
      scenario("short_connections: 200/s, for: 20s, request: 300B, response: 20KB, "
               "closes: client, hold: 40ms"));
  BOOST_REQUIRE(imported.fit.workloads.size() == 1U);
  const WorkloadFit& fit = imported.fit.workloads.front();
  const auto& p = fit.parameters;
  BOOST_CHECK(p.kind == Kind::short_connections);
  BOOST_TEST(p.rate_per_second == 200, boost::test_tools::tolerance(0.001));
  BOOST_CHECK(p.arrivals == workload::Arrivals::uniform);
  BOOST_TEST(p.request_bytes == 300U);
  BOOST_TEST(p.response_bytes == 20000U);
  BOOST_CHECK(p.closes == workload::Closer::client);
  BOOST_CHECK(p.close_with == workload::CloseWith::fin);
  BOOST_CHECK(std::chrono::abs(p.hold - 40ms) < 100us);
  BOOST_CHECK(std::chrono::abs(fit.service - 7ms) < 100us);
  BOOST_CHECK(std::chrono::abs(fit.round_trip - 7ms) < 100us);  // 2 × (3 ms + 500 us)
  BOOST_TEST(fit.clients == 5U);
  BOOST_TEST(fit.conversations == 4000U);
  BOOST_CHECK(p.end - p.begin > 19990ms);
  // 200/s × (7 ms handshake, 7 ms request, 7 ms for the second window of the answer, 7 ms service,
  // 40 ms hold) are open
  const FitRow* const open = row(fit, "connections open on average");
  BOOST_REQUIRE(open);
  BOOST_TEST(open->captured == 13.6, boost::test_tools::tolerance(0.03));
  BOOST_CHECK(open->goodness() == Goodness::good);
  imported.alike("requests", "load", "tcp-8080", 0.001);
  imported.alike("responses", "load", "tcp-8080", 0.001);
  imported.alike("connected", "c1", "tcp-8080-clients", 0.001);
  imported.alike("bytes_in", "c1", "tcp-8080-clients", 0.01);
  imported.alike("bytes_out", "c1", "tcp-8080-clients", 0.01);
  imported.alike("established", "c1", "tcp-8080-clients", 0.06);  // a gauge: its sum over seconds
}

BOOST_AUTO_TEST_CASE(poisson_arrivals_and_a_server_that_resets_are_recognised) {
  Imported imported(
      scenario("short_connections: 150/s, arrivals: poisson, for: 20s, request: 100B, "
               "response: 500B, closes: server, close_with: rst"));
  const auto& p = imported.fit.workloads.front().parameters;
  BOOST_CHECK(p.arrivals == workload::Arrivals::poisson);
  BOOST_CHECK(p.closes == workload::Closer::server);
  BOOST_CHECK(p.close_with == workload::CloseWith::rst);
  BOOST_TEST(p.rate_per_second == 150, boost::test_tools::tolerance(4 / std::sqrt(3000.0)));
  imported.alike("resets_sent", "b1", "tcp-8080-server1", 4.0);  // one server instead of three
  imported.alike("requests", "load", "tcp-8080", 8 / std::sqrt(3000.0));
}

BOOST_AUTO_TEST_CASE(kept_connections_come_back_as_kept) {
  Imported imported(
      scenario("persistent: 12, requests: 240/s, for: 20s, request: 200B, response: 3KB"));
  BOOST_REQUIRE(imported.fit.workloads.size() == 1U);
  const WorkloadFit& fit = imported.fit.workloads.front();
  BOOST_CHECK(fit.parameters.kind == Kind::persistent_connections);
  BOOST_TEST(fit.parameters.connections == 12U);
  BOOST_TEST(fit.parameters.rate_per_second == 240, boost::test_tools::tolerance(0.01));
  BOOST_TEST(fit.parameters.response_bytes == 3000U);
  imported.alike("responses", "load", "tcp-8080", 0.02);
  imported.alike("bytes_in", "c1", "tcp-8080-clients", 0.03);
}

BOOST_AUTO_TEST_CASE(datagrams_come_back_as_datagrams) {
  Imported imported(scenario("datagrams: 100/s, for: 20s, request: 60B, response: 400B", "udp"));
  BOOST_REQUIRE(imported.fit.workloads.size() == 1U);
  const WorkloadFit& fit = imported.fit.workloads.front();
  BOOST_CHECK(fit.parameters.kind == Kind::datagrams);
  BOOST_TEST(fit.parameters.request_bytes == 60U);
  BOOST_TEST(fit.parameters.response_bytes == 400U);
  imported.alike("udp_sent", "c1", "udp-8080-clients", 0.001);
  imported.alike("responses", "load", "udp-8080", 0.001);
}

BOOST_AUTO_TEST_CASE(traffic_of_two_kinds_becomes_two_workloads) {
  Packets packets;
  for (std::uint32_t i = 0; i < 300; ++i) {
    const auto port = static_cast<std::uint16_t>(10000 + i);
    pcap::testing::short_connection(packets, i * 10.0, endpoint(1 + i % 4, port), endpoint(99, 443),
                                    i * 77777, i * 55555 + 3);
    packets.udp(i * 10.0, endpoint(7, port), endpoint(99, 53), 40);
    packets.udp(i * 10.0 + 2, endpoint(99, 53), endpoint(7, port), 90);
  }
  const TrafficFit fit = fit_traffic(packets.extract(), {});
  BOOST_REQUIRE(fit.workloads.size() == 2U);
  BOOST_TEST(fit.workloads[0].name == "tcp-443");
  BOOST_TEST(fit.workloads[1].name == "udp-53");
  const auto decoded = decode_text(cli::imported_scenario(fit, "two kinds.pcap"));
  BOOST_TEST(decoded.workloads.size() == 2U);
  const TrafficFit mapped = fit_traffic(packets.extract(), {{endpoint(99, 443), "shop"}});
  BOOST_REQUIRE(mapped.workloads.size() == 1U);
  BOOST_TEST(mapped.workloads[0].name == "shop");
  BOOST_TEST(mapped.left_out == 300U);
}

BOOST_AUTO_TEST_CASE(a_capture_of_most_of_a_year_gives_a_scenario_that_reads) {
  Packets packets;
  // Silences of up to TraceClock::kGap are traffic; longer ones are skipped.
  constexpr double kPauseHours = 19;
  for (std::uint16_t i = 0; i * kPauseHours <= 24 * 301; ++i) {
    pcap::testing::short_connection(packets, i * kPauseHours * 3'600'000, endpoint(1, 1000 + i),
                                    endpoint(2, 80), 3U * i + 1, 4U * i + 2);
  }
  const TrafficFit fit = fit_traffic(packets.extract(), {});
  const auto scenario = decode_text(cli::imported_scenario(fit, "year.pcap"));
  BOOST_CHECK(scenario.duration > std::chrono::hours(24 * 300));
  BOOST_TEST(scenario.duration / scenario.sample_interval <= 20'000);
}

// Whatever was captured, what is written reads back.
BOOST_AUTO_TEST_CASE(any_traffic_gives_a_scenario_that_reads) {
  random::Stream random(11, "traffic");
  for (int round = 0; round < 60; ++round) {
    Packets packets;
    const std::uint64_t count = 1 + random.below(40);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto client = endpoint(static_cast<std::uint32_t>(random.below(300)),
                                   static_cast<std::uint16_t>(random.below(65536)));
      const auto server = endpoint(static_cast<std::uint32_t>(1000 + random.below(5)),
                                   static_cast<std::uint16_t>(random.below(4)));
      const double at = random.chance(0.3) ? 0 : random.uniform() * 1e5;
      if (random.chance(0.4)) {
        packets.udp(at, client, server, random.below(3000));
        if (random.chance(0.7)) packets.udp(at + 1, server, client, random.below(3000));
      } else {
        pcap::testing::short_connection(packets, at, client, server,
                                        static_cast<std::uint32_t>(random.next()),
                                        static_cast<std::uint32_t>(random.next()));
        packets.list.resize(packets.list.size() - random.below(6));
      }
    }
    const Conversations found = packets.extract();
    const TrafficFit fit = fit_traffic(found, {});
    BOOST_TEST(fit.workloads.empty() == found.list.empty());
    if (fit.workloads.empty()) continue;
    const std::string text = cli::imported_scenario(fit, "-.pcap");
    try {
      decode_text(text);
    } catch (const std::exception& problem) {
      BOOST_ERROR(problem.what());
    }
  }
}
