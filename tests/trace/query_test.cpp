// A question in SQL reads and nothing else, and ends when it is told to.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "analysis/trace/metric_views.hpp"
#include "analysis/trace/relations.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

struct Fixture {
  TemporaryFolder folder;
  std::unique_ptr<Reader> reader;

  Fixture() {
    write_small_trace(folder / "t.db");
    reader = open_reader(folder / "t.db");
  }
  QueryResult ask(const std::string& sql, std::size_t most = 100) {
    return collect(reader->query(sql), most);
  }
  std::string bytes() {
    std::ifstream file(folder / "t.db", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

BOOST_FIXTURE_TEST_SUITE(query, Fixture)

BOOST_AUTO_TEST_CASE(an_answer_has_names_and_typed_cells) {
  const auto result = ask("SELECT 1 AS a, 2.5 AS b, 'x' AS c, NULL AS d, x'0aff' AS e");
  BOOST_REQUIRE(!result.problem);
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  BOOST_TEST(result.columns == names, boost::test_tools::per_element());
  BOOST_REQUIRE_EQUAL(result.rows.size(), 1U);
  const auto& row = result.rows[0];
  BOOST_TEST(std::get<std::int64_t>(row[0]) == 1);
  BOOST_TEST(std::get<double>(row[1]) == 2.5);
  BOOST_TEST(std::get<std::string>(row[2]) == "x");
  BOOST_TEST(is_null(row[3]));
  BOOST_TEST(std::get<std::string>(row[4]) == "x'0aff'");
}

BOOST_AUTO_TEST_CASE(the_rows_are_those_that_sqlite_gives_itself) {
  const std::string sql = "SELECT sum(value) FROM samples_view WHERE measure = 'time_wait(c1)'";
  BOOST_TEST(std::stod(trace::test::query(folder / "t.db", sql)) == to_real(ask(sql).rows[0][0]));
  BOOST_TEST(to_real(ask(sql).rows[0][0]) == 10.0 * 999 * 1000 / 2);
}

BOOST_AUTO_TEST_CASE(more_rows_than_asked_for_are_left_out_and_it_says_so) {
  BOOST_TEST(ask("SELECT id FROM events", 7).rows.size() == 7U);
  BOOST_TEST(ask("SELECT id FROM events", 7).more);
  BOOST_TEST(!ask("SELECT id FROM events", 1'000).more);
}

BOOST_AUTO_TEST_CASE(nothing_but_reading_is_possible) {
  const std::string before = bytes();
  const std::string other = (folder / "other.db").string();
  for (const std::string& sql :
       std::vector<std::string>{"DELETE FROM run",
                                "UPDATE run SET seed = 1",
                                "INSERT INTO roles VALUES (9, 'x')",
                                "DROP TABLE run",
                                "CREATE TABLE t(a)",
                                "CREATE TEMP TABLE t(a)",
                                "BEGIN",
                                "COMMIT",
                                "SAVEPOINT a",
                                "PRAGMA user_version = 9",
                                "PRAGMA user_version",
                                "ATTACH '" + other + "' AS o",
                                "DETACH main",
                                "VACUUM",
                                "VACUUM INTO '" + other + "'",
                                "ANALYZE",
                                "REINDEX",
                                "SELECT load_extension('x')",
                                "WITH x AS (SELECT 1) INSERT INTO roles SELECT 9, 'x'",
                                "SELECT * FROM pragma_user_version",
                                "EXPLAIN DELETE FROM run; DELETE FROM run"}) {
    const auto result = ask(sql);
    BOOST_REQUIRE_MESSAGE(result.problem, sql);
    BOOST_TEST((result.problem->kind == QueryProblem::Kind::mistake), sql);
    BOOST_TEST(result.rows.empty(), sql);
  }
  BOOST_TEST((bytes() == before));
  BOOST_TEST(!std::filesystem::exists(other));
  BOOST_TEST(to_integer(ask("SELECT count(*) FROM run").rows[0][0]) == 1);
}

BOOST_AUTO_TEST_CASE(one_statement_at_a_time) {
  BOOST_TEST(ask("SELECT 1; SELECT 2").problem->message == "one statement at a time");
  BOOST_TEST(ask("SELECT 1; nonsense").problem->message == "one statement at a time");
  BOOST_TEST(!ask("SELECT 1 ; ;-- well\n /* done */ ").problem);
  BOOST_TEST(ask("").problem.has_value());
  BOOST_TEST(ask(" -- nothing\n").problem.has_value());
}

BOOST_AUTO_TEST_CASE(a_mistake_is_told_with_its_place) {
  const auto unknown = ask("SELECT seed, foo FROM run");
  BOOST_TEST(unknown.problem->message == "no such column: foo");
  BOOST_TEST((unknown.problem->at == std::optional<std::size_t>(13)));
  const auto syntax = ask("SELECT seed,\n FROM run");
  BOOST_TEST((syntax.problem->at == std::optional<std::size_t>(14)));
  BOOST_TEST(ask("SELECT abs(-9223372036854775808)").problem->message == "integer overflow");
  BOOST_TEST(ask("SELECT zeroblob(100000000)").problem.has_value());
  BOOST_TEST(ask(std::string(Query::kMostSql + 1, ' ')).problem.has_value());
}

BOOST_AUTO_TEST_CASE(a_question_without_an_end_stops_when_the_flag_is_set) {
  std::atomic<bool> stop{false};
  auto endless = reader->query(
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c",
      &stop);
  // Set before the first row is asked for, it is stopped there; set later, within its steps.
  std::thread setter([&] { stop = true; });
  BOOST_TEST(!endless.next());
  setter.join();
  BOOST_REQUIRE(endless.problem());
  BOOST_TEST((endless.problem()->kind == QueryProblem::Kind::stopped));
  BOOST_TEST(ask("SELECT 1").rows.size() == 1U);
}

BOOST_AUTO_TEST_CASE(two_questions_on_one_trace_keep_their_places) {
  auto a = reader->query("SELECT id FROM events ORDER BY id");
  auto b = reader->query("SELECT id FROM events ORDER BY id DESC");
  for (std::int64_t i = 1; i <= 10; ++i) {
    BOOST_REQUIRE(a.next() && b.next());
    BOOST_TEST(to_integer(a.row()[0]) == i);
    BOOST_TEST(to_integer(b.row()[0]) == 1'001 - i);
  }
}

BOOST_AUTO_TEST_CASE(a_trace_that_is_being_written_answers_too) {
  const auto writer = open_writer(folder / "growing.db");
  const auto growing = open_reader(folder / "growing.db");
  for (const auto& view : metric_views()) {
    const auto result = collect(growing->query("SELECT * FROM " + std::string(view.name)), 10);
    BOOST_TEST(!result.problem, view.name << ": " << result.problem->message);
  }
}

BOOST_AUTO_TEST_CASE(every_table_and_view_has_its_line) {
  std::vector<std::string> described;
  for (const auto& relation : relations()) described.emplace_back(relation.name);
  for (const auto& view : metric_views()) described.emplace_back(view.name);
  std::sort(described.begin(), described.end());
  std::vector<std::string> there;
  for (const auto& row :
       ask("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name", 1'000)
           .rows) {
    there.push_back(to_text(row[0]));
  }
  BOOST_TEST(described == there, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_metric_has_the_columns_it_says_and_an_example_that_works) {
  for (const auto& view : metric_views()) {
    const auto result = ask("SELECT * FROM " + std::string(view.name));
    BOOST_REQUIRE_MESSAGE(!result.problem, view.name << ": " << result.problem->message);
    std::vector<std::string> said;
    for (const auto& column : view.columns) said.emplace_back(column.name);
    BOOST_TEST(result.columns == said, boost::test_tools::per_element());
    const auto example = ask(std::string(view.example));
    BOOST_TEST(!example.problem, view.example << ": " << example.problem->message);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
