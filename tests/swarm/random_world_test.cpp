// Random worlds: that the language takes them, that they follow from their seeds, and that together
// they have all of the language that a world can have.
#include "scenarios/swarm/random_world.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <string>

#include "scenarios/language/scenario_file.hpp"
#include "scenarios/swarm/feature.hpp"
#include "scenarios/swarm/odd_fields.hpp"

namespace elblab::swarm {
namespace {

constexpr std::uint64_t kWorlds = 300;

const std::vector<RandomWorld>& worlds() {
  static const std::vector<RandomWorld> all = [] {
    std::vector<RandomWorld> made;
    for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) made.push_back(random_world(seed));
    return made;
  }();
  return all;
}

BOOST_AUTO_TEST_CASE(every_world_is_a_scenario_that_the_language_accepts) {
  for (const RandomWorld& world : worlds()) {
    const auto loaded = language::ScenarioFile::parse(world.yaml, world.id);
    BOOST_REQUIRE_MESSAGE(loaded.file, world.yaml);
    BOOST_TEST(loaded.file->decode(loaded.file->runs().front()).scenario.has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_world_follows_from_its_seed_alone) {
  for (const std::uint64_t seed : {1U, 77U, 300U}) {
    BOOST_TEST(random_world(seed).yaml == worlds()[seed - 1].yaml);
  }
  std::set<std::string> different;
  for (const RandomWorld& world : worlds()) different.insert(world.yaml);
  BOOST_TEST(different.size() == kWorlds);
}

BOOST_AUTO_TEST_CASE(every_feature_is_on_in_a_third_to_a_half_of_all_worlds) {
  std::map<std::string, unsigned> on;
  for (const RandomWorld& world : worlds()) {
    for (const auto& feature : world.features) ++on[feature];
  }
  BOOST_TEST(on.size() == kFeatures);
  // 0.4 give or take what chance does to 300 draws; drawings that the language refuses are the
  // rarer the fewer features they have.
  for (const auto& [feature, count] : on) {
    BOOST_TEST(count > kWorlds / 5, feature << ": " << count);
    BOOST_TEST(count < kWorlds * 3 / 5, feature << ": " << count);
  }
}

BOOST_AUTO_TEST_CASE(the_language_accepts_most_drawings) {
  unsigned draws = 0;
  std::string refusals;
  for (const RandomWorld& world : worlds()) {
    draws += 1 + static_cast<unsigned>(world.refusals.size());
    for (const auto& refusal : world.refusals) refusals += refusal + "\n";
  }
  BOOST_TEST(draws < 2 * kWorlds, refusals);
}

// Sections that worlds have between them; each stands in some of the files.
BOOST_AUTO_TEST_CASE(together_they_have_every_section_of_the_language) {
  std::string all;
  for (const RandomWorld& world : worlds()) all += world.yaml;
  for (const char* section : {"zones:",
                              "sites:",
                              "links:",
                              "subnets:",
                              "acl:",
                              "security_groups:",
                              "firewall:",
                              "middleboxes:",
                              "container_node:",
                              "cdn:",
                              "waf:",
                              "service:",
                              "sysctl:",
                              "eip:",
                              "source_pool:",
                              "tcp_timeouts:",
                              "access:",
                              "stickiness:",
                              "health_check:",
                              "source_hash:",
                              "timeline:",
                              "quic:",
                              "datagrams:",
                              "users:",
                              "persistent:",
                              "short_connections:",
                              "set:",
                              "remove:",
                              "zone_down:",
                              "link_down:",
                              "set_loss:",
                              "stack: ns3",
                              "kind: csma",
                              "kind: pooled",
                              "shared-2020",
                              "udp",
                              "source_ip_hash",
                              "connection_limit:",
                              "cross_zone:",
                              "deregistration_delay:",
                              "probe_source:",
                              "transfer_client_ip:",
                              "server_port: listening"}) {
    BOOST_TEST(all.find(section) != std::string::npos, section << " is in no world");
  }
}

BOOST_AUTO_TEST_CASE(odd_fields_reach_hundreds_of_places_of_the_table) {
  std::set<std::string> paths;
  for (const RandomWorld& world : worlds()) {
    for (std::string path : world.odd_paths) {
      // Names of hosts and the like are not of interest.
      std::erase_if(path, [](char c) { return c >= '0' && c <= '9'; });
      paths.insert(std::move(path));
    }
  }
  BOOST_TEST(paths.size() > 100U);
}

}  // namespace
}  // namespace elblab::swarm
