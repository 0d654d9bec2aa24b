// Rows handed to SQLite by the hundred arrive as they were, in order, and failures are said.
#include "analysis/trace/batch_insert.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

struct Fixture {
  Fixture() {
    must(database.execute(
        "CREATE TABLE t (a INTEGER, b REAL, c INTEGER CHECK (c <> 13), id INTEGER PRIMARY KEY)"));
  }
  std::string ask(const std::string& sql) const { return query(folder / "t.db", sql); }

  const TemporaryFolder folder;
  const Database database =
      must(Database::open(folder / "t.db", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
};

BOOST_FIXTURE_TEST_SUITE(batch_insert, Fixture)

BOOST_AUTO_TEST_CASE(rows_get_their_ids_in_the_order_of_the_calls_whenever_they_are_flushed) {
  BatchInsert insert(database, "t", "a, b, c");
  BOOST_REQUIRE(insert.ok());
  const auto rows = static_cast<std::int64_t>(BatchInsert::kRows * 3 + 5);
  for (std::int64_t i = 1; i <= rows; ++i) {
    BOOST_REQUIRE(insert.add(std::array<Cell, 3>{-i, 0.5 * static_cast<double>(i), Cell()}));
    if (i % 700 == 0) BOOST_REQUIRE(insert.flush());
  }
  BOOST_REQUIRE(insert.flush());
  BOOST_REQUIRE(insert.flush());  // nothing is left: nothing happens
  BOOST_TEST(ask("SELECT count(*) FROM t WHERE a = -id AND b = 0.5 * id AND c IS NULL") ==
             std::to_string(rows));
  BOOST_TEST(ask("SELECT count(*) FROM t") == std::to_string(rows));
}

BOOST_AUTO_TEST_CASE(values_arrive_to_the_last_bit) {
  BatchInsert insert(database, "t", "a, b, c");
  constexpr auto kLowest = std::numeric_limits<std::int64_t>::min();
  constexpr auto kHighest = std::numeric_limits<std::int64_t>::max();
  BOOST_REQUIRE(insert.add(std::array<Cell, 3>{kLowest, 1e308, kHighest}));
  BOOST_REQUIRE(insert.add(std::array<Cell, 3>{Cell::id(0), 0.1, Cell::id(7)}));
  BOOST_REQUIRE(insert.flush());
  Statement rows(database, "SELECT a, b, c FROM t ORDER BY id");
  BOOST_REQUIRE((rows.step() == Step::row));
  BOOST_TEST(rows.integer(0) == kLowest);
  BOOST_TEST(rows.real(1) == 1e308);
  BOOST_TEST(rows.integer(2) == kHighest);
  BOOST_REQUIRE((rows.step() == Step::row));
  BOOST_TEST(rows.is_null(0));
  BOOST_TEST(rows.real(1) == 0.1);
  BOOST_TEST(rows.integer(2) == 7);
}

BOOST_AUTO_TEST_CASE(a_failure_is_said_and_leaves_no_part_of_the_batch) {
  BatchInsert insert(database, "t", "a, b, c");
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(insert.add(std::array<Cell, 3>{i, 0.0, i}));
  BOOST_TEST(!insert.flush());
  BOOST_TEST(database.last_error().code == SQLITE_CONSTRAINT);
  BOOST_TEST(ask("SELECT count(*) FROM t") == "0");
}

BOOST_AUTO_TEST_CASE(a_table_that_is_not_there_is_said_at_once) {
  BatchInsert insert(database, "u", "a");
  BOOST_TEST(!insert.ok());
}

// What the rows were taken from is the connection's own and not in the file.
BOOST_AUTO_TEST_CASE(nothing_of_the_machinery_stands_in_the_file) {
  BatchInsert insert(database, "t", "a, b, c");
  BOOST_REQUIRE(insert.add(std::array<Cell, 3>{1, 2.0, 3}));
  BOOST_REQUIRE(insert.flush());
  BOOST_TEST(ask("SELECT group_concat(name) FROM sqlite_master") == "t");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
