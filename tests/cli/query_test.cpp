// elblab query, from outside: what it prints, what it refuses, its exit codes.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/bad_traces.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};

  Fixture() {
    const std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
    const Ended ended =
        run_program({"run", file, "--run", "symptom", "--seeds", "1", "--quiet"}, here);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.out << ended.err);
  }
  Ended query(std::vector<std::string> arguments) {
    std::vector<std::string> all{"query", "out/T-1.symptom.seed1.db"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(all, here);
  }
};

BOOST_FIXTURE_TEST_SUITE(query_command, Fixture)

BOOST_AUTO_TEST_CASE(without_sql_it_lists_what_can_be_asked) {
  const Ended ended = query({});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(holds(ended.out, "server_shares"), ended.out);
  BOOST_TEST(holds(ended.out, "connections_view"), ended.out);
}

BOOST_AUTO_TEST_CASE(the_three_formats_say_the_same) {
  const std::string sql = "SELECT 'a,b' AS text, 1.5 AS number, NULL AS absent";
  BOOST_TEST(query({"--format", "csv", sql}).out == "text,number,absent\n\"a,b\",1.5,\n");
  const auto json = nlohmann::json::parse(query({"--format", "json", sql}).out);
  BOOST_TEST((json == nlohmann::json::parse(R"([{"text":"a,b","number":1.5,"absent":null}])")));
  BOOST_TEST(query({"--format", "table", sql}).out == "text  number  absent\na,b      1.5\n");
  BOOST_TEST(query({"--format", "json", "SELECT 1 WHERE 0"}).out == "[]\n");
  // Not a terminal: for a program.
  BOOST_TEST(query({sql}).out == query({"--format", "csv", sql}).out);
}

BOOST_AUTO_TEST_CASE(what_a_terminal_would_obey_does_not_reach_it) {
  const Ended ended =
      query({"--format", "table", "SELECT char(27) || '[2J' || char(10) || char(155) AS x"});
  BOOST_TEST(ended.out == "x\n?[2J ?\n");
}

BOOST_AUTO_TEST_CASE(a_limit_is_said) {
  const Ended ended = query({"--limit", "2", "--format", "table", "SELECT id FROM connections"});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.out == "id\n 1\n 2\n");
  BOOST_TEST(holds(ended.err, "the first 2 rows"), ended.err);
  BOOST_TEST(query({"--limit", "0", "SELECT 1"}).err == "");
}

BOOST_AUTO_TEST_CASE(a_mistake_is_shown_where_it_stands) {
  const Ended column = query({"SELECT seed,\n  foo FROM run"});
  BOOST_TEST(column.exit_code == 2);
  BOOST_TEST(column.err == "no such column: foo\n    foo FROM run\n    ^\n");
  BOOST_TEST(holds(query({"SELECT * FROM server_share"}).err, "did you mean 'server_shares'?"));
  BOOST_TEST(holds(query({"DELETE FROM run"}).err, "would delete from run"));
  BOOST_TEST(query({"--format", "xml", "SELECT 1"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(ctrl_c_ends_a_question_without_an_end) {
  // The first row shows that it is under way.
  Program program({"query", "out/T-1.symptom.seed1.db", "--format", "json",
                   "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
                   " SELECT x FROM c"},
                  here);
  BOOST_REQUIRE(program.wait_for_output(1'000));
  program.send_signal(SIGINT);
  const Ended ended = program.wait();
  BOOST_TEST(ended.exit_code == 130);
  BOOST_TEST(holds(ended.err, "stopped"), ended.err);
}

BOOST_AUTO_TEST_CASE(what_is_no_trace_is_one_message_and_exit_code_2) {
  check_bad_traces(folder, here, {"query"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::test
