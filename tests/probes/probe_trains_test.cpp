#include "pcap/probes/probe_trains.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::probes {
namespace {

using namespace std::chrono_literals;

constexpr Duration kInterval = 5s;

net::IpAddress ip(const char* text) { return *net::IpAddress::parse(text); }

Instant at(Duration since) { return kStart + since; }

}  // namespace

BOOST_AUTO_TEST_SUITE(probe_trains)

BOOST_AUTO_TEST_CASE(an_address_of_its_own_tells_the_node) {
  ProbeTrains trains({ip("100.125.0.1"), ip("100.125.0.2")});
  BOOST_TEST(trains.node_of(ip("100.125.0.2"), 0, kInterval, at(1s)).value() == 1U);
  BOOST_TEST(trains.node_of(ip("100.125.0.1"), 0, kInterval, at(2s)).value() == 0U);
  BOOST_TEST(trains.node_of(ip("100.125.0.2"), 0, kInterval, at(6s)).value() == 1U);
  BOOST_TEST(trains.node_of(ip("100.125.0.1"), 7, kInterval, at(6s)).value() == 0U);
}

// As many nodes behind one address as there are, each at a random moment of the interval, with
// probes that come a little early or late, and some that are missing.
BOOST_AUTO_TEST_CASE(nodes_behind_one_address_keep_apart_by_their_rhythm) {
  random::Stream stream(1, "trains");
  for (int round = 0; round < 200; ++round) {
    const auto nodes = static_cast<std::size_t>(1 + stream.below(6));
    ProbeTrains trains(std::vector<net::IpAddress>(nodes, ip("10.0.1.9")));
    struct Probe {
      Duration start;
      std::size_t node;
    };
    std::vector<Duration> phases;
    for (std::size_t i = 0; i < nodes; ++i) {
      phases.push_back(Duration(static_cast<std::int64_t>(stream.below(5'000'000'000))));
    }
    std::sort(phases.begin(), phases.end());
    bool close = false;  // closer than the probes jitter: nobody can tell these apart
    for (std::size_t i = 0; i < nodes; ++i) {
      const Duration next = i + 1 < nodes ? phases[i + 1] : phases[0] + kInterval;
      close = close || (nodes > 1 && next - phases[i] < 60ms);
    }
    if (close) continue;
    std::vector<Probe> probes;
    for (int turn = 0; turn < 20; ++turn) {
      for (std::size_t i = 0; i < nodes; ++i) {
        if (turn > 0 && stream.below(10) == 0) continue;
        const Duration jitter(static_cast<std::int64_t>(stream.below(2'000'000)));
        probes.push_back({phases[i] + turn * kInterval + jitter, i});
      }
    }
    std::sort(probes.begin(), probes.end(),
              [](const Probe& x, const Probe& y) { return x.start < y.start; });
    for (const Probe& probe : probes) {
      BOOST_TEST(trains.node_of(ip("10.0.1.9"), 0, kInterval, at(probe.start)).value() ==
                 probe.node);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_address_is_that_of_a_node_not_seen_so_far) {
  ProbeTrains trains({ip("100.125.0.1"), ip("100.125.0.2")});
  BOOST_TEST(trains.node_of(ip("100.125.9.9"), 0, kInterval, at(1s)).value() == 0U);
  BOOST_TEST(trains.node_of(ip("100.125.9.9"), 3, kInterval, at(2s)).value() == 0U);
  BOOST_TEST(trains.node_of(ip("100.125.9.8"), 0, kInterval, at(3s)).value() == 1U);
}

BOOST_AUTO_TEST_CASE(more_trains_than_nodes_are_nobodys) {
  ProbeTrains trains({ip("100.125.0.1")});
  BOOST_TEST(trains.node_of(ip("100.125.0.1"), 0, kInterval, at(1s)).has_value());
  BOOST_TEST(!trains.node_of(ip("100.125.0.1"), 0, kInterval, at(3s)).has_value());
  BOOST_TEST(!trains.node_of(ip("100.125.0.2"), 0, kInterval, at(3s)).has_value());
  BOOST_TEST(trains.node_of(ip("100.125.0.1"), 0, kInterval, at(6s)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::probes
