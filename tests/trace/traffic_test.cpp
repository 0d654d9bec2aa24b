// The table of clients and servers: bounded, and nothing is lost beyond the bound.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/traffic_counts.hpp"
#include "tests/must.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::trace::test {
namespace {

telemetry::ConnectionRecord session_of(std::uint32_t server, std::uint64_t bytes) {
  telemetry::ConnectionRecord record;
  record.role = telemetry::ConnectionRole::session;
  record.peer = server;
  record.bytes_sent = bytes;
  record.established_at = kStart;
  return record;
}

BOOST_AUTO_TEST_SUITE(traffic)

BOOST_AUTO_TEST_CASE(clients_beyond_the_limit_are_counted_together) {
  const testing::TemporaryFolder folder;
  const Database database =
      must(Database::open(folder / "t.db", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  must(
      database.execute("CREATE TABLE traffic (client, server, connections, failed,"
                       " bytes_sent, bytes_received)"));
  TrafficCounts counts(database, 10);
  BOOST_REQUIRE(counts.ok());
  for (std::uint32_t i = 0; i < 60; ++i) {
    // 20 clients, three times each, two servers: the first ten clients have a row of their own.
    counts.add(session_of(1 + i % 2, 100), 1 + i % 20);
  }
  BOOST_REQUIRE(counts.finish());
  Statement rows(database, "SELECT client, server, connections, bytes_sent FROM traffic");
  std::vector<std::vector<std::int64_t>> table;
  while (rows.step() == Step::row) {
    table.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)});
  }
  BOOST_REQUIRE_EQUAL(table.size(), 12);
  for (std::int64_t client = 1; client <= 10; ++client) {
    const auto expected = std::vector<std::int64_t>{client, 2 - client % 2, 3, 300};
    BOOST_TEST((table[static_cast<std::size_t>(client - 1)] == expected));
  }
  BOOST_TEST((table[10] == std::vector<std::int64_t>{0, 1, 15, 1'500}));
  BOOST_TEST((table[11] == std::vector<std::int64_t>{0, 2, 15, 1'500}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
