// What a trace of a stranger's may take: its views compute for ever, its names are novels.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

constexpr const char* kEndless =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";

struct Fixture {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "t.db";
  Fixture() { write_small_trace(path); }

  ReadingLimits limits() const {
    ReadingLimits limits;
    limits.question = std::chrono::milliseconds(200);
    limits.raised_by = "--time-limit";
    return limits;
  }
  // Instead of a table, an endless view of the same columns.
  void make_endless(const std::string& table, const std::string& columns) {
    execute(path, "DROP TABLE " + table + "; CREATE VIEW " + table + " AS WITH RECURSIVE c(x) AS " +
                      "(SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT " + columns + " FROM c");
  }
};

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

BOOST_FIXTURE_TEST_SUITE(limits_of_reading, Fixture)

BOOST_AUTO_TEST_CASE(an_endless_question_is_ended_whether_it_gives_rows_or_not) {
  for (const std::string& sql :
       {std::string(kEndless), "SELECT count(*) FROM (" + std::string(kEndless) + ")"}) {
    const auto reader = must(Reader::open(path, limits()));
    auto query = reader->query(sql);
    while (query.next()) {
    }
    BOOST_REQUIRE(query.problem());
    BOOST_TEST((query.problem()->kind == QueryProblem::Kind::limit));
    BOOST_TEST(query.problem()->message ==
               "one question took more than 0.2 s of computing; --time-limit allows more");
    // Once met, nothing more is asked, so that ten such views do not take ten times as long.
    BOOST_TEST(!reader->query("SELECT 1").next());
    BOOST_REQUIRE(reader->problem());
    BOOST_TEST(mentions(reader->problem()->message, path.string()));
  }
}

BOOST_AUTO_TEST_CASE(a_view_in_the_place_of_a_table_is_refused) {
  make_endless("event_counts", "1 AS object, 1 AS kind, 1 AS reason, x AS n");
  BOOST_TEST(mentions(message_of(Reader::open(path, limits())), "a table of it is none"));
}

BOOST_AUTO_TEST_CASE(a_view_without_an_end_below_the_rows_of_a_table_ends_the_reading) {
  execute(path,
          "DROP VIEW events_view; CREATE VIEW events_view AS WITH RECURSIVE c(x) AS"
          " (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT 1 AS id, '' AS kind, '' AS reason,"
          " '' AS object, '' AS peer, '' AS protocol, '' AS source, '' AS destination, x AS value"
          " FROM c");
  const auto reader = must(Reader::open(path, limits()));
  BOOST_TEST(reader->events(1, 1000).size() <= 1000U);
  BOOST_TEST(reader->problem().has_value());
}

BOOST_AUTO_TEST_CASE(a_long_question_within_its_limit_is_answered) {
  ReadingLimits patient = limits();
  patient.question = std::chrono::milliseconds(60'000);
  const auto reader = must(Reader::open(path, patient));
  auto query = reader->query("SELECT count(*) FROM (" + std::string(kEndless) + " LIMIT 3000000)");
  BOOST_REQUIRE(query.next());
  BOOST_TEST(to_integer(query.row()[0]) == 3'000'000);
  BOOST_TEST(!reader->problem());
}

BOOST_AUTO_TEST_CASE(many_short_questions_may_take_longer_together_than_one_may) {
  const auto reader = must(Reader::open(path, limits()));
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(600)) {
    auto query = reader->query("SELECT count(*) FROM (" + std::string(kEndless) + " LIMIT 50000)");
    BOOST_REQUIRE(query.next());
  }
  BOOST_TEST(!reader->problem());
}

BOOST_AUTO_TEST_CASE(whoever_waits_may_stop_the_reading) {
  std::atomic<bool> stop{false};
  ReadingLimits stoppable;
  stoppable.stop = &stop;
  const auto reader = must(Reader::open(path, stoppable));
  std::thread setter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop = true;
  });
  auto query = reader->query("SELECT count(*) FROM (" + std::string(kEndless) + ")");
  BOOST_TEST(!query.next());
  setter.join();
  BOOST_REQUIRE(query.problem());
  BOOST_TEST((query.problem()->kind == QueryProblem::Kind::stopped));
}

BOOST_AUTO_TEST_CASE(a_name_as_long_as_a_novel_is_refused) {
  execute(path, "UPDATE objects SET name = hex(zeroblob(10000000)) WHERE id = 1");
  BOOST_TEST(
      mentions(message_of(Reader::open(path)), "a name among its objects is 20000000 bytes"));
}

BOOST_AUTO_TEST_CASE(more_series_than_are_looked_through_are_refused) {
  execute(path,
          "WITH RECURSIVE c(x) AS (SELECT 1000 UNION ALL SELECT x + 1 FROM c LIMIT 500)"
          " INSERT INTO series SELECT x, 'm', 1, '', 0 FROM c");
  ReadingLimits few;
  few.series = 500;
  BOOST_TEST(mentions(message_of(Reader::open(path, few)), "more than 500 series"));
  few.series = 502;
  BOOST_TEST(Reader::open(path, few).has_value());
}

BOOST_AUTO_TEST_CASE(views_that_multiply_are_refused_before_they_are_computed) {
  std::string sql = "CREATE VIEW v0 AS SELECT scenario AS a FROM run;";
  for (int i = 1; i < 40; ++i) {
    const std::string below = "v" + std::to_string(i - 1);
    sql += "CREATE VIEW v" + std::to_string(i) + " AS SELECT a FROM " + below +
           " UNION ALL SELECT a FROM " + below + ";";
  }
  execute(path, sql);
  const auto reader = must(Reader::open(path, limits()));
  auto query = reader->query("SELECT count(*) FROM v39");
  while (query.next()) {
  }
  BOOST_TEST(query.problem().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
