// What is recorded stands in the file, and comes back.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "analysis/trace/database.hpp"
#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

BOOST_AUTO_TEST_SUITE(contents)

BOOST_AUTO_TEST_CASE(the_run_says_what_it_was) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const auto reader = open_reader(folder / "t.db");
  const RunMetadata expected = metadata();
  const RunMetadata& run = reader->metadata();
  BOOST_TEST(run.scenario == expected.scenario);
  BOOST_TEST(run.run == expected.run);
  BOOST_TEST(run.title == expected.title);
  BOOST_TEST(run.world == expected.world);
  BOOST_TEST(run.scenario_text == expected.scenario_text);
  BOOST_TEST(run.effective_yaml == expected.effective_yaml);
  BOOST_TEST(run.seed == expected.seed);
  BOOST_TEST(run.program_version == expected.program_version);
  BOOST_TEST(run.world_version == expected.world_version);
  BOOST_TEST((run.duration == expected.duration));
  BOOST_TEST((run.sample_interval == expected.sample_interval));
  BOOST_TEST(reader->complete());
  BOOST_TEST((reader->end_of_run() == at_seconds(300)));
}

BOOST_AUTO_TEST_CASE(every_field_of_a_connection_stands_in_its_column) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  // Row 5 is a session (5 % 3 == 2), never established (5 % 5 == 0).
  const std::string columns =
      "object||','||ifnull(peer,'-')||','||role||','||reason||','||protocol||','||opened_ns||','||"
      "ifnull(established_after_ns,'-')||','||closed_after_ns||','||bytes_sent||','||"
      "bytes_received||','||retransmissions";
  const auto row = [&](int i) {
    return query(folder / "t.db", "SELECT " + columns +
                                      " FROM connections c JOIN connection_classes k "
                                      "ON k.id = c.class WHERE c.id=" +
                                      std::to_string(i + 1));
  };
  BOOST_TEST(row(5) == "3,1,2,5,6,10000,-,500,205,100005,5");
  BOOST_TEST(row(4) == "2,-,1,4,6,8000,7,500,204,100004,4");
}

// An endpoint is the number of its address times 65,536, plus the port.
BOOST_AUTO_TEST_CASE(every_endpoint_of_a_connection_stands_in_its_column) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const auto text_of = [&](int i, const std::string& column) {
    return query(folder / "t.db", "SELECT address||' '||(" + column +
                                      " & 65535) FROM connections c JOIN connection_classes k ON "
                                      "k.id = c.class JOIN addresses a ON a.id = (" +
                                      column + " >> 16) WHERE c.id=" + std::to_string(i + 1));
  };
  for (const int i : {0, 5, 6, 998}) {
    const auto record = connection_of(static_cast<std::uint32_t>(i));
    const auto expected = [](const net::Endpoint& end) {
      return end.address.to_string() + " " + std::to_string(end.port);
    };
    BOOST_TEST(text_of(i, "source") == expected(record.flow.source));
    BOOST_TEST(text_of(i, "destination") == expected(record.flow.destination));
    const bool session = record.role == telemetry::ConnectionRole::session;
    BOOST_TEST(text_of(i, "translated_source") ==
               (session ? expected(record.translated.source) : ""));
    BOOST_TEST(text_of(i, "translated_destination") ==
               (session ? expected(record.translated.destination) : ""));
  }
}

BOOST_AUTO_TEST_CASE(views_are_readable_text) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  BOOST_TEST(query(folder / "t.db",
                   "SELECT object||' '||peer||' '||role||' '||reason||' '||protocol||' '||source||"
                   "' '||destination||' '||translated_source||' '||translated_destination "
                   "FROM connections_view WHERE id=6") ==
             "app/b1 balancer session refused_by_peer tcp 10.0.0.1:32773 198.51.100.10:80 "
             "10.0.1.2:5 10.0.2.3:90");
  BOOST_TEST(query(folder / "t.db",
                   "SELECT opened_s||' '||ifnull(established_s,'never')||' '||closed_s||' '||"
                   "ifnull(translated_source,'-') FROM connections_view WHERE id=5") ==
             "8.0e-06 8.007e-06 8.5e-06 -");
  BOOST_TEST(query(folder / "t.db",
                   "SELECT object||' '||kind||' '||reason||' '||protocol||' '||source||' '||"
                   "destination||' '||value FROM events_view WHERE id=5") ==
             "c1 packet_dropped reset_by_peer udp 10.0.0.4:1028 [2001:db8::1]:80 -4");
  BOOST_TEST(query(folder / "t.db", "SELECT measure||' '||unit||' '||kind FROM series_view") ==
             "time_wait(c1) sockets gauge");
  BOOST_TEST(query(folder / "t.db", "SELECT name||' '||kind||' '||detail FROM objects_view") ==
             "balancer balancer dedicated");
}

BOOST_AUTO_TEST_CASE(an_event_without_a_flow_has_no_addresses) {
  const TemporaryFolder folder;
  write_trace(folder / "t.db", [](Writer& writer) {
    writer.add_object("balancer", ObjectKind::balancer);
    telemetry::Event event;
    event.kind = telemetry::EventKind::fault_injected;
    event.object = 1;
    writer.record(event);
  });
  BOOST_TEST(query(folder / "t.db",
                   "SELECT count(*) FROM events JOIN event_classes k ON k.id = class WHERE "
                   "source IS NULL AND destination IS NULL AND protocol IS NULL AND peer IS NULL "
                   "AND kind = 12 AND object = 1") == "1");
  BOOST_TEST(query(folder / "t.db",
                   "SELECT count(*) FROM events_view WHERE kind = 'fault_injected' AND source IS "
                   "NULL AND destination IS NULL AND protocol IS NULL") == "1");
  BOOST_TEST(query(folder / "t.db", "SELECT count(*) FROM addresses") == "0");
}

BOOST_AUTO_TEST_CASE(no_row_is_lost_and_the_order_is_that_of_the_calls) {
  const TemporaryFolder folder;
  // More than the ring holds, and more than two commits.
  constexpr std::uint32_t kRows = 250'001;
  write_trace(folder / "t.db", [](Writer& writer) {
    for (std::uint32_t i = 0; i < kRows; ++i) writer.record(event_of(i));
  });
  BOOST_TEST(
      query(folder / "t.db",
            "SELECT count(*) FROM events WHERE value = 1 - id AND at_ns = 1000 * (id - 1)") ==
      std::to_string(kRows));
}

// Every row of a run, seen through a view, is the record that was made.
BOOST_AUTO_TEST_CASE(every_event_comes_back_through_its_view) {
  const TemporaryFolder folder;
  constexpr std::uint32_t kRows = 40'000;
  write_trace(folder / "t.db", [](Writer& writer) {
    for (const char* name : {"o1", "o2", "o3"}) writer.add_object(name, ObjectKind::host);
    for (std::uint32_t i = 0; i < kRows; ++i) writer.record(event_of(i));
  });
  const Database database = must(Database::open(folder / "t.db", SQLITE_OPEN_READONLY));
  Statement rows(database,
                 "SELECT object, kind, reason, ifnull(peer,''), source, destination, value FROM "
                 "events_view ORDER BY id");
  for (std::uint32_t i = 0; i < kRows; ++i) {
    BOOST_REQUIRE((rows.step() == Step::row));
    const telemetry::Event e = event_of(i);
    const std::string peer = e.peer == 0 ? "" : "o" + std::to_string(e.peer);
    const bool equal = rows.text(0) == "o" + std::to_string(e.object) &&
                       rows.text(1) == to_string(e.kind) && rows.text(2) == to_string(e.reason) &&
                       rows.text(3) == peer && rows.text(4) == e.flow.source.to_string() &&
                       rows.text(5) == e.flow.destination.to_string() && rows.integer(6) == e.value;
    BOOST_REQUIRE_MESSAGE(equal, "row " << i << " differs from its record");
  }
  BOOST_TEST((rows.step() == Step::done));
}

BOOST_AUTO_TEST_CASE(samples_come_back_in_time_order_within_the_range) {
  const TemporaryFolder folder;
  write_trace(folder / "t.db", [](Writer& writer) {
    const auto object = writer.add_object("c1", ObjectKind::host);
    const auto a = writer.add_series("a", object, "x", SeriesKind::gauge);
    const auto b = writer.add_series("b", object, "x", SeriesKind::gauge);
    for (int i = 1; i <= 10; ++i) {
      writer.sample(a, at_seconds(i), i);
      writer.sample(b, at_seconds(i), -i);
    }
  });
  const auto reader = open_reader(folder / "t.db");
  const auto samples = reader->samples(2, at_seconds(3), at_seconds(6));
  BOOST_REQUIRE_EQUAL(samples.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST((samples[static_cast<std::size_t>(i)].at == at_seconds(3 + i)));
    BOOST_TEST(samples[static_cast<std::size_t>(i)].value == -3 - i);
  }
  BOOST_TEST(reader->samples(3, kStart, kNever).empty());
}

BOOST_AUTO_TEST_CASE(a_sample_that_is_no_number_is_a_gap) {
  const TemporaryFolder folder;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  write_trace(folder / "t.db", [&](Writer& writer) {
    const auto series =
        writer.add_series("a", writer.add_object("c1", ObjectKind::host), "ms", SeriesKind::gauge);
    writer.sample(series, at_seconds(1), 5);
    writer.sample(series, at_seconds(2), nan);
    writer.sample(series, at_seconds(3), infinite);
  });
  const auto samples = open_reader(folder / "t.db")->samples(1, kStart, kNever);
  BOOST_REQUIRE_EQUAL(samples.size(), 2U);
  BOOST_TEST((samples[1].at == at_seconds(3)));
  BOOST_TEST(samples[1].value == infinite);
  BOOST_TEST(query(folder / "t.db", "SELECT count(*) FROM samples") == "3");
}

BOOST_AUTO_TEST_CASE(series_are_found_by_name_and_object) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const auto reader = open_reader(folder / "t.db");
  BOOST_TEST(reader->series().size() == 2U);
  const auto found = reader->find_series("dropped", "balancer");
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->id == 2U);
  BOOST_TEST(found->unit == "packets");
  BOOST_TEST((found->kind == SeriesKind::counter));
  BOOST_TEST(!reader->find_series("dropped", "c1").has_value());
}

// What the trace counts while it is written, against counting the calls.
BOOST_AUTO_TEST_CASE(reasons_are_counted_by_object_and_kind) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  using Key = std::tuple<std::string, std::string, std::string>;
  const std::map<std::uint32_t, std::string> objects{{1, "balancer"}, {2, "c1"}, {3, "app/b1"}};
  const char* roles[] = {"client", "server", "session"};
  std::map<Key, std::uint64_t> expected;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    const auto e = event_of(i);
    ++expected[{objects.at(e.object), std::string(to_string(e.kind)),
                std::string(to_string(e.reason))}];
    const auto c = connection_of(i);
    ++expected[{objects.at(c.object), roles[static_cast<int>(c.role)],
                std::string(to_string(c.reason))}];
  }
  std::map<Key, std::uint64_t> counted;
  for (const ReasonCount& count : open_reader(folder / "t.db")->reason_counts()) {
    counted[{count.object, count.kind, count.reason}] += count.count;
  }
  BOOST_TEST((counted == expected));
  // An incomplete trace counts its rows instead, to the same end.
  execute(folder / "t.db", "UPDATE run SET complete = 0; DELETE FROM event_counts");
  std::map<Key, std::uint64_t> recounted;
  for (const ReasonCount& count : open_reader(folder / "t.db")->reason_counts()) {
    recounted[{count.object, count.kind, count.reason}] += count.count;
  }
  BOOST_TEST((recounted == expected));
}

BOOST_AUTO_TEST_CASE(a_finished_trace_is_one_sound_file) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  BOOST_TEST(query(folder / "t.db", "PRAGMA integrity_check") == "ok");
  BOOST_TEST(query(folder / "t.db", "PRAGMA journal_mode") == "delete");
  BOOST_TEST(query(folder / "t.db", "PRAGMA application_id") == std::to_string(0x454C4254));
  // The command-line tool of SQLite, where it is installed, says the same.
  const std::string command =
      "sqlite3 '" + (folder / "t.db").string() + "' 'PRAGMA integrity_check' 2>/dev/null";
  if (std::system("command -v sqlite3 >/dev/null") != 0) return;
  FILE* output = ::popen(command.c_str(), "r");
  char line[64] = {};
  BOOST_TEST(std::fgets(line, sizeof line, output) != nullptr);
  ::pclose(output);
  BOOST_TEST(std::string(line) == "ok\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
