// Classes and the directory of where their rows stand, against counting the rows.
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <tuple>

#include "analysis/trace/class_blocks.hpp"
#include "analysis/trace/database.hpp"
#include "analysis/trace/numbering.hpp"
#include "models/random/stream.hpp"
#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

// More than two blocks, the last one begun.
constexpr std::uint32_t kRows = 40'000;

std::string blocks_recomputed(const std::string& table, const std::string& from,
                              const std::string& to) {
  return "SELECT class, min(id), max(id), count(*), min(" + from + "), max(" + to + ") FROM " +
         table + " GROUP BY (id - 1) / " + std::to_string(ClassBlocks::kRowsPerBlock) + ", class";
}

// Rows of one of the two queries that the other has not.
std::string difference(const std::filesystem::path& path, const std::string& a,
                       const std::string& b) {
  return query(path, "SELECT count(*) FROM (SELECT * FROM (" + a + ") EXCEPT SELECT * FROM (" + b +
                         ")) ") +
         " and " +
         query(path,
               "SELECT count(*) FROM (SELECT * FROM (" + b + ") EXCEPT SELECT * FROM (" + a + "))");
}

void write_rows(const std::filesystem::path& path) {
  write_trace(path, [](Writer& writer) {
    for (std::uint32_t i = 0; i < kRows; ++i) {
      writer.record(event_of(i));
      telemetry::ConnectionRecord record = connection_of(i);
      // Connections end in another order than they began.
      record.opened_at -= Duration(i % 7 * 100'000);
      writer.record(record);
    }
  });
}

BOOST_AUTO_TEST_SUITE(classed_rows)

BOOST_AUTO_TEST_CASE(the_directory_says_where_the_rows_of_a_class_stand) {
  const TemporaryFolder folder;
  write_rows(folder / "t.db");
  BOOST_TEST(difference(folder / "t.db", "SELECT * FROM connection_blocks",
                        blocks_recomputed("connections", "opened_ns",
                                          "opened_ns + closed_after_ns")) == "0 and 0");
  BOOST_TEST(difference(folder / "t.db", "SELECT * FROM event_blocks",
                        blocks_recomputed("events", "at_ns", "at_ns")) == "0 and 0");
  BOOST_TEST(query(folder / "t.db", "SELECT sum(n) FROM event_blocks") == std::to_string(kRows));
  // connection_of() repeats what makes a class every 12 rows: 12 classes, each in 3 blocks.
  BOOST_TEST(query(folder / "t.db", "SELECT count(*) FROM connection_blocks") == "36");
}

BOOST_AUTO_TEST_CASE(an_incomplete_trace_has_the_directory_of_its_whole_blocks) {
  const TemporaryFolder folder;
  {
    const auto writer = open_writer(folder / "t.db");
    for (std::uint32_t i = 0; i < kRows; ++i) writer->record(connection_of(i));
  }
  BOOST_TEST(query(folder / "t.db", "SELECT count(*) FROM connections") == std::to_string(kRows));
  BOOST_TEST(query(folder / "t.db", "SELECT sum(n) FROM connection_blocks") ==
             std::to_string(2 * ClassBlocks::kRowsPerBlock));
  BOOST_TEST(query(folder / "t.db", "SELECT max(last_id) FROM connection_blocks") ==
             std::to_string(2 * ClassBlocks::kRowsPerBlock));
}

BOOST_AUTO_TEST_CASE(rows_found_by_the_directory_are_those_that_a_full_search_finds) {
  const TemporaryFolder folder;
  write_rows(folder / "t.db");
  const std::string wanted =
      "k.object = 3 AND k.reason = 5 AND c.opened_ns < 50000000 AND "
      "c.opened_ns + c.closed_after_ns >= 40000000";
  const std::string searched =
      "SELECT c.id FROM connections c JOIN connection_classes k ON k.id = c.class WHERE " + wanted;
  const std::string found =
      "SELECT c.id FROM connection_classes k CROSS JOIN connection_blocks b ON b.class = k.id "
      "CROSS JOIN connections c ON c.id BETWEEN b.first_id AND b.last_id AND +c.class = b.class "
      "WHERE b.first_ns < 50000000 AND b.last_ns >= 40000000 AND " +
      wanted;
  BOOST_TEST(std::stoi(query(folder / "t.db", "SELECT count(*) FROM (" + searched + ")")) > 50);
  BOOST_TEST(difference(folder / "t.db", found, searched) == "0 and 0");
  // And it is the directory that finds them: no table of rows is read through.
  const Database database = must(Database::open(folder / "t.db", SQLITE_OPEN_READONLY));
  Statement plan(database, "EXPLAIN QUERY PLAN " + found);
  std::string steps;
  while (plan.step() == Step::row) steps.append(plan.text(3)).append("\n");
  BOOST_TEST(steps.find("SEARCH c USING INTEGER PRIMARY KEY") != std::string::npos, steps);
  BOOST_TEST(steps.find("SEARCH b USING INDEX connection_blocks_by_class") != std::string::npos,
             steps);
}

BOOST_AUTO_TEST_CASE(no_two_classes_say_the_same) {
  const TemporaryFolder folder;
  write_rows(folder / "t.db");
  BOOST_TEST(query(folder / "t.db",
                   "SELECT count(*) FROM event_classes GROUP BY kind, reason, object, peer, "
                   "protocol ORDER BY 1 DESC") == "1");
  BOOST_TEST(query(folder / "t.db",
                   "SELECT count(*) FROM connection_classes GROUP BY object, peer, role, reason, "
                   "protocol, translated_destination ORDER BY 1 DESC") == "1");
  // Every class has rows, every row a class.
  BOOST_TEST(query(folder / "t.db",
                   "SELECT count(DISTINCT class) = (SELECT count(*) FROM event_classes) AND "
                   "max(class) = count(DISTINCT class) AND min(class) = 1 FROM events") == "1");
  BOOST_TEST(query(folder / "t.db",
                   "SELECT count(DISTINCT class) = (SELECT count(*) FROM connection_classes) AND "
                   "max(class) = count(DISTINCT class) AND min(class) = 1 FROM connections") ==
             "1");
}

BOOST_AUTO_TEST_CASE(keys_are_numbered_in_the_order_of_first_occurrence) {
  Numbering numbering;
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::int64_t> expected;
  random::Stream stream(1, "keys");
  for (int i = 0; i < 50'000; ++i) {
    // Keys that differ in one word only, and the key of zeros.
    const Numbering::Key key{stream.below(30), stream.below(30), stream.below(30)};
    const auto [place, inserted] =
        expected.emplace(std::tuple(key.a, key.b, key.c), expected.size() + 1);
    bool is_new = false;
    BOOST_REQUIRE_EQUAL(numbering.number_of(key, is_new), place->second);
    BOOST_REQUIRE_EQUAL(is_new, inserted);
  }
  BOOST_TEST(expected.size() > 10'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
