// Pairs of simulated runs: what a comparison says where the answer is known.
#include <boost/test/unit_test.hpp>
#include <string>

#include "analysis/comparison/compare.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "sim/simulation.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::comparison {
namespace {

struct Fixture {
  elblab::test::ScenarioFolder folder;
  language::ScenarioFile::Loaded loaded =
      language::ScenarioFile::parse(elblab::test::small_scenario("T-1"), "T-1.elb.yaml");

  std::unique_ptr<trace::Reader> run(const std::string& name, std::uint64_t seed,
                                     const std::string& trace) {
    BOOST_REQUIRE(loaded.file);
    auto decoded = loaded.file->decode(name);
    BOOST_REQUIRE(decoded.scenario);
    sim::RunOptions options;
    options.seed = seed;
    options.trace = folder.path() / trace;
    const auto result = must(sim::run(*decoded.scenario, options));
    auto reader = must(trace::Reader::open(options.trace));
    expectations = decoded.scenario->expectations;
    return reader;
  }

  std::vector<language::Expectation> expectations;  // of the last run
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(runs, Fixture)

BOOST_AUTO_TEST_CASE(the_same_seed_twice_is_identical) {
  const auto a = run("symptom", 1, "a.db");
  const auto b = run("symptom", 1, "b.db");
  BOOST_TEST((must(compare(*a, *b, expectations, Bounds{})).agreement == Agreement::identical));
}

BOOST_AUTO_TEST_CASE(two_seeds_are_equivalent) {
  const auto a = run("symptom", 1, "a.db");
  const auto b = run("symptom", 2, "b.db");
  const Comparison c = must(compare(*a, *b, expectations, Bounds{}));
  BOOST_TEST((c.agreement == Agreement::equivalent), c.parting);
  BOOST_TEST(c.first_difference != "");
}

BOOST_AUTO_TEST_CASE(symptom_and_remedy_are_different) {
  const auto a = run("symptom", 1, "a.db");
  const auto b = run("remedy", 1, "b.db");
  const Comparison c = must(compare(*a, *b, expectations, Bounds{}));
  BOOST_TEST((c.agreement == Agreement::different));
  BOOST_TEST(c.parting != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::comparison
