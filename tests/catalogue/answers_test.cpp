#include "scenarios/catalogue/answers.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/catalogue/invented.hpp"

namespace elblab::catalogue::test {
namespace {

KnownScenario scenario(const std::string& id, const std::string& area,
                       const std::vector<std::string>& exercises) {
  return {id, "Title of " + id, area, exercises, false, area + "/" + id + ".elb.yaml"};
}

std::string id_of(const KnownScenario* one) { return one == nullptr ? "none" : one->id; }

struct Fixture {
  std::vector<KnownScenario> scenarios;
  std::string nearest(const char* id) {
    return id_of(nearest_to(*invented().row(id), Coverage(invented(), scenarios, nullptr)));
  }
};

BOOST_FIXTURE_TEST_SUITE(answers, Fixture)

BOOST_AUTO_TEST_CASE(begin_with_the_first_row_when_it_is_built) {
  scenarios = {scenario("ST-03", "stress", {"BW-02"}), scenario("ST-01", "stress", {"BW-01"})};
  const Coverage coverage(invented(), scenarios, nullptr);
  const Answer answer = answer_to(*invented().question("1.10"), coverage);
  BOOST_TEST(answer.first->id == "ST-01");
  BOOST_TEST(id_of(answer.scenario) == "ST-01");
  BOOST_TEST(answer.nearest == nullptr);
  BOOST_REQUIRE_EQUAL(answer.also.size(), 1U);
  BOOST_TEST(answer.also[0]->id == "ST-03");
  BOOST_REQUIRE_EQUAL(answer.later.size(), 1U);
  BOOST_TEST(answer.later[0]->id == "ST-02");
}

BOOST_AUTO_TEST_CASE(name_the_next_built_row_as_the_nearest_when_the_first_comes_later) {
  scenarios = {scenario("ST-02", "stress", {"BW-02"}), scenario("ST-03", "stress", {"BW-02"})};
  const Coverage coverage(invented(), scenarios, nullptr);
  const Answer answer = answer_to(*invented().question("1.10"), coverage);
  BOOST_TEST(answer.scenario == nullptr);
  BOOST_TEST(id_of(answer.nearest) == "ST-02");
  BOOST_REQUIRE_EQUAL(answer.also.size(), 1U);
  BOOST_TEST(answer.also[0]->id == "ST-03");
}

BOOST_AUTO_TEST_CASE(fall_back_on_what_shows_the_same_facts) {
  scenarios = {scenario("MY-01", "mine", {"BW-02"}), scenario("MY-02", "mine", {"SCH-15e"})};
  const Coverage coverage(invented(), scenarios, nullptr);
  BOOST_TEST(id_of(answer_to(*invented().question("1.8"), coverage).nearest) == "MY-02");
  BOOST_TEST(id_of(answer_to(*invented().question("1.10"), coverage).nearest) == "MY-01");
  BOOST_TEST(id_of(answer_to(*invented().question("2.1"), coverage).nearest) == "none");
}

BOOST_AUTO_TEST_CASE(may_be_that_there_is_nothing_to_run) {
  const Coverage coverage(invented(), scenarios, nullptr);
  const Answer answer = answer_to(*invented().question("4.2"), coverage);
  BOOST_TEST(answer.first == nullptr);
  BOOST_TEST(answer.nearest == nullptr);
}

BOOST_AUTO_TEST_CASE(of_cases_prefer_more_of_the_facts_then_the_same_area) {
  scenarios = {scenario("MY-01", "mine", {"BW-01"}), scenario("ST-01", "stress", {"BW-01"}),
               scenario("MY-02", "mine", {"BW-01", "BW-02"})};
  BOOST_TEST(nearest("ST-02") == "MY-02");
  BOOST_TEST(nearest("ST-03") == "MY-02");
  scenarios.pop_back();
  BOOST_TEST(nearest("ST-02") == "ST-01");
}

// Uneven because of weights (e) says nothing about uneven because of few clients (a).
BOOST_AUTO_TEST_CASE(of_cases_do_not_take_one_item_of_a_list_for_another) {
  scenarios = {scenario("MY-01", "mine", {"SCH-15e"})};
  BOOST_TEST(nearest("IMB-03") == "none");
  BOOST_TEST(nearest("IMB-02") == "MY-01");
  scenarios = {scenario("MY-02", "mine", {"SCH-15a"})};
  BOOST_TEST(nearest("IMB-03") == "MY-02");
}

BOOST_AUTO_TEST_CASE(of_cases_fall_back_on_the_questions_that_name_them) {
  scenarios = {scenario("IMB-01", "imbalance", {"SCH-01"})};
  BOOST_TEST(nearest("IMB-02") == "IMB-01");
  BOOST_TEST(nearest("ST-04") == "none");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue::test
