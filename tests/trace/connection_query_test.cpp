// Filters and orders against a look at every row.
#include "analysis/trace/connection_query.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>

#include "analysis/trace/class_blocks.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

using telemetry::ConnectionRecord;

// More than two blocks of rows, so that some blocks fall out by class or time.
constexpr std::uint32_t kRows = 40'000;

ConnectionRecord varied(std::uint32_t i) {
  ConnectionRecord record = connection_of(i);
  record.bytes_sent = (i * 7919) % 5'000;
  // The first block is object 1 alone.
  if (i < ClassBlocks::kRowsPerBlock) record.object = 1;
  return record;
}

void write_many(const std::filesystem::path& path) {
  write_trace(path, [](Writer& writer) {
    writer.add_object("balancer", ObjectKind::balancer);
    writer.add_object("c1", ObjectKind::host);
    writer.add_object("app/b1", ObjectKind::server);
    for (std::uint32_t i = 0; i < kRows; ++i) writer.record(varied(i));
  });
}

struct Case {
  const char* name;
  ConnectionFilter filter;
  std::function<bool(const ConnectionRow&)> matches;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  all.push_back({"everything", {}, [](const ConnectionRow&) { return true; }});
  ConnectionFilter filter;
  filter.objects = {"c1", "app/b1"};
  all.push_back({"objects", filter, [](const ConnectionRow& c) { return c.object != "balancer"; }});
  filter = {};
  filter.roles = {"session"};
  filter.peers = {"c1"};
  all.push_back({"role and peer", filter,
                 [](const ConnectionRow& c) { return c.role == "session" && c.peer == "c1"; }});
  filter = {};
  filter.reasons = {"timed_out", "reset_by_peer"};
  all.push_back({"reasons", filter, [](const ConnectionRow& c) {
                   return c.reason == "timed_out" || c.reason == "reset_by_peer";
                 }});
  filter = {};
  filter.from = Instant(std::chrono::milliseconds(20));
  filter.to = Instant(std::chrono::milliseconds(50));
  all.push_back({"time", filter, [filter](const ConnectionRow& c) {
                   return c.opened_at < filter.to && c.closed_at >= filter.from;
                 }});
  filter = {};
  filter.endpoint = "10.0.0.1:33000";
  all.push_back(
      {"endpoint", filter, [](const ConnectionRow& c) { return c.source == "10.0.0.1:33000"; }});
  filter = {};
  filter.endpoint = ":90";
  all.push_back({"port", filter, [](const ConnectionRow& c) {
                   return c.translated_destination.ends_with(":90") ||
                          c.translated_source.ends_with(":90");
                 }});
  filter = {};
  filter.endpoint = "10.0.2.3";
  filter.least_retransmissions = 5;
  all.push_back({"address and retransmissions", filter, [](const ConnectionRow& c) {
                   return c.translated_destination.starts_with("10.0.2.3:") &&
                          c.retransmissions >= 5;
                 }});
  for (const char* nothing :
       {"10.9.9.9", "10.0.0.1:", "10.0.0.1:99999", "x:y:z:80", ":", "[10.0"}) {
    filter = {};
    filter.endpoint = nothing;
    if (std::string(nothing) == "10.0.0.1:") {
      all.push_back({nothing, filter,
                     [](const ConnectionRow& c) { return c.source.starts_with("10.0.0.1:"); }});
    } else {
      all.push_back({nothing, filter, [](const ConnectionRow&) { return false; }});
    }
  }
  return all;
}

BOOST_AUTO_TEST_SUITE(connection_query)

BOOST_AUTO_TEST_CASE(filters_find_what_a_look_at_every_row_finds) {
  const TemporaryFolder folder;
  write_many(folder / "t.db");
  const auto reader = open_reader(folder / "t.db");
  const auto rows = reader->connections(1, kRows);
  BOOST_TEST(reader->connection_count() == kRows);
  const std::atomic<bool> cancel = false;
  for (const Case& c : cases()) {
    std::vector<std::uint64_t> expected;
    for (const ConnectionRow& row : rows) {
      if (c.matches(row)) expected.push_back(row.id);
    }
    const auto found = find_connections(*reader, c.filter, {}, cancel);
    BOOST_REQUIRE(found);
    BOOST_TEST((*found == expected), c.name << ": " << found->size() << " for " << expected.size());
  }
  BOOST_TEST(!reader->problem());
}

BOOST_AUTO_TEST_CASE(orders_are_those_of_the_column_and_stable) {
  const TemporaryFolder folder;
  write_many(folder / "t.db");
  const auto reader = open_reader(folder / "t.db");
  const auto rows = reader->connections(1, kRows);
  const std::atomic<bool> cancel = false;
  const auto check = [&](ConnectionColumn column, auto key) {
    for (const bool descending : {false, true}) {
      std::vector<std::uint64_t> expected(rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) expected[i] = i + 1;
      std::stable_sort(expected.begin(), expected.end(), [&](std::uint64_t a, std::uint64_t b) {
        return descending ? key(rows[b - 1]) < key(rows[a - 1])
                          : key(rows[a - 1]) < key(rows[b - 1]);
      });
      const auto found = find_connections(*reader, {}, {column, descending}, cancel);
      BOOST_REQUIRE(found);
      BOOST_TEST((*found == expected), static_cast<int>(column));
    }
  };
  check(ConnectionColumn::id, [](const ConnectionRow& c) { return c.id; });
  check(ConnectionColumn::bytes_sent, [](const ConnectionRow& c) { return c.bytes_sent; });
  check(ConnectionColumn::opened_at, [](const ConnectionRow& c) { return c.opened_at; });
  check(ConnectionColumn::retransmissions,
        [](const ConnectionRow& c) { return c.retransmissions; });
  check(ConnectionColumn::connect_time, [](const ConnectionRow& c) {
    return c.established_at == kNever ? Duration::max() : c.established_at - c.opened_at;
  });
  check(ConnectionColumn::object, [](const ConnectionRow& c) {
    return c.object == "balancer" ? 1 : c.object == "c1" ? 2 : 3;
  });
  check(ConnectionColumn::role, [](const ConnectionRow& c) {
    return c.role == "client" ? 0 : c.role == "server" ? 1 : 2;
  });
}

BOOST_AUTO_TEST_CASE(a_query_that_is_cancelled_ends_and_the_reader_stays_good) {
  const TemporaryFolder folder;
  write_many(folder / "t.db");
  const auto reader = open_reader(folder / "t.db");
  std::atomic<bool> cancel = true;
  BOOST_TEST(!find_connections(*reader, {}, {}, cancel));
  BOOST_TEST(!reader->problem());
  cancel = false;
  const auto found = find_connections(*reader, {}, {}, cancel);
  BOOST_REQUIRE(found);
  BOOST_TEST(found->size() == kRows);
}

// The block begun is not in the directory yet.
BOOST_AUTO_TEST_CASE(a_growing_trace_is_looked_through_to_its_end) {
  const TemporaryFolder folder;
  {
    const auto writer = open_writer(folder / "t.db");
    writer->add_object("balancer", ObjectKind::balancer);
    for (std::uint32_t i = 0; i < 20'000; ++i) writer->record(varied(i));
  }
  const auto reader = open_reader(folder / "t.db");
  BOOST_TEST(!reader->complete());
  const std::atomic<bool> cancel = false;
  ConnectionFilter filter;
  filter.objects = {"balancer"};
  std::vector<std::uint64_t> expected;
  for (const ConnectionRow& row : reader->connections(1, kRows)) {
    if (row.object == "balancer") expected.push_back(row.id);
  }
  BOOST_TEST(expected.size() > std::size_t{ClassBlocks::kRowsPerBlock});
  const auto found = find_connections(*reader, filter, {}, cancel);
  BOOST_REQUIRE(found);
  BOOST_TEST((*found == expected));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
