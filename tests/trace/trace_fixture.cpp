#include "tests/trace/trace_fixture.hpp"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/must.hpp"

namespace elblab::trace::test {

RunMetadata metadata() {
  RunMetadata run;
  run.scenario = "TW-01";
  run.run = "symptom";
  run.title = "One client exhausts its ports with short connections";
  run.world = "simulation";
  run.scenario_text = "scenario: TW-01\n";
  run.effective_yaml = "scenario: TW-01\nduration: 300s\n";
  run.seed = 0xFEDC'BA98'7654'3210ULL;
  run.program_version = "0.1.0";
  run.world_version = "ns-3.37";
  run.duration = std::chrono::seconds(300);
  run.sample_interval = std::chrono::seconds(1);
  return run;
}

Instant at_seconds(double seconds) { return Instant(from_seconds(seconds)); }

telemetry::Event event_of(std::uint32_t i) {
  telemetry::Event event;
  event.at = Instant(Duration(1'000 * std::int64_t{i}));
  event.kind = static_cast<telemetry::EventKind>(i % 13);
  event.reason = static_cast<telemetry::Reason>(i % 7);
  event.object = 1 + i % 3;
  event.peer = i % 4;
  event.flow = {
      {net::IpAddress::v4(0x0A000000 + i % 5), static_cast<std::uint16_t>(1024 + i % 50000)},
      {*net::IpAddress::parse("2001:db8::1"), 80},
      net::Protocol::udp};
  event.value = -static_cast<std::int64_t>(i);
  return event;
}

telemetry::ConnectionRecord connection_of(std::uint32_t i) {
  telemetry::ConnectionRecord record;
  record.object = 1 + i % 3;
  record.peer = i % 4;
  record.role = static_cast<telemetry::ConnectionRole>(i % 3);
  record.reason = static_cast<telemetry::Reason>(i % 12);
  record.flow = {{net::IpAddress::v4(10, 0, 0, 1), static_cast<std::uint16_t>(32768 + i % 28232)},
                 {net::IpAddress::v4(198, 51, 100, 10), 80},
                 net::Protocol::tcp};
  if (record.role == telemetry::ConnectionRole::session) {
    record.translated = {{net::IpAddress::v4(10, 0, 1, 2), static_cast<std::uint16_t>(i % 65536)},
                         {net::IpAddress::v4(10, 0, 2, 3), 90},
                         net::Protocol::tcp};
  }
  record.opened_at = Instant(Duration(2'000 * std::int64_t{i}));
  if (i % 5 != 0) record.established_at = record.opened_at + Duration(7);
  record.closed_at = record.opened_at + Duration(500);
  record.bytes_sent = 200 + i;
  record.bytes_received = 100'000 + std::uint64_t{i};
  record.retransmissions = i % 9;
  return record;
}

std::unique_ptr<Writer> open_writer(const std::filesystem::path& path, const RunMetadata& run) {
  return must(Writer::open(path, run));
}

std::unique_ptr<Reader> open_reader(const std::filesystem::path& path) {
  return must(Reader::open(path));
}

void finish(Writer& writer, Instant end) { must(writer.finish(end)); }

void write_trace(const std::filesystem::path& path, const std::function<void(Writer&)>& fill) {
  const auto writer = open_writer(path);
  fill(*writer);
  finish(*writer);
}

void write_small_trace(const std::filesystem::path& path) {
  write_trace(path, [](Writer& writer) {
    const auto balancer = writer.add_object("balancer", ObjectKind::balancer, "dedicated");
    const auto client = writer.add_object("c1", ObjectKind::host);
    writer.add_object("app/b1", ObjectKind::server);
    const auto level = writer.add_series("time_wait", client, "sockets", SeriesKind::gauge);
    const auto count = writer.add_series("dropped", balancer, "packets", SeriesKind::counter);
    for (std::uint32_t i = 0; i < 1'000; ++i) {
      writer.record(event_of(i));
      writer.record(connection_of(i));
      writer.sample(level, at_seconds(0.3 * i), 10.0 * i);
      writer.sample(count, at_seconds(0.3 * i), i % 3);
    }
  });
}

std::string query(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string result;
  BOOST_REQUIRE_EQUAL(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr),
                      SQLITE_OK);
  const int prepared = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  BOOST_REQUIRE_MESSAGE(prepared == SQLITE_OK, sqlite3_errmsg(database));
  if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr) {
    result = static_cast<const char*>(sqlite3_column_blob(statement, 0));
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return result;
}

void execute(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  BOOST_REQUIRE_EQUAL(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  BOOST_REQUIRE_EQUAL(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) ::_exit(body());
  int status = 0;
  BOOST_REQUIRE_EQUAL(::waitpid(child, &status, 0), child);
  return status;
}

}  // namespace elblab::trace::test
