// Equal calls give equal traces; a call that differs in one bit gives another digest.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <functional>
#include <set>
#include <thread>

#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

std::uint64_t digest_of(const std::filesystem::path& path) {
  const auto reader = open_reader(path);
  const std::uint64_t digest = reader->digest();
  BOOST_REQUIRE(!reader->problem());
  return digest;
}

std::uint64_t digest_with(const telemetry::Event& event, const telemetry::ConnectionRecord& record,
                          double value, Instant at) {
  const TemporaryFolder folder;
  write_trace(folder / "t.db", [&](Writer& writer) {
    const auto object = writer.add_object("c1", ObjectKind::host);
    const auto series = writer.add_series("s", object, "x", SeriesKind::gauge);
    writer.record(event);
    writer.record(record);
    writer.sample(series, at, value);
  });
  return digest_of(folder / "t.db");
}

BOOST_AUTO_TEST_SUITE(determinism)

BOOST_AUTO_TEST_CASE(equal_calls_give_equal_digests_whatever_the_wall_clock_says) {
  const TemporaryFolder folder;
  const auto fill = [](Writer& writer, bool slowly) {
    writer.add_object("c1", ObjectKind::host);
    const auto series = writer.add_series("s", 1, "x", SeriesKind::gauge);
    for (std::uint32_t i = 0; i < 120'000; ++i) {
      writer.record(event_of(i));
      if (i % 3 == 0) writer.record(connection_of(i));
      if (i % 100 == 0) writer.sample(series, event_of(i).at, i);
      // Another pace gives the writer thread other chunks.
      if (slowly && i % 1'000 == 0) std::this_thread::yield();
    }
  };
  RunMetadata other = metadata();
  other.world_version = "ns-3.37, map scheduler";
  other.program_version = "0.1.1";
  const auto fast = open_writer(folder / "a.db");
  fill(*fast, false);
  finish(*fast);
  const auto slow = open_writer(folder / "b.db", other);
  fill(*slow, true);
  finish(*slow);
  BOOST_TEST(digest_of(folder / "a.db") == digest_of(folder / "b.db"));
}

BOOST_AUTO_TEST_CASE(a_difference_of_one_bit_in_any_field_shows) {
  const auto event = event_of(100);
  const auto record = connection_of(101);  // a session: every field is used
  const Instant at = at_seconds(1);
  std::set<std::uint64_t> digests{digest_with(event, record, 1.0, at)};
  std::size_t variants = 1;
  const auto expect_new = [&](std::uint64_t digest) {
    ++variants;
    BOOST_TEST(digests.insert(digest).second);
  };
  BOOST_REQUIRE(record.role == telemetry::ConnectionRole::session);

  using Event = telemetry::Event;
  const std::function<void(Event&)> event_changes[] = {
      [](Event& e) { e.at += Duration(1); },
      [](Event& e) { e.kind = static_cast<telemetry::EventKind>(static_cast<int>(e.kind) ^ 1); },
      [](Event& e) { e.reason = static_cast<telemetry::Reason>(static_cast<int>(e.reason) ^ 1); },
      [](Event& e) { e.object ^= 1; },
      [](Event& e) { e.peer ^= 1; },
      [](Event& e) { e.flow.source.port ^= 1; },
      [](Event& e) { e.flow.source.address = e.flow.source.address.plus(1); },
      [](Event& e) { e.flow.destination.port ^= 1; },
      [](Event& e) { e.flow.destination.address = e.flow.destination.address.plus(1); },
      [](Event& e) { e.flow.protocol = net::Protocol::tcp; },
      [](Event& e) { e.value ^= 1; },
  };
  for (const auto& change : event_changes) {
    Event changed = event;
    change(changed);
    expect_new(digest_with(changed, record, 1.0, at));
  }

  using Record = telemetry::ConnectionRecord;
  const std::function<void(Record&)> record_changes[] = {
      [](Record& r) { r.object ^= 1; },
      [](Record& r) { r.peer ^= 2; },
      [](Record& r) { r.role = telemetry::ConnectionRole::server; },
      [](Record& r) { r.reason = static_cast<telemetry::Reason>(static_cast<int>(r.reason) ^ 1); },
      [](Record& r) { r.flow.source.port ^= 1; },
      [](Record& r) { r.flow.destination.address = r.flow.destination.address.plus(1); },
      [](Record& r) { r.flow.protocol = net::Protocol::udp; },
      [](Record& r) { r.translated.source.port ^= 1; },
      [](Record& r) { r.translated.source.address = r.translated.source.address.plus(1); },
      [](Record& r) { r.translated.destination.port ^= 1; },
      [](Record& r) { r.opened_at += Duration(1); },
      [](Record& r) { r.established_at += Duration(1); },
      [](Record& r) { r.established_at = kNever; },
      [](Record& r) { r.closed_at += Duration(1); },
      [](Record& r) { r.bytes_sent ^= 1; },
      [](Record& r) { r.bytes_received ^= 1; },
      [](Record& r) { r.retransmissions ^= 1; },
  };
  for (const auto& change : record_changes) {
    Record changed = record;
    change(changed);
    expect_new(digest_with(event, changed, 1.0, at));
  }
  expect_new(digest_with(event, record, std::nextafter(1.0, 2.0), at));
  expect_new(digest_with(event, record, 1.0, at + Duration(1)));
  BOOST_TEST(digests.size() == variants);
}

BOOST_AUTO_TEST_CASE(the_tables_that_differ_are_named) {
  const TemporaryFolder folder;
  for (const bool changed : {false, true}) {
    write_trace(folder / (changed ? "b.db" : "a.db"), [changed](Writer& writer) {
      telemetry::ConnectionRecord record = connection_of(1);
      if (changed) record.bytes_sent += 1;
      writer.record(record);
      writer.record(event_of(1));
    });
  }
  const auto a = open_reader(folder / "a.db")->table_digests();
  const auto b = open_reader(folder / "b.db")->table_digests();
  BOOST_REQUIRE_EQUAL(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    BOOST_TEST(a[i].first == b[i].first);
    BOOST_TEST((a[i].second == b[i].second) == (a[i].first != "connections"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
