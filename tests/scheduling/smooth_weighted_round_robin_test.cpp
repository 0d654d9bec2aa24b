#include "models/scheduling/smooth_weighted_round_robin.hpp"

#include <boost/test/unit_test.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "tests/scheduling/groups.hpp"

namespace elblab::scheduling {
namespace {

std::string sequence(const std::vector<int>& weights, int picks) {
  SmoothWeightedRoundRobin scheduler;
  scheduler.reset(weights.size());
  const auto candidates = with_weights(weights);
  std::string letters;
  for (int i = 0; i < picks; ++i) {
    const auto picked = scheduler.pick(candidates, {kClient, {}});
    letters += picked ? static_cast<char>('a' + *picked) : '-';
  }
  return letters;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(smooth_weighted_round_robin)

// Sequences worked out by hand; the first is the one of nginx's commit message (52327e0627).
BOOST_AUTO_TEST_CASE(takes_servers_in_the_sequence_that_spreads_weights) {
  BOOST_TEST(sequence({5, 1, 1}, 14) == "aabacaaaabacaa");
  BOOST_TEST(sequence({1, 1, 1, 1}, 8) == "abcdabcd");  // SCH-04
  BOOST_TEST(sequence({2, 1}, 6) == "abaaba");
  BOOST_TEST(sequence({7, 7, 7}, 6) == "abcabc");
}

BOOST_AUTO_TEST_CASE(never_takes_a_server_of_weight_zero) {  // SCH-10..12
  BOOST_TEST(sequence({0, 3, 0, 1}, 8) == "bbdbbbdb");
  BOOST_TEST(sequence({0, 0}, 3) == "---");
  BOOST_TEST(sequence({}, 2) == "--");
}

// SCH-03, over every window of sum(weights) picks from a fresh start.
BOOST_AUTO_TEST_CASE(takes_each_server_exactly_its_weight_in_every_round) {
  random::Stream random(1, "rounds");
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<int> weights(1 + random.below(12));
    for (int& weight : weights) weight = static_cast<int>(random.below(101));
    const int total = std::accumulate(weights.begin(), weights.end(), 0);
    SmoothWeightedRoundRobin scheduler;
    scheduler.reset(weights.size());
    const auto candidates = with_weights(weights);
    for (int round = 0; round < 3; ++round) {
      std::vector<int> taken(weights.size(), 0);
      for (int i = 0; i < total; ++i) {
        const auto picked = scheduler.pick(candidates, {kClient, {}});
        BOOST_REQUIRE(picked.has_value());
        ++taken[*picked];
      }
      BOOST_TEST(taken == weights, boost::test_tools::per_element());
    }
    if (total == 0) BOOST_TEST(!scheduler.pick(candidates, {kClient, {}}).has_value());
  }
}

// At no moment does a server run ahead of or behind its share by a whole round of others.
BOOST_AUTO_TEST_CASE(stays_near_the_exact_share_at_every_moment) {
  random::Stream random(2, "near");
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<int> weights(2 + random.below(8));
    for (int& weight : weights) weight = 1 + static_cast<int>(random.below(100));
    const double total = std::accumulate(weights.begin(), weights.end(), 0);
    SmoothWeightedRoundRobin scheduler;
    scheduler.reset(weights.size());
    const auto candidates = with_weights(weights);
    std::vector<int> taken(weights.size(), 0);
    for (int i = 1; i <= 500; ++i) {
      ++taken[*scheduler.pick(candidates, {kClient, {}})];
      for (std::size_t s = 0; s < weights.size(); ++s) {
        const double share = i * weights[s] / total;
        BOOST_REQUIRE(std::abs(taken[s] - share) < static_cast<double>(weights.size()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(leaves_out_ineligible_servers_and_keeps_the_others_in_proportion) {  // FWD-14
  random::Stream random(3, "eligibility");
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<int> weights(2 + random.below(6));
    for (int& weight : weights) weight = static_cast<int>(random.below(101));
    auto candidates = with_weights(weights);
    SmoothWeightedRoundRobin scheduler;
    scheduler.reset(weights.size());
    for (int phase = 0; phase < 20; ++phase) {
      int total = 0;
      for (std::size_t s = 0; s < weights.size(); ++s) {
        candidates.set(s, Owner::health, random.chance(0.6));
        if (candidates[s].eligible()) total += weights[s];
      }
      std::vector<int> taken(weights.size(), 0);
      const int rounds = 20;
      for (int i = 0; i < rounds * total; ++i) {
        const auto picked = scheduler.pick(candidates, {kClient, {}});
        BOOST_REQUIRE(picked.has_value());
        ++taken[*picked];
      }
      if (total == 0) BOOST_REQUIRE(!scheduler.pick(candidates, {kClient, {}}).has_value());
      for (std::size_t s = 0; s < weights.size(); ++s) {
        if (!candidates[s].eligible() || weights[s] == 0) {
          BOOST_REQUIRE_EQUAL(taken[s], 0);
        } else {
          // A change leaves credits of earlier phases behind: bounded, so shares are exact in the
          // long run. Each credit is below the weights' sum, as is the change it can cause.
          const int carried = std::accumulate(weights.begin(), weights.end(), 0);
          BOOST_REQUIRE_LE(std::abs(taken[s] - rounds * weights[s]),
                           carried * static_cast<int>(weights.size()) / std::max(total, 1) + 100);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(starts_afresh_after_reset) {
  SmoothWeightedRoundRobin scheduler;
  const auto candidates = with_weights({5, 1, 1});
  scheduler.reset(3);
  for (int i = 0; i < 3; ++i) scheduler.pick(candidates, {kClient, {}});
  scheduler.reset(3);
  BOOST_TEST(*scheduler.pick(candidates, {kClient, {}}) == 0u);
  BOOST_TEST(*scheduler.pick(candidates, {kClient, {}}) == 0u);
  BOOST_TEST(*scheduler.pick(candidates, {kClient, {}}) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::scheduling
