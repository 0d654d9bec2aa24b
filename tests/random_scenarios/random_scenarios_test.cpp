// Laws of drawn scenarios, over many seeds and everything that can be hidden.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "scenarios/language/scenario_file.hpp"
#include "scenarios/random/random_scenario.hpp"

using namespace elblab::random_scenarios;
using elblab::language::known_cause;
using elblab::language::ScenarioFile;

namespace {

using Causes = std::vector<CauseId>;

std::vector<Causes> all_causes() {
  std::vector<Causes> all{{}};
  for (std::size_t i = 0; i < causes_to_hide().size(); ++i) {
    all.push_back({causes_to_hide()[i]});
    for (std::size_t j = i + 1; j < causes_to_hide().size(); ++j) {
      if (!is_of_a_lane(causes_to_hide()[i]) || !is_of_a_lane(causes_to_hide()[j])) continue;
      all.push_back({causes_to_hide()[i], causes_to_hide()[j]});
    }
  }
  return all;
}

template <typename Check>
void over_many(std::uint64_t seeds, Check check) {
  for (const Causes& causes : all_causes()) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const RandomScenario drawn = random_scenario(seed, causes);
      BOOST_TEST_CONTEXT(drawn.yaml) { check(drawn); }
    }
  }
}

template <typename Errors>
std::string first_of(const Errors& errors) {
  return errors.empty() ? "" : errors.front().to_string();
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_can_be_hidden_can_be_expected_of_a_diagnosis) {
  for (const CauseId cause : causes_to_hide()) {
    const auto& known = known_cause(cause);
    BOOST_TEST((known.id == cause));
    const CauseId* found = find_cause_to_hide(known.name);
    BOOST_REQUIRE(found != nullptr);
    BOOST_TEST((*found == cause));
  }
  BOOST_TEST(find_cause_to_hide("none") == nullptr);
}

BOOST_AUTO_TEST_CASE(every_run_of_every_scenario_is_valid) {
  over_many(15, [](const RandomScenario& drawn) {
    const auto loaded = ScenarioFile::parse(drawn.yaml, "drawn.elb.yaml");
    BOOST_REQUIRE_MESSAGE(loaded.file, first_of(loaded.errors));
    BOOST_TEST(loaded.file->id() == drawn.id);
    const std::size_t runs = drawn.causes.empty() ? 1 : drawn.causes.size() == 1 ? 2 : 4;
    BOOST_TEST(loaded.file->runs().size() == runs);
    for (const std::string& run : loaded.file->runs()) {
      const auto decoded = loaded.file->decode(run);
      BOOST_REQUIRE_MESSAGE(decoded.scenario, first_of(decoded.errors));
      BOOST_TEST(decoded.scenario->diagnoses.size() == 1U);
    }
  });
}

BOOST_AUTO_TEST_CASE(each_scenario_expects_of_its_diagnosis_what_it_hides) {
  over_many(3, [](const RandomScenario& drawn) {
    const auto loaded = ScenarioFile::parse(drawn.yaml, "drawn.elb.yaml");
    std::vector<std::string> names;
    for (const CauseId cause : drawn.causes) names.emplace_back(known_cause(cause).name);
    const auto symptom = loaded.file->decode(kSymptomRun);
    BOOST_TEST(symptom.scenario->diagnoses.front().causes == names);
    if (names.empty()) return;
    const auto remedy = loaded.file->decode(kRemedyRun);
    BOOST_TEST(remedy.scenario->diagnoses.front().causes.empty());
  });
}

BOOST_AUTO_TEST_CASE(what_is_hidden_binds_and_nothing_else_does) {
  over_many(25, [](const RandomScenario& drawn) {
    std::size_t binding = 0;
    for (const Use& use : drawn.uses) {
      const bool meant = std::any_of(drawn.hidden.begin(), drawn.hidden.end(), [&](const auto& h) {
        return h.resource == use.resource && h.lane == use.lane;
      });
      // A rush queues behind what is short anyway.
      const bool rush = use.resource == "first_rush" || use.resource == "eip_rush";
      if (meant) {
        ++binding;
        BOOST_TEST(use.least >= 1.2 * use.limit, use.resource << " does not bind");
      } else if (!rush) {
        const double most = drawn.causes.empty() ? 0.96 : 0.75;
        BOOST_TEST(use.most <= most * use.limit, use.resource << " has too little room");
      }
      BOOST_TEST(use.least <= use.most * (1 + 1e-9), use.resource);
    }
    std::size_t resources = 0;
    for (const auto& hidden : drawn.hidden) resources += hidden.resource.empty() ? 0 : 1;
    BOOST_TEST(binding == resources);
    BOOST_TEST(drawn.hidden.size() == drawn.causes.size());
  });
}

BOOST_AUTO_TEST_CASE(two_causes_are_hidden_in_lanes_of_their_own) {
  over_many(5, [](const RandomScenario& drawn) {
    if (drawn.hidden.size() < 2) return;
    BOOST_TEST(drawn.hidden[0].lane != drawn.hidden[1].lane);
  });
}

BOOST_AUTO_TEST_CASE(bandwidth_is_short_at_another_time_than_what_it_is_hidden_with) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto drawn = random_scenario(seed, {CauseId::bandwidth, CauseId::accept_queue});
    const Load& first = drawn.draft.lanes[0].load;
    BOOST_TEST(first.end() + first.patience < drawn.draft.lanes[1].load.begin());
  }
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_texts_and_others_differ) {
  for (const Causes& causes : all_causes()) {
    std::set<std::string> texts;
    for (std::uint64_t seed = 100; seed < 106; ++seed) {
      const std::string text = random_scenario(seed, causes).yaml;
      BOOST_TEST(text == random_scenario(seed, causes).yaml);
      texts.insert(text);
    }
    BOOST_TEST(texts.size() == 6U);
  }
}

// No threshold shall fit them all: each trait takes several values, each kind of load appears.
BOOST_AUTO_TEST_CASE(topology_load_sizes_and_timing_vary) {
  std::set<std::string> profiles;
  std::set<unsigned> clients, servers, nodes;
  std::set<LoadKind> kinds;
  std::set<double> samples;
  double slowest = 1e9, fastest = 0, shortest = 1e9, longest = 0, nearest = 1e9, farthest = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Draft draft = random_scenario(seed, {CauseId::server_cpu}).draft;
    const Lane& lane = draft.lanes.front();
    profiles.insert(draft.profile);
    nodes.insert(draft.nodes);
    samples.insert(draft.sample_interval);
    clients.insert(lane.clients.all_addresses());
    servers.insert(lane.servers.hosts);
    kinds.insert(lane.load.kind);
    slowest = std::min(slowest, least_requests(lane));
    fastest = std::max(fastest, least_requests(lane));
    shortest = std::min(shortest, draft.duration());
    longest = std::max(longest, draft.duration());
    nearest = std::min(nearest, lane.clients.wire.delay);
    farthest = std::max(farthest, lane.clients.wire.delay);
  }
  BOOST_TEST(profiles.size() == 3U);
  BOOST_TEST(nodes.size() == 3U);
  BOOST_TEST(samples.size() == 5U);
  BOOST_TEST(clients.size() >= 5U);
  BOOST_TEST(servers.size() >= 5U);
  BOOST_TEST(kinds.size() == 4U);
  BOOST_TEST(fastest > 5 * slowest);
  BOOST_TEST(longest > 3 * shortest);
  BOOST_TEST(farthest > 20 * nearest);
}

BOOST_AUTO_TEST_CASE(runs_are_short) {
  over_many(10, [](const RandomScenario& drawn) {
    double requests = 0;
    for (const Lane& lane : drawn.draft.lanes) {
      requests += most_requests(lane) * lane.load.length();
    }
    BOOST_TEST(requests <= 48'000);
    BOOST_TEST(drawn.draft.duration() < 180);
  });
}

// Drawing holds a lane by reference while it adds others.
BOOST_AUTO_TEST_CASE(lanes_stay_where_they_are_while_others_are_added) {
  Draft draft;
  draft.lanes.emplace_back();
  const Lane* const first = &draft.lanes.front();
  for (int i = 0; i < 100; ++i) {
    draft.lanes.emplace_back();
    BOOST_REQUIRE(&draft.lanes.front() == first);
  }
}

BOOST_AUTO_TEST_CASE(bystander_begins_before_the_lane_in_trouble_and_does_not_last_longer) {
  std::size_t bystanders = 0;
  for (const CauseId cause : causes_to_hide()) {
    for (std::uint64_t seed = 1; seed <= 15; ++seed) {
      const RandomScenario drawn = random_scenario(seed, {cause});
      if (drawn.draft.lanes.size() != 2) continue;
      ++bystanders;
      const Load& troubled = drawn.draft.lanes[0].load;
      const Load& other = drawn.draft.lanes[1].load;
      BOOST_TEST(other.begin() <= troubled.begin());
      BOOST_TEST(other.length() <= std::max(5.0, troubled.length()));
    }
  }
  BOOST_TEST(bystanders > 20U);
}
