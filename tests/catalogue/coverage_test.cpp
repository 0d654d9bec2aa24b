#include "scenarios/catalogue/coverage.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/catalogue/invented.hpp"

namespace elblab::catalogue::test {
namespace {

const std::vector<KnownScenario> kScenarios{
    {"st-02", "Bursts", "stress", {"BW-02", "BW-99"}, true, "stress/ST-02.elb.yaml"},
    {"MY-01", "My own", "mine", {"BW-02", "SCH-15a", "SCH-15e"}, false, "mine/MY-01.elb.yaml"},
};

struct Fixture {
  Citations citations;
  Fixture() {
    const auto read = [&](const char* file, const char* text) {
      add_citations(file, text, invented(), {}, citations);
    };
    read("sim/b.cpp", "// BW-01\n// BW-01\n");
    read("models/a.cpp", "// BW-01\n");
    read("models/config/profile.cpp", "// BW-01, SCH-01\n");
    read("tests/a_test.cpp", "// BW-03\n");
  }
  const RowCoverage& row(const Coverage& coverage, const char* id) {
    return coverage.of(*invented().row(id));
  }
};

BOOST_FIXTURE_TEST_SUITE(coverage_of_rows, Fixture)

BOOST_AUTO_TEST_CASE(names_the_files_that_act_once_and_in_order) {
  const Coverage coverage(invented(), kScenarios, &citations);
  const std::vector<std::string> files{"models/a.cpp", "sim/b.cpp"};
  BOOST_TEST(row(coverage, "BW-01").implemented_in == files);
  BOOST_TEST(row(coverage, "BW-01").only_set_in.empty());
  BOOST_TEST(row(coverage, "SCH-01").implemented_in.empty());
  BOOST_TEST(row(coverage, "SCH-01").only_set_in.size() == 1U);
  BOOST_TEST(row(coverage, "BW-03").implemented_in.empty());
  BOOST_TEST(row(coverage, "BW-03").tested_in.size() == 1U);
}

BOOST_AUTO_TEST_CASE(names_the_scenarios_that_show_a_fact_and_the_cases_that_will) {
  const Coverage coverage(invented(), kScenarios, &citations);
  const auto& shown_by = row(coverage, "BW-02").shown_by;
  BOOST_REQUIRE_EQUAL(shown_by.size(), 2U);
  BOOST_TEST(shown_by[0]->id == "st-02");
  BOOST_TEST(shown_by[1]->id == "MY-01");
  BOOST_TEST(row(coverage, "SCH-15").shown_by.size() == 1U);  // two items of it, one scenario
  const auto& planned = row(coverage, "BW-02").planned;
  BOOST_REQUIRE_EQUAL(planned.size(), 1U);  // ST-02 is built
  BOOST_TEST(planned[0]->id == "ST-03");
}

BOOST_AUTO_TEST_CASE(counts_a_case_as_built_whatever_the_case_of_its_letters) {
  const Coverage coverage(invented(), kScenarios, &citations);
  BOOST_TEST(row(coverage, "ST-02").scenario == &kScenarios[0]);
  BOOST_TEST(row(coverage, "ST-01").scenario == nullptr);
  BOOST_TEST(coverage.scenario("my-01") == &kScenarios[1]);
  BOOST_TEST(row(coverage, "IMB-01").asked_in.front()->number == "1.8");
}

BOOST_AUTO_TEST_CASE(counts_a_case_as_built_in_part_whose_scenario_leaves_rows_out) {
  const Coverage coverage(invented(), kScenarios, &citations);
  BOOST_REQUIRE_EQUAL(row(coverage, "ST-02").left_out.size(), 1U);
  BOOST_TEST(row(coverage, "ST-02").left_out[0]->id == "BW-01");
  BOOST_TEST(row(coverage, "ST-01").left_out.empty());  // there is no scenario
  const std::vector<KnownScenario> whole{
      {"ST-02", "Bursts", "stress", {"BW-02", "BW-01"}, true, "stress/ST-02.elb.yaml"}};
  const Coverage full(invented(), whole, &citations);
  BOOST_TEST(row(full, "ST-02").left_out.empty());
  const Totals stress = full.totals_of(*invented().area("stress"));
  BOOST_TEST(stress.built == 1U);
  BOOST_TEST(stress.in_part == 0U);
}

BOOST_AUTO_TEST_CASE(adds_up) {
  const Coverage coverage(invented(), kScenarios, &citations);
  const Totals stress = coverage.totals_of(*invented().area("stress"));
  BOOST_TEST(stress.cases == 4U);
  BOOST_TEST(stress.built == 0U);
  BOOST_TEST(stress.in_part == 1U);
  BOOST_TEST(stress.facts == 3U);
  BOOST_TEST(stress.implemented == 1U);
  BOOST_TEST(stress.shown == 1U);
  BOOST_TEST(stress.neither == 1U);  // BW-03: a test alone is neither
  Totals all = stress;
  all += coverage.totals_of(*invented().area("imbalance"));
  BOOST_TEST(all.facts == 5U);
  BOOST_TEST(all.neither == 2U);  // a setting on which nothing acts is neither
}

BOOST_AUTO_TEST_CASE(knows_nothing_of_code_without_sources) {
  const Coverage coverage(invented(), kScenarios, nullptr);
  BOOST_TEST(!coverage.knows_sources());
  BOOST_TEST(row(coverage, "BW-01").implemented_in.empty());
  BOOST_TEST(row(coverage, "BW-02").shown_by.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue::test
