// What is no trace is refused with a message that says so, and is left as it was.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "models/random/stream.hpp"
#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

namespace fs = std::filesystem;

std::string write_refusal(const fs::path& path) {
  return message_of(Writer::open(path, metadata()));
}

std::string read_refusal(const fs::path& path) { return message_of(Reader::open(path)); }

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void check_left_alone(const fs::path& path) {
  const std::string before = contents(path);
  const std::string message = write_refusal(path);
  BOOST_TEST(mentions(message, path.string()));
  BOOST_TEST(mentions(message, "not an elblab trace"));
  BOOST_TEST(mentions(message, "choose another path"));
  BOOST_TEST((contents(path) == before));
}

BOOST_AUTO_TEST_SUITE(refusal)

BOOST_AUTO_TEST_CASE(a_foreign_file_is_not_overwritten) {
  const TemporaryFolder folder;
  write_file(folder / "notes.txt", "dear diary");
  check_left_alone(folder / "notes.txt");
  write_file(folder / "long.txt", std::string(100'000, 'x'));
  check_left_alone(folder / "long.txt");
}

BOOST_AUTO_TEST_CASE(a_database_of_another_program_is_not_overwritten) {
  const TemporaryFolder folder;
  execute(folder / "other.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
  check_left_alone(folder / "other.db");
  execute(folder / "wal.db", "PRAGMA journal_mode=WAL; CREATE TABLE t(x)");
  check_left_alone(folder / "wal.db");
}

BOOST_AUTO_TEST_CASE(an_impossible_path_is_refused_with_the_reason) {
  const TemporaryFolder folder;
  BOOST_TEST(mentions(write_refusal(folder.path()), "it is a folder"));
  BOOST_TEST(mentions(write_refusal(folder / "no/such/t.db"), "there is no folder"));
  BOOST_TEST(mentions(write_refusal("/dev/null"), "not a regular file"));
  BOOST_TEST(mentions(write_refusal("/proc/elblab.db"), "cannot write the trace"));
  BOOST_TEST(mentions(write_refusal(""), "no file name"));
}

BOOST_AUTO_TEST_CASE(a_trace_of_ours_and_an_empty_file_are_replaced) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  write_trace(folder / "t.db", [](Writer&) {});
  BOOST_TEST(query(folder / "t.db", "SELECT count(*) FROM events") == "0");
  open_writer(folder / "t.db").reset();  // leaves an incomplete one
  write_trace(folder / "t.db", [](Writer&) {});
  BOOST_TEST(open_reader(folder / "t.db")->complete());
  write_file(folder / "empty.db", "");
  write_trace(folder / "empty.db", [](Writer&) {});
  BOOST_TEST(open_reader(folder / "empty.db")->complete());
}

BOOST_AUTO_TEST_CASE(a_trace_that_a_run_is_writing_is_not_replaced) {
  const TemporaryFolder folder;
  // Another process, that was there before (so that it inherits nothing of SQLite's), tries when
  // it is told to.
  int told[2] = {};
  BOOST_REQUIRE_EQUAL(::pipe(told), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char go = 0;
    if (::read(told[0], &go, 1) != 1) ::_exit(2);
    ::_exit(mentions(write_refusal(folder / "t.db"), "another run is writing it now") ? 0 : 1);
  }
  const auto writer = open_writer(folder / "t.db");
  BOOST_TEST(mentions(write_refusal(folder / "t.db"), "another run is writing it now"));
  BOOST_REQUIRE_EQUAL(::write(told[1], "g", 1), 1);
  int status = -1;
  BOOST_REQUIRE_EQUAL(::waitpid(child, &status, 0), child);
  BOOST_TEST(status == 0);
  ::close(told[0]);
  ::close(told[1]);
  finish(*writer);
  BOOST_TEST(open_reader(folder / "t.db")->complete());
}

BOOST_AUTO_TEST_CASE(names_that_sqlite_would_take_for_something_else_are_files) {
  const TemporaryFolder folder;
  for (const char* name : {"a b'c.db", "100%25?.db", "x#y.db", "file:z.db", ":memory:"}) {
    write_small_trace(folder / name);
    BOOST_TEST(fs::exists(folder / name));
    BOOST_TEST(open_reader(folder / name)->complete());
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_trace_is_not_read) {
  const TemporaryFolder folder;
  BOOST_TEST(mentions(read_refusal(folder / "none.db"), "there is no such file"));
  BOOST_TEST(mentions(read_refusal(folder.path()), "it is a folder"));
  BOOST_TEST(mentions(read_refusal("/dev/null"), "not a regular file"));
  write_file(folder / "notes.txt", "dear diary");
  BOOST_TEST(mentions(read_refusal(folder / "notes.txt"), "not an elblab trace"));
  write_file(folder / "empty.db", "");
  BOOST_TEST(mentions(read_refusal(folder / "empty.db"), "not an elblab trace"));
  execute(folder / "other.db", "CREATE TABLE t(x)");
  BOOST_TEST(mentions(read_refusal(folder / "other.db"), "not an elblab trace"));
}

BOOST_AUTO_TEST_CASE(a_newer_schema_is_refused_naming_both_versions) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  execute(folder / "t.db", "PRAGMA user_version=8");
  const std::string message = read_refusal(folder / "t.db");
  BOOST_TEST(mentions(message, "schema version 8"));
  BOOST_TEST(mentions(message, "reads up to 6"));
  BOOST_TEST(mentions(message, "use a newer elblab"));
}

BOOST_AUTO_TEST_CASE(an_older_schema_is_refused_naming_both_versions) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  for (const std::string version : {"1", "2", "3", "4", "5"}) {
    execute(folder / "t.db", "PRAGMA user_version=" + version);
    const std::string message = read_refusal(folder / "t.db");
    BOOST_TEST(mentions(message, "schema version " + version));
    BOOST_TEST(mentions(message, "reads version 6"));
    BOOST_TEST(mentions(message, "run the scenario again"));
  }
  // It is a trace of ours all the same: the next run takes its place.
  write_trace(folder / "t.db", [](Writer&) {});
  BOOST_TEST(open_reader(folder / "t.db")->complete());
}

// Looking must not be touching: contents, size, time of change, and nothing made beside the file.
BOOST_AUTO_TEST_CASE(what_is_refused_is_left_as_it_was) {
  const TemporaryFolder folder;
  const auto refuse_untouched = [&](const char* name) {
    const fs::path path = folder / name;
    const std::string before = contents(path);
    const auto changed_at = fs::last_write_time(path);
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder.path())) files.insert(entry.path());
    BOOST_TEST(!read_refusal(path).empty());
    std::set<std::string> files_after;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      files_after.insert(entry.path());
    }
    BOOST_TEST((contents(path) == before), name);
    BOOST_TEST((fs::last_write_time(path) == changed_at), name);
    BOOST_TEST((files == files_after), name);
  };
  for (const char* version : {"1", "2", "3", "4", "5", "7", "1000"}) {
    write_small_trace(folder / version);
    execute(folder / version, std::string("PRAGMA user_version=") + version);
    refuse_untouched(version);
  }
  write_small_trace(folder / "cut");
  fs::resize_file(folder / "cut", fs::file_size(folder / "cut") / 2);
  refuse_untouched("cut");
  write_file(folder / "text", "dear diary");
  refuse_untouched("text");
  execute(folder / "other", "CREATE TABLE t(x)");
  refuse_untouched("other");
}

BOOST_AUTO_TEST_CASE(a_truncated_trace_is_refused) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const auto size = fs::file_size(folder / "t.db");
  for (const auto left : {size - 1, size / 2, size / 10, std::uintmax_t{17'000}}) {
    fs::copy_file(folder / "t.db", folder / "cut.db", fs::copy_options::overwrite_existing);
    fs::resize_file(folder / "cut.db", left);
    BOOST_TEST(mentions(read_refusal(folder / "cut.db"), "truncated or damaged"));
  }
  fs::resize_file(folder / "cut.db", 60);
  BOOST_TEST(!read_refusal(folder / "cut.db").empty());
}

BOOST_AUTO_TEST_CASE(a_trace_without_a_table_is_refused) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  execute(folder / "t.db", "DROP TABLE sample_levels");
  BOOST_TEST(mentions(read_refusal(folder / "t.db"), "damaged"));
}

BOOST_AUTO_TEST_CASE(damage_anywhere_never_crashes_the_reader) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const std::string whole = contents(folder / "t.db");
  random::Stream stream(1, "damage");
  int opened = 0;
  int noticed = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = whole;
    for (int i = 0; i < 40; ++i) {
      bytes[stream.below(bytes.size())] = static_cast<char>(stream.below(256));
    }
    write_file(folder / "bad.db", bytes);
    const auto bad = Reader::open(folder / "bad.db");
    if (!bad) continue;
    const auto& reader = *bad;
    ++opened;
    reader->series();
    reader->samples(1, kStart, kNever);
    reader->buckets(1, kStart, kNever, 10);
    reader->reason_counts();
    reader->digest();
    if (reader->problem()) ++noticed;
  }
  BOOST_TEST(opened > 0);
  BOOST_TEST(noticed > 0);
}

BOOST_AUTO_TEST_CASE(a_finished_trace_is_read_from_a_folder_that_nobody_may_write) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const std::uint64_t digest = open_reader(folder / "t.db")->digest();
  const std::string before = contents(folder / "t.db");
  ::chmod((folder / "t.db").c_str(), 0444);
  ::chmod(folder.path().c_str(), 0555);
  const int status = in_child([&] {
    // Root may write anywhere; somebody else may not.
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 2;
    const auto reader = Reader::open(folder / "t.db");
    if (!reader) return 1;
    return (*reader)->digest() == digest ? 0 : 1;
  });
  ::chmod(folder.path().c_str(), 0755);
  BOOST_TEST(status == 0);
  BOOST_TEST((contents(folder / "t.db") == before));
  BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

// A run that ended without finish(): its connection folds the log into the file, which still says
// that it uses one.
BOOST_AUTO_TEST_CASE(an_incomplete_trace_is_read_from_a_folder_that_nobody_may_write) {
  const TemporaryFolder folder;
  {
    const auto writer = open_writer(folder / "t.db");
    writer->record(event_of(1));
  }
  ::chmod(folder.path().c_str(), 0555);
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 2;
    const auto reader = Reader::open(folder / "t.db");
    if (!reader) return 1;
    return !(*reader)->complete() && (*reader)->reason_counts().size() == 1 ? 0 : 1;
  });
  ::chmod(folder.path().c_str(), 0755);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
