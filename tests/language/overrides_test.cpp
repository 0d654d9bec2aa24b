// --set and a run's `set`: the same paths, the same values.
#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using namespace std::chrono_literals;
using testing::decoded;
using testing::kExample;
using testing::with;

Scenario set(const std::string& path, const std::string& value) {
  return decoded(kExample, "symptom", {{path, value}});
}

std::string refused(const std::string& path, const std::string& value) {
  const auto loaded = ScenarioFile::parse(kExample, "x.yaml");
  const auto result = loaded.file->decode("symptom", {{path, value}});
  BOOST_TEST(!result.scenario);
  return testing::all(result.errors);
}

BOOST_AUTO_TEST_SUITE(overrides)

BOOST_AUTO_TEST_CASE(a_path_leads_to_one_field) {
  BOOST_TEST(
      set("workload.burst.short_connections", "5/s").workloads[0].parameters.rate_per_second ==
      5.0);
  BOOST_TEST(set("hosts.c1.addresses", "4").hosts[0].addresses.size() == 4u);
  BOOST_TEST(set("balancer.nodes.lvs", "1").balancers.front().nodes.lvs == 1u);
  BOOST_TEST(
      set("balancer.groups.app.servers.b2.weight", "7").balancers.front().groups[0].servers[1].weight == 7);
  BOOST_TEST((set("duration", "100s").duration == 100s));
  BOOST_TEST(set("profile", "shared").balancers.front().profile->name == "shared");
}

BOOST_AUTO_TEST_CASE(fields_that_the_file_does_not_mention_can_be_set) {
  BOOST_TEST((set("hosts.c1.time_wait", "2s").hosts[0].time_wait == 2s));
  BOOST_TEST(set("hosts.c1.sysctl.net.ipv4.tcp_tw_reuse", "1").hosts[0].sysctls.tcp_tw_reuse == 1);
  BOOST_TEST((set("balancer.tcp_timeouts.closed", "9s").balancers.front().tcp_timeouts.closed == 9s));
}

BOOST_AUTO_TEST_CASE(brackets_set_several) {
  const Scenario s = set("hosts.b[1..3].time_wait", "2s");
  for (std::size_t i = 1; i <= 3; ++i) BOOST_TEST((s.hosts[i].time_wait == 2s));
  BOOST_TEST((s.hosts[4].time_wait == 60s));
}

BOOST_AUTO_TEST_CASE(a_map_is_merged_and_a_tilde_removes) {
  const Scenario merged = set("hosts.c1.link", "{loss: 1%}");
  BOOST_TEST(merged.hosts[0].link.loss == 0.01);
  BOOST_TEST((merged.hosts[0].link.delay == 2ms));
  BOOST_TEST(set("balancer.groups.app.servers", "{b4: ~}").balancers.front().groups[0].servers.size() == 3u);
}

BOOST_AUTO_TEST_CASE(setting_one_kind_of_load_replaces_the_other) {
  const auto by_path = set("workload.burst.persistent", "10").workloads[0].parameters;
  BOOST_TEST((by_path.kind == workload::Kind::persistent_connections));
  const auto by_map =
      set("workload.burst", "{persistent: 10, requests: 5/s}").workloads[0].parameters;
  BOOST_TEST((by_map.kind == workload::Kind::persistent_connections));
  BOOST_TEST(by_map.rate_per_second == 5.0);
}

BOOST_AUTO_TEST_CASE(new_names_can_be_added_whole) {
  const Scenario s = decoded(kExample, "symptom",
                             {{"hosts.c2", "{role: client}"},
                              {"workload.second", "{from: c2, to: web, users: 1, for: 5s}"}});
  BOOST_TEST(s.hosts.size() == 6u);
  BOOST_TEST(s.workloads.size() == 2u);
}

BOOST_AUTO_TEST_CASE(later_ones_win_and_the_command_line_comes_after_the_run) {
  const Scenario s = decoded(
      kExample, "remedy",
      {{"workload.burst.short_connections", "1/s"}, {"workload.burst.short_connections", "2/s"}});
  BOOST_TEST(s.workloads[0].parameters.rate_per_second == 2.0);
}

BOOST_AUTO_TEST_CASE(a_run_sets_what_the_command_line_sets) {
  const std::string text = with(kExample, "{workload.burst.short_connections: 376/s}",
                                "{hosts.b[1..4].time_wait: 3s, workload.burst: {closes: server}}");
  const Scenario s = decoded(text, "remedy");
  BOOST_TEST((s.hosts[4].time_wait == 3s));
  BOOST_TEST((s.workloads[0].parameters.closes == workload::Closer::server));
  BOOST_TEST(s.workloads[0].parameters.rate_per_second == 940.0);
}

BOOST_AUTO_TEST_CASE(a_wrong_path_or_value_is_answered_with_the_place) {
  BOOST_TEST(
      refused("workload.burst.short_conections", "1/s") ==
      "--set:1:1: unknown path 'workload.burst.short_conections': workload has no "
      "'short_conections'\n"
      "    1 | workload.burst.short_conections=1/s\n"
      "      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean 'workload.burst.short_connections'?");
  BOOST_TEST(refused("workload.brst.closes", "server")
                 .find("unknown path 'workload.brst.closes': workload has no 'brst'") !=
             std::string::npos);
  BOOST_TEST(
      refused("listeners.web.port", "81").ends_with("did you mean 'balancer.listeners.web.port'?"));
  BOOST_TEST(refused("workload.burst.short_connections", "1") ==
             "--set:1:34: '1' needs a unit: a number per second such as 940/s\n"
             "    1 | workload.burst.short_connections=1\n"
             "      |                                  ^");
  BOOST_TEST(refused("title.x", "1").find("leads into a single value at 'title'") !=
             std::string::npos);
  BOOST_TEST(refused("seeds", "4").find("'seeds' belongs to the whole scenario") !=
             std::string::npos);
  BOOST_TEST(refused("hosts.c1", "{a: [1").find("bracket not closed?") != std::string::npos);
  BOOST_TEST(refused("", "1").find("unknown path ''") != std::string::npos);
  BOOST_TEST(refused("hosts.b[4..1].time_wait", "1s").find("is not a range of") !=
             std::string::npos);
  BOOST_TEST(refused("hosts.c1.time_wait", std::string("\0", 1)).find("binary") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_wrong_path_in_a_run_is_answered_in_the_file) {
  const std::string answer = testing::errors_of(with(
      kExample, "set: {workload.burst.short_connections", "set: {workload.burst.shrt_connections"));
  BOOST_TEST(answer.starts_with("x.yaml:28:19: unknown path 'workload.burst.shrt_connections'"),
             answer);
}

BOOST_AUTO_TEST_CASE(an_unknown_run_is_answered_with_the_nearest) {
  const auto loaded = ScenarioFile::parse(kExample, "x.yaml");
  const auto result = loaded.file->decode("symtom");
  BOOST_TEST(testing::all(result.errors) ==
             "x.yaml: there is no run named 'symtom' did you mean 'symptom'?");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
