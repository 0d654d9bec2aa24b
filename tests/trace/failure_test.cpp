// Runs that end badly: a full disk, a kill in the middle, a program that forgets to finish.
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "analysis/trace/record_ring.hpp"
#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

namespace fs = std::filesystem;

// More rows than this can be in the ring at no time: what was recorded before has been taken out.
constexpr std::uint64_t kRowsInRing =
    RecordRing::kChunkBytes * RecordRing::kChunks / sizeof(telemetry::ConnectionRecord);

// Records until the writer gives up; the message of finish() goes to a file.
int write_until_failure(const fs::path& path, const fs::path& message) {
  const auto opened = Writer::open(path, metadata());
  if (!opened) return 3;
  const auto& writer = *opened;
  for (std::uint32_t i = 0; i < 5'000'000 && !writer->failed(); ++i) {
    writer->record(connection_of(i));
  }
  if (!writer->failed()) return 4;
  writer->record(event_of(1));  // goes nowhere, does no harm
  const auto finished = writer->finish(at_seconds(1));
  if (finished) return 5;
  std::ofstream(message) << finished.error().message;
  return 0;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// An incomplete trace whose connections are the first ones recorded, without a gap.
std::uint64_t check_readable_prefix(const fs::path& path) {
  const auto reader = open_reader(path);
  BOOST_TEST(!reader->complete());
  BOOST_TEST(reader->metadata().scenario == "TW-01");
  BOOST_TEST(query(path, "PRAGMA integrity_check") == "ok");
  const std::string rows = query(path, "SELECT count(*) FROM connections");
  BOOST_TEST(query(path,
                   "SELECT count(*) FROM connections WHERE bytes_sent = 199 + id "
                   "AND opened_ns = 2000 * (id - 1)") == rows);
  BOOST_TEST(query(path, "SELECT ifnull(max(id), 0) FROM connections") == rows);
  // What the rows refer to has been committed with them.
  BOOST_TEST(query(path,
                   "SELECT count(*) FROM connections c JOIN connection_classes k ON k.id = c.class"
                   " JOIN addresses a ON a.id = c.source >> 16"
                   " JOIN addresses b ON b.id = c.destination >> 16") == rows);
  reader->digest();
  BOOST_TEST(!reader->problem());
  return std::stoull(rows);
}

BOOST_AUTO_TEST_SUITE(failure)

BOOST_AUTO_TEST_CASE(a_file_that_may_not_grow_is_reported_and_stays_readable) {
  const TemporaryFolder folder;
  const int status = in_child([&] {
    // As a full disk, without needing one: writes beyond 12 MB fail.
    const rlimit limit{12'000'000, 12'000'000};
    ::signal(SIGXFSZ, SIG_IGN);
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    return write_until_failure(folder / "t.db", folder / "message");
  });
  BOOST_TEST(status == 0);
  const std::string message = text_of(folder / "message");
  BOOST_TEST(message.find((folder / "t.db").string()) != std::string::npos);
  BOOST_TEST(message.find("free space") != std::string::npos);
  check_readable_prefix(folder / "t.db");
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_reported_and_the_trace_stays_readable) {
  const TemporaryFolder folder;
  const fs::path disk = folder / "disk";
  fs::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=12m") != 0) {
    BOOST_TEST_MESSAGE("no right to mount a small disk here; the limit of file sizes was tested");
    return;
  }
  const int status =
      in_child([&] { return write_until_failure(disk / "t.db", folder / "message"); });
  // A copy: to look into a write-ahead log, SQLite wants room for a -shm file.
  for (const auto& file : fs::directory_iterator(disk)) {
    fs::copy_file(file.path(), folder.path() / file.path().filename());
  }
  ::umount(disk.c_str());
  BOOST_TEST(status == 0);
  BOOST_TEST(text_of(folder / "message").find("the disk is full; free some space") !=
             std::string::npos);
  check_readable_prefix(folder / "t.db");
}

BOOST_AUTO_TEST_CASE(a_killed_run_leaves_a_readable_trace_that_says_it_is_incomplete) {
  const TemporaryFolder folder;
  constexpr std::uint32_t kRows = 400'000;
  const int status = in_child([&] {
    const auto writer = Writer::open(folder / "t.db", metadata());
    if (!writer) return 3;
    for (std::uint32_t i = 0; i < kRows; ++i) (*writer)->record(connection_of(i));
    ::raise(SIGKILL);
    return 4;
  });
  BOOST_REQUIRE(WIFSIGNALED(status));
  BOOST_TEST(WTERMSIG(status) == SIGKILL);
  // Of the rows that left the ring, those of the last commits may be missing: up to 100,000 rows
  // since the commit, and a chunk.
  BOOST_TEST(check_readable_prefix(folder / "t.db") + 100'000 + kRowsInRing / RecordRing::kChunks >=
             kRows - kRowsInRing);
  // The next run takes its place.
  write_small_trace(folder / "t.db");
  BOOST_TEST(open_reader(folder / "t.db")->complete());
}

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_before_its_first_row_leaves_a_trace) {
  const TemporaryFolder folder;
  const int status = in_child([&] {
    const auto writer = Writer::open(folder / "t.db", metadata());
    if (!writer) return 3;
    ::raise(SIGKILL);
    return 4;
  });
  BOOST_REQUIRE(WIFSIGNALED(status));
  BOOST_TEST(check_readable_prefix(folder / "t.db") == 0U);
}

BOOST_AUTO_TEST_CASE(without_finish_everything_recorded_stands_in_an_incomplete_trace) {
  const TemporaryFolder folder;
  {
    const auto writer = open_writer(folder / "t.db");
    for (std::uint32_t i = 0; i < 1'003; ++i) writer->record(connection_of(i));
  }
  BOOST_TEST(check_readable_prefix(folder / "t.db") == 1'003U);
  BOOST_TEST((open_reader(folder / "t.db")->end_of_run() == connection_of(1'002).closed_at));
}

BOOST_AUTO_TEST_CASE(a_trace_is_readable_while_it_is_written) {
  const TemporaryFolder folder;
  const auto writer = open_writer(folder / "t.db");
  BOOST_TEST(!open_reader(folder / "t.db")->complete());
  const std::uint32_t rows = 250'000 + static_cast<std::uint32_t>(kRowsInRing);
  for (std::uint32_t i = 0; i < rows; ++i) writer->record(connection_of(i));
  const auto reader = open_reader(folder / "t.db");
  BOOST_TEST(!reader->complete());
  std::uint64_t seen = 0;
  for (const ReasonCount& count : reader->reason_counts()) seen += count.count;
  BOOST_TEST(seen >= 100'000U);
  BOOST_TEST(seen <= rows);
  // A reader that looks does not keep the run from ending well.
  finish(*writer);
  reader->series();
  BOOST_TEST(!reader->problem());
  BOOST_TEST(open_reader(folder / "t.db")->complete());
}

BOOST_AUTO_TEST_CASE(a_sample_of_no_series_is_a_failure_that_is_said) {
  const TemporaryFolder folder;
  const auto writer = open_writer(folder / "t.db");
  writer->sample(1, kStart, 1.0);
  BOOST_TEST(writer->failed());
  BOOST_TEST(message_of(writer->finish(kStart)).find("series 1, of 0 registered") !=
             std::string::npos);
  BOOST_TEST(!open_reader(folder / "t.db")->complete());
}

BOOST_AUTO_TEST_CASE(finishing_twice_says_the_same_and_later_rows_go_nowhere) {
  const TemporaryFolder folder;
  const auto writer = open_writer(folder / "t.db");
  finish(*writer);
  writer->record(event_of(1));
  writer->record(connection_of(1));
  BOOST_TEST(writer->add_object("late", ObjectKind::host) == 0U);
  finish(*writer);
  BOOST_TEST(query(folder / "t.db", "SELECT count(*) FROM events") == "0");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
