#include <boost/test/unit_test.hpp>

#include "scenarios/catalogue/catalogue.hpp"

namespace elblab::catalogue {
namespace {

const char* const kArea =
    "title: Bandwidth\n"
    "about: Why it is slow.\n"
    "facts:\n"
    "  BW-01: Too much waits.\n"
    "  BW-03: Two limits.\n"
    "  BW-04: It changes.\n"
    "cases:\n"
    "  ST-02: {says: A third is lost., exercises: [BW-01..04]}\n";
const char* const kQuestions =
    "questions:\n"
    "  \"1.8\": {asks: \"Why slow?\", words: [lag], run: [ST-02], profile: shared}\n";

Catalogue::Loaded loaded(const std::string& area, const std::string& questions = kQuestions) {
  return Catalogue::load({{"docs/catalogue/stress.yaml", area}},
                         {"docs/catalogue/questions.yaml", questions});
}

std::string first_error(const Catalogue::Loaded& loaded) {
  BOOST_REQUIRE(!loaded.errors.empty());
  const auto& error = loaded.errors.front();
  return error.file + ":" + std::to_string(error.line) + ": " + error.message;
}

BOOST_AUTO_TEST_SUITE(loading)

BOOST_AUTO_TEST_CASE(gives_areas_rows_and_questions) {
  const auto result = loaded(kArea);
  for (const auto& error : result.errors) BOOST_ERROR(error.to_string());
  const Catalogue& catalogue = result.catalogue;
  BOOST_REQUIRE(catalogue.area("STRESS") != nullptr);
  BOOST_TEST(catalogue.area("stress")->title == "Bandwidth");
  BOOST_REQUIRE(catalogue.row("bw-03") != nullptr);
  BOOST_TEST(catalogue.row("BW-03")->says == "Two limits.");
  BOOST_TEST((catalogue.row("ST-02")->kind == RowKind::test_case));
  BOOST_TEST(catalogue.row("BW-01b") == catalogue.row("BW-01"));
  BOOST_TEST(catalogue.row("BW-02") == nullptr);
  const Question* question = catalogue.question("1.8");
  BOOST_REQUIRE(question != nullptr);
  BOOST_TEST(question->asks == "Why slow?");
  BOOST_TEST(question->profile == "shared");
}

BOOST_AUTO_TEST_CASE(expands_ranges_to_the_rows_there_are) {
  const auto result = loaded(kArea);
  const std::vector<std::string> expected{"BW-01", "BW-03", "BW-04"};
  BOOST_TEST(result.catalogue.row("ST-02")->exercises == expected);
}

BOOST_AUTO_TEST_CASE(says_where_it_went_wrong) {
  const std::string area = kArea;
  BOOST_TEST(first_error(loaded(area + "extra: 1\n")) ==
             "docs/catalogue/stress.yaml:9: unknown key 'extra'");
  BOOST_TEST(first_error(loaded(area + "  BW-04: {says: Again.}\n")) ==
             "docs/catalogue/stress.yaml:9: BW-04 is told twice");
  BOOST_TEST(first_error(loaded(area + "  Bw4: {says: What.}\n")) ==
             "docs/catalogue/stress.yaml:9: 'Bw4' is no name of a row");
  BOOST_TEST(first_error(loaded(area + "  ST-03: {says: What., exercises: [BW-02]}\n")) ==
             "docs/catalogue/stress.yaml:9: there is no row BW-02");
  BOOST_TEST(first_error(loaded(area + "  ST-03: {exercises: [BW-01]}\n")) ==
             "docs/catalogue/stress.yaml:9: ST-03 says nothing");
  BOOST_TEST(first_error(loaded(area + "  ST-03: What.\n")) ==
             "docs/catalogue/stress.yaml:9: a map is expected here, not a single value");
  BOOST_TEST(
      first_error(loaded(kArea, "questions:\n  \"1.1\": {asks: \"Why?\", run: [ST-99]}\n")) ==
      "docs/catalogue/questions.yaml:2: there is no row ST-99");
  BOOST_TEST(first_error(loaded(kArea, "questions:\n  \"1.1\": {run: [ST-02]}\n")) ==
             "docs/catalogue/questions.yaml:2: question 1.1 asks nothing");
}

BOOST_AUTO_TEST_CASE(finds_the_catalogue_of_the_program_whole) {
  const Catalogue& catalogue = Catalogue::built_in();
  std::size_t facts = 0;
  std::size_t cases = 0;
  for (const Area& area : catalogue.areas()) {
    facts += area.facts.size();
    cases += area.cases.size();
    BOOST_TEST(!area.title.empty());
    BOOST_TEST(!area.about.empty());
  }
  // Rows are only ever added.
  BOOST_TEST(facts >= 567U);
  BOOST_TEST(cases >= 321U);
  BOOST_TEST(catalogue.questions().size() >= 101U);
}

BOOST_AUTO_TEST_CASE(wants_one_whole_sentence_for_each_row) {
  for (const Row& row : Catalogue::built_in().rows()) {
    BOOST_REQUIRE(!row.says.empty());
    const char last = row.says.back();
    BOOST_TEST((last == '.' || last == '?'), row.id << ": " << row.says);
    BOOST_TEST(row.says.size() <= 240U, row.id << " is no sentence but an essay");
    BOOST_TEST(row.says.find("§") == std::string::npos, row.id);
  }
  for (const Question& question : Catalogue::built_in().questions()) {
    BOOST_TEST(question.asks.back() == '?', question.number);
    BOOST_TEST((!question.run.empty() || !question.note.empty()), question.number);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue
