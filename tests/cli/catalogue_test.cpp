// elblab list WHAT, list --question, explain and coverage, from outside.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

using Json = nlohmann::json;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// No line is wider than a piped terminal is taken for.
std::size_t widest(const std::string& text) {
  std::size_t widest = 0;
  std::size_t columns = 0;
  for (const char c : text) {
    if (c == '\n') columns = 0;
    const bool starts_code_point = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (c != '\n' && starts_code_point) widest = std::max(widest, ++columns);
  }
  return widest;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {"ELBLAB_SCENARIOS=mine"}};
  Fixture() { std::filesystem::create_directories(folder.path() / "mine/own"); }

  Ended run(const std::vector<std::string>& words) { return run_program(words, here); }
  std::string out_of(const std::vector<std::string>& words) {
    const Ended ended = run(words);
    BOOST_TEST_CONTEXT(ended.out << ended.err) { BOOST_TEST(ended.exit_code == 0); }
    return ended.out;
  }
  Json json_of(std::vector<std::string> words) {
    words.insert(words.end(), {"--format", "json"});
    return Json::parse(out_of(words));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalogue_commands, Fixture)

BOOST_AUTO_TEST_CASE(a_question_leads_to_the_row_to_run_first) {
  const std::string stress = out_of({"list", "--question", "1.10"});
  BOOST_TEST(holds(stress, "1.10  Why does a stress test fail"));
  BOOST_TEST(holds(stress, "run first      TW-08"));
  BOOST_TEST(holds(stress, "elblab run TW-08"));
  BOOST_TEST(out_of({"list", "1.10"}) == stress);
}

// Of a row that nobody has built: as long as there is one, some question leads to it.
BOOST_AUTO_TEST_CASE(a_question_whose_row_comes_later_says_so_and_names_the_nearest) {
  const Json found = json_of({"list", "--question"});
  BOOST_TEST(found.at("questions").size() >= 101U);
  for (const Json& question : found.at("questions")) {
    if (question.at("is_built").get<bool>() || question.at("run_first").is_null()) continue;
    const std::string text = out_of({"list", "--question", question.at("number")});
    BOOST_TEST(holds(text, "not built yet"), text);
    BOOST_TEST(holds(text, question.at("run_first").get<std::string>()), text);
    if (question.at("nearest_today").is_null()) continue;
    BOOST_TEST(holds(text, "nearest today"), text);
    BOOST_TEST(holds(text, "elblab run " + question.at("nearest_today").get<std::string>()), text);
    return;
  }
}

BOOST_AUTO_TEST_CASE(the_beginning_of_a_number_lists_the_questions_below) {
  const std::string text = out_of({"list", "--question", "10.5"});
  BOOST_TEST(holds(text, "10.5.1"));
  BOOST_TEST(holds(text, "10.5.6"));
  BOOST_TEST(!holds(text, "10.6.1"));
  BOOST_TEST(json_of({"list", "--question", "cookie"}).at("questions").size() > 0U);
}

BOOST_AUTO_TEST_CASE(a_word_finds_questions_scenarios_and_rows) {
  const Json found = json_of({"list", "uneven"});
  const auto has = [&](const char* key, const char* name, const char* value) {
    const Json& list = found.at(key);
    return std::any_of(list.begin(), list.end(),
                       [&](const Json& one) { return one.at(name) == value; });
  };
  BOOST_TEST(has("questions", "number", "1.8"));
  BOOST_TEST(has("facts", "id", "SCH-15"));
  BOOST_TEST(holds(out_of({"list", "uneven"}), "1.8"));
  BOOST_TEST(holds(out_of({"list", "why", "is", "traffic", "uneven"}), "1.8"));
}

BOOST_AUTO_TEST_CASE(a_fact_leads_to_the_scenarios_that_exercise_it) {
  folder.write("mine/own/T-1.elb.yaml", small_scenario("T-1"));  // exercises BW-07
  const std::string text = out_of({"list", "bw-07"});
  BOOST_TEST(holds(text, "BW-07"));
  BOOST_TEST(holds(text, "TW-01"));
  BOOST_TEST(holds(text, "T-1"));
  BOOST_TEST(!holds(text, "IMB-07"));
}

BOOST_AUTO_TEST_CASE(an_area_lists_its_scenarios_and_what_is_to_come) {
  const std::string text = out_of({"list", "time-wait"});
  BOOST_TEST(holds(text, "TW-01"));
  BOOST_TEST(!holds(text, "ST-01"));
  folder.write("mine/own/T-1.elb.yaml", small_scenario("T-1"));
  BOOST_TEST(holds(out_of({"list", "own"}), "T-1"));
  BOOST_TEST(out_of({"list", "TW"}) == text);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_answered_by_what_was_meant) {
  const auto complaint = [&](const std::vector<std::string>& words) {
    const Ended ended = run(words);
    BOOST_TEST(ended.exit_code == 2);
    BOOST_TEST(ended.out == "");
    return ended.err;
  };
  BOOST_TEST(holds(complaint({"list", "unevn"}), "did you mean 'uneven'?"));
  BOOST_TEST(holds(complaint({"list", "BW-77"}), "no row 'BW-77'; did you mean 'BW-07'?"));
  BOOST_TEST(holds(complaint({"list", "--question", "1.99"}), "no question 1.99"));
  BOOST_TEST(holds(complaint({"list", "--question", "zebra"}), "no question about 'zebra'"));
  BOOST_TEST(holds(complaint({"list", "qqqqqqqq"}), "nothing is called 'qqqqqqqq'"));
  BOOST_TEST(holds(complaint({"list", ""}), "nothing is called ''"));
  BOOST_TEST(holds(complaint({"explain", "BW-77"}), "did you mean 'BW-07'?"));
  BOOST_TEST(holds(complaint({"explain", "zebra"}), "elblab list zebra"));
  BOOST_TEST(holds(complaint({"coverage", "strss"}), "no area 'strss'; did you mean 'stress'?"));
  BOOST_TEST(!holds(complaint({"list", "a\x1b[2Jb\xff"}), "\x1b"));
}

BOOST_AUTO_TEST_CASE(a_name_is_explained) {
  const std::string fact = out_of({"explain", "BW-07"});
  BOOST_TEST(holds(fact, "BW-07  A stress test fails"));
  BOOST_TEST(holds(fact, "shown by"));
  BOOST_TEST(holds(fact, "docs/catalogue/stress.md"));
  const std::string test_case = out_of({"explain", "tw-01"});
  BOOST_TEST(holds(test_case, "elblab run TW-01"));
  BOOST_TEST(holds(test_case, "about          BW-07"));
  BOOST_TEST(holds(out_of({"explain", "SCH-15e"}), "SCH-15"));
  BOOST_TEST(holds(out_of({"explain", "BW-05..07"}), "BW-06"));
  BOOST_TEST(holds(out_of({"explain", "stress"}), "Bandwidth and stress tests"));
  BOOST_TEST(json_of({"explain", "BW-07", "TW-01"}).size() == 2U);
}

BOOST_AUTO_TEST_CASE(coverage_adds_up) {
  const Json told = Json::parse(out_of({"coverage", "--json"}));
  std::size_t built = 0;
  std::size_t facts = 0;
  for (const Json& area : told.at("areas")) {
    built += area.at("cases").at("built").get<std::size_t>();
    facts += area.at("facts").at("of").get<std::size_t>();
    const auto rows = area.at("rows").size();
    BOOST_TEST(rows == area.at("cases").at("of").get<std::size_t>() +
                           area.at("facts").at("of").get<std::size_t>());
  }
  BOOST_TEST(told.at("all").at("cases").at("built") == built);
  BOOST_TEST(told.at("all").at("facts").at("of") == facts);
  BOOST_TEST(told.at("all").at("facts").at("implemented") > 0);
}

BOOST_AUTO_TEST_CASE(coverage_tells_areas_and_what_is_missing) {
  const std::string table = out_of({"coverage"});
  BOOST_TEST(holds(table, "time-wait"));
  BOOST_TEST(widest(table) <= 80U);
  const std::string area = out_of({"coverage", "stress"});
  BOOST_TEST(holds(area, "BW-07"));
  BOOST_TEST(holds(area, "implemented"));
  BOOST_TEST(out_of({"coverage", "BW"}) == area);
  BOOST_TEST(!holds(out_of({"coverage", "--missing", "stress"}), "BW-07"));
}

BOOST_AUTO_TEST_CASE(coverage_knows_no_code_without_sources) {
  const Ended ended = run({"coverage", "--sources", folder.path().string()});
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "no source tree of elblab"));
  BOOST_TEST(run({"coverage", "--sources", ELBLAB_SOURCE_DIR}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_wider_than_a_hundred_columns) {
  const std::vector<std::vector<std::string>> calls{{"list"},
                                                    {"list", "stress"},
                                                    {"list", "traffic"},
                                                    {"list", "--question"},
                                                    {"list", "--question", "1.2"},
                                                    {"explain", "BW-10"},
                                                    {"coverage", "imbalance"}};
  for (const auto& call : calls) {
    const std::string text = out_of(call);
    BOOST_TEST(widest(text) <= 100U, text);
  }
}

BOOST_AUTO_TEST_CASE(each_command_has_a_help_with_examples) {
  for (const char* command : {"list", "explain", "coverage"}) {
    const std::string help = out_of({command, "--help"});
    BOOST_TEST(holds(help, "Examples:"));
    BOOST_TEST(holds(help, "Exit codes:"));
    BOOST_TEST(widest(help) <= 80U, help);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
