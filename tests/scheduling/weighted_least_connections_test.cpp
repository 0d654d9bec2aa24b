#include "models/scheduling/weighted_least_connections.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "models/scheduling/smooth_weighted_round_robin.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::scheduling {
namespace {

const Arrival kArrival{kClient, {}};

// A node that forwards: every connection that it schedules counts until it ends.
struct LeastConnectionsNode {
  explicit LeastConnectionsNode(const std::vector<int>& weights)
      : candidates(with_weights(weights)) {
    scheduler.reset(weights.size());
  }
  std::optional<std::size_t> begin() {
    const auto server = scheduler.pick(candidates, kArrival);
    if (server) {
      candidates.flow_began(*server);
      open.push_back(*server);
    }
    return server;
  }
  // One of the open ones, by any number.
  void end(std::size_t which) {
    which %= open.size();
    candidates.flow_ended(open[which]);
    open[which] = open.back();
    open.pop_back();
  }
  std::string sequence(int connections) {
    std::string letters;
    for (int i = 0; i < connections; ++i) {
      const auto server = begin();
      letters += server ? static_cast<char>('a' + *server) : '-';
    }
    return letters;
  }

  Candidates candidates;
  WeightedLeastConnections scheduler;
  std::vector<std::size_t> open;
};

// connections / weight as a whole number and what is over: exact, without cross-multiplication. The
// rest is a fraction with a denominator of at most 100: two of them are 1 / 9900 apart or equal.
bool load_is_less(const Candidate& a, const Candidate& b) {
  const auto whole = [](const Candidate& c) { return c.active_connections / c.weight; };
  const auto rest = [](const Candidate& c) {
    return static_cast<double>(c.active_connections % c.weight) / c.weight;
  };
  if (whole(a) != whole(b)) return whole(a) < whole(b);
  return rest(a) < rest(b) - 1e-6;
}

// IMB-09: no server is ahead of another by more than its last connection.
void require_level(const Candidates& candidates) {
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    for (std::size_t j = 0; j < candidates.size(); ++j) {
      Candidate before_last = candidates[i];
      if (!candidates[i].usable() || !candidates[j].usable()) continue;
      if (before_last.active_connections == 0) continue;
      --before_last.active_connections;
      BOOST_REQUIRE(!load_is_less(candidates[j], before_last));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(weighted_least_connections)

// SCH-05, and the source's example: connections 10, 6, 3 with weights 5, 2, 1.
BOOST_AUTO_TEST_CASE(takes_the_server_with_the_fewest_connections_for_its_weight) {
  LeastConnectionsNode node({5, 2, 1});
  const int connections[] = {10, 6, 3};
  for (std::size_t s = 0; s < 3; ++s) {
    for (int i = 0; i < connections[s]; ++i) node.candidates.flow_began(s);
  }
  BOOST_TEST(*node.scheduler.pick(node.candidates, kArrival) == 0u);
}

// Worked out by hand. All are empty: a has the greatest weight. Then b and c, still empty, in turn;
// then a until it has five for its weight of five; then all are equal again. Of equal servers who
// had to wait longest is first in the next round.
BOOST_AUTO_TEST_CASE(fills_servers_in_proportion_to_their_weights) {
  BOOST_TEST(LeastConnectionsNode({5, 1, 1}).sequence(7) == "abcaaaa");
  BOOST_TEST(LeastConnectionsNode({1, 1, 1}).sequence(12) == "abccbaabccba");
  BOOST_TEST(LeastConnectionsNode({1, 3}).sequence(4) == "babb");
}

BOOST_AUTO_TEST_CASE(never_takes_a_server_of_weight_zero_or_one_that_is_out) {  // SCH-10..12
  BOOST_TEST(LeastConnectionsNode({0, 1, 0, 1}).sequence(4) == "bddb");
  BOOST_TEST(LeastConnectionsNode({0, 0}).sequence(2) == "--");
  BOOST_TEST(LeastConnectionsNode({}).sequence(2) == "--");
  LeastConnectionsNode node({1, 1});
  node.candidates.set(0, Owner::health, false);
  BOOST_TEST(node.sequence(3) == "bbb");
}

// A burst of SYNs that no server has answered yet is spread: connections count from their first
// packet on.
BOOST_AUTO_TEST_CASE(spreads_a_burst_before_any_connection_is_established) {
  LeastConnectionsNode node({1, 1, 1, 1});
  node.sequence(16);
  for (std::size_t s = 0; s < 4; ++s) BOOST_TEST(node.candidates[s].active_connections == 4u);
}

BOOST_AUTO_TEST_CASE(keeps_servers_level_to_one_connection_while_connections_begin) {  // IMB-09
  random::Stream random(1, "level");
  for (int trial = 0; trial < 100; ++trial) {
    LeastConnectionsNode node(random_weights(random, 1 + random.below(8), 1));
    for (int i = 0; i < 300; ++i) {
      node.begin();
      require_level(node.candidates);
    }
  }
}

// Mixed lifetimes at a constant number of connections: whatever ends, the next one fills the gap.
BOOST_AUTO_TEST_CASE(
    keeps_servers_level_to_one_connection_while_others_take_the_place_of_ended_ones) {
  random::Stream random(2, "replaced");
  for (int trial = 0; trial < 50; ++trial) {
    LeastConnectionsNode node(random_weights(random, 2 + random.below(6), 1));
    node.sequence(static_cast<int>(20 + random.below(200)));
    for (int i = 0; i < 500; ++i) {
      node.end(random.below(3) == 0 ? 0 : random.next());  // some live long
      node.begin();
      require_level(node.candidates);
    }
  }
}

// Against a naive choice by exact fractions, with servers going, coming and changing weight.
BOOST_AUTO_TEST_CASE(always_takes_one_of_the_least_loaded) {
  random::Stream random(3, "least");
  for (int trial = 0; trial < 100; ++trial) {
    LeastConnectionsNode node(random_weights(random, 1 + random.below(10), 0));
    for (int i = 0; i < 400; ++i) {
      if (random.chance(0.05)) change_something(node.candidates, random);
      while (!node.open.empty() && random.chance(0.45)) node.end(random.next());
      const Candidates before = node.candidates;
      const auto server = node.begin();
      bool any = false;
      for (std::size_t s = 0; s < before.size(); ++s) {
        if (!before[s].usable()) continue;
        any = true;
        BOOST_REQUIRE(server.has_value());
        BOOST_REQUIRE(!load_is_less(before[s], before[*server]));
      }
      BOOST_REQUIRE_EQUAL(server.has_value(), any);
      if (server) BOOST_REQUIRE(before[*server].usable());
    }
  }
}

// Connections so short that none is open when the next one comes: each finds all servers equal. The
// first of the list does not get everything; weights hold, in every round.
BOOST_AUTO_TEST_CASE(takes_equally_loaded_servers_in_weighted_turn) {
  random::Stream random(4, "ties");
  for (int trial = 0; trial < 50; ++trial) {
    const std::vector<int> weights = random_weights(random, 1 + random.below(8), 1);
    LeastConnectionsNode node(weights);
    SmoothWeightedRoundRobin turns;
    turns.reset(weights.size());
    int total = 0;
    for (const int weight : weights) total += weight;
    std::vector<int> taken(weights.size(), 0);
    for (int i = 0; i < total; ++i) {
      const std::size_t server = *node.begin();
      node.end(0);
      ++taken[server];
      BOOST_REQUIRE_EQUAL(server, *turns.pick(node.candidates, kArrival));
    }
    BOOST_TEST(taken == weights, boost::test_tools::per_element());
  }
}

// What is known as the flood after a recovery, and is not mended: exactly as many as it lacks.
BOOST_AUTO_TEST_CASE(sends_everything_to_a_server_that_comes_back_until_it_is_level) {
  LeastConnectionsNode node({1, 1, 1, 1});
  node.candidates.set(3, Owner::health, false);
  node.sequence(90);
  node.candidates.set(3, Owner::health, true);
  BOOST_TEST(node.sequence(30) == std::string(30, 'd'));
  std::string next = node.sequence(4);
  std::sort(next.begin(), next.end());
  BOOST_TEST(next == "abcd");
}

// 43 million connections times a weight of 100 do not fit 32 bits.
BOOST_AUTO_TEST_CASE(compares_exactly_where_products_exceed_32_bits) {
  LeastConnectionsNode node({100, 99});
  for (int i = 0; i < 43'000'000; ++i) node.candidates.flow_began(0);
  for (int i = 0; i < 42'570'000; ++i) node.candidates.flow_began(1);  // as much for its weight
  node.candidates.flow_began(0);
  BOOST_TEST(*node.scheduler.pick(node.candidates, kArrival) == 1u);
  node.candidates.flow_began(1);
  node.candidates.flow_began(1);
  BOOST_TEST(*node.scheduler.pick(node.candidates, kArrival) == 0u);
}

BOOST_AUTO_TEST_CASE(starts_afresh_after_reset) {
  LeastConnectionsNode node({5, 1, 1});
  node.scheduler.pick(node.candidates, kArrival);
  node.scheduler.reset(3);
  BOOST_TEST(*node.scheduler.pick(node.candidates, kArrival) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::scheduling
