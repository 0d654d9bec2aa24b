// A drawn scenario is what it says: with its causes requests fail or are late, without them none
// is, over a few seeds of each cause. (Of uneven weights nothing fails.)
#include <boost/test/unit_test.hpp>

#include "analysis/expectations/evaluate.hpp"
#include "analysis/metrics/health.hpp"
#include "analysis/trace/reader.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "scenarios/random/random_scenario.hpp"
#include "sim/simulation.hpp"
#include "tests/must.hpp"
#include "tests/temporary_folder.hpp"

using namespace elblab;
using namespace elblab::random_scenarios;

namespace {

struct Harm {
  double failed = 0;  // requests, and connections that could not be opened
  double late = 0;
  double strangers = 0;  // requests of users at servers that did not know them
  int unhealthy = 0;     // servers that were displayed so, each time counted
};

Harm harm_in(const RandomScenario& drawn, const std::string& run,
             const std::filesystem::path& folder) {
  const auto loaded = language::ScenarioFile::parse(drawn.yaml, "drawn.elb.yaml");
  BOOST_REQUIRE(loaded.file);
  const auto decoded = loaded.file->decode(run);
  BOOST_REQUIRE(decoded.scenario);
  sim::RunOptions options;
  options.seed = drawn.seed;
  options.trace = folder / (drawn.id + "." + run + ".db");
  const auto result = must(sim::run(*decoded.scenario, options));
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  const auto reader = must(trace::Reader::open(options.trace));
  Harm harm;
  const auto total = [&](const std::string& measure, const std::string& object) {
    return expectations::statistic(*reader, {measure, object}, language::Stat::total, kStart,
                                   kNever)
        .value_or(0);
  };
  for (const auto& workload : decoded.scenario->workloads) {
    harm.failed += total("request_failures", workload.parameters.name);
    harm.late += total("slow_responses", workload.parameters.name);
    harm.strangers += total("sessions_lost", workload.parameters.name);
  }
  for (const auto& server : metrics::server_health(*reader)) {
    for (const auto& span : server.displayed.spans) harm.unhealthy += span.verdict == "unhealthy";
  }
  for (const auto& host : decoded.scenario->hosts) {
    if (host.role == language::HostRole::client) harm.failed += total("failed", host.name);
  }
  return harm;
}

void check(const std::vector<CauseId>& causes, std::uint64_t seed) {
  testing::TemporaryFolder folder;
  const RandomScenario drawn = random_scenario(seed, causes);
  BOOST_TEST_CONTEXT(drawn.yaml) {
    const Harm symptom = harm_in(drawn, kSymptomRun, folder.path());
    const bool harmless = causes.empty() || fails_nobody(causes.front());
    const bool of_sessions = !drawn.hidden.empty() && drawn.hidden.front().lost_sessions > 0;
    BOOST_TEST((of_sessions ? symptom.strangers >= 10 : symptom.strangers == 0));
    if (harmless) {
      BOOST_TEST(symptom.failed == 0);
      BOOST_TEST(symptom.late == 0);
    } else if (is_of_health(causes.front())) {
      // Probes that are many harm nobody; else a server is taken out, or is not and does not serve.
      BOOST_TEST((causes.front() == CauseId::too_many_probes || symptom.unhealthy > 0 ||
                  symptom.failed + symptom.late >= 20));
    } else {
      BOOST_TEST(symptom.failed + symptom.late >= 20);
    }
    if (causes.empty()) return;
    const Harm remedy = harm_in(drawn, kRemedyRun, folder.path());
    BOOST_TEST(remedy.failed == 0);
    BOOST_TEST(remedy.late == 0);
    BOOST_TEST(remedy.strangers == 0);
    BOOST_TEST(remedy.unhealthy == 0);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_hidden_cause_harms_and_its_remedy_heals) {
  for (const CauseId cause : causes_to_hide()) {
    for (std::uint64_t seed = 20'001; seed <= 20'003; ++seed) check({cause}, seed);
  }
}

BOOST_AUTO_TEST_CASE(where_nothing_is_hidden_nobody_is_harmed) {
  for (std::uint64_t seed = 20'101; seed <= 20'110; ++seed) check({}, seed);
}
