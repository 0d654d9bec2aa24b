#include "scenarios/catalogue/search.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/catalogue/invented.hpp"

namespace elblab::catalogue::test {
namespace {

const std::vector<KnownScenario> kScenarios{
    {"ST-02", "What bursts do", "stress", {"BW-02"}, true, "stress/ST-02.elb.yaml"}};

struct Fixture {
  Coverage coverage{invented(), kScenarios, nullptr};
  // Numbers and ids of all that matches, in groups.
  std::string found(std::string_view words) const {
    const Matches matches = find_words(coverage, words);
    std::string text;
    for (const auto* one : matches.questions) text += one->number + " ";
    text += "|";
    for (const auto* one : matches.scenarios) text += " " + one->id;
    text += " |";
    for (const auto* one : matches.cases) text += " " + one->id;
    text += " |";
    for (const auto* one : matches.facts) text += " " + one->id;
    return text + (matches.is_partial ? " partial" : "");
  }
};

BOOST_FIXTURE_TEST_SUITE(search, Fixture)

BOOST_AUTO_TEST_CASE(finds_questions_scenarios_cases_and_facts) {
  BOOST_TEST(found("uneven") == "1.8 | | |");
  BOOST_TEST(found("IMBALANCE") == "1.8 | | |");
  BOOST_TEST(found("lost") == "| ST-02 | ST-01 | BW-02");  // ST-02 by its sentence
  BOOST_TEST(found("idle") == "| | IMB-02 |");
}

BOOST_AUTO_TEST_CASE(takes_beginnings_and_longer_forms) {
  BOOST_TEST(found("burst") == "| ST-02 | | BW-02");
  BOOST_TEST(found("unevenly") == "1.8 | | |");
  BOOST_TEST(found("traffic_shaping") == "| | |");  // not a form of "traffic"
}

BOOST_AUTO_TEST_CASE(wants_all_the_words_and_else_says_that_it_has_most) {
  BOOST_TEST(found("third lost") == "| | ST-01 |");
  BOOST_TEST(found("why is my traffic uneven") == "1.8 | | |");
  BOOST_TEST(found("bursts lost elephants") == "| ST-02 | | BW-02 partial");
}

BOOST_AUTO_TEST_CASE(finds_nothing_for_what_is_not_there) {
  BOOST_TEST(find_words(coverage, "elephant").empty());
  BOOST_TEST(find_words(coverage, "").empty());
  BOOST_TEST(find_words(coverage, "?!").empty());
}

BOOST_AUTO_TEST_CASE(splits_text_into_words) {
  const std::vector<std::string> words{"the", "server", "keep-alive", "100.125.0.0/16", "499", "é"};
  BOOST_TEST(words_of("The server's \"Keep-Alive\", 100.125.0.0/16 (499) - é.") == words);
}

BOOST_AUTO_TEST_CASE(has_a_vocabulary_of_telling_words) {
  const auto words = vocabulary(coverage);
  const auto has = [&](const char* word) {
    return std::count(words.begin(), words.end(), word) == 1;
  };
  BOOST_TEST(has("uneven"));
  BOOST_TEST(has("stress"));
  BOOST_TEST(!has("why"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue::test
