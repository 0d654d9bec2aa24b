// Of two runs that want one trace, one gets it, at whatever moments they begin; the other is told.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/trace_claim.hpp"
#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

namespace fs = std::filesystem;

bool says_who_writes(const fs::path& path) {
  return message_of(Writer::open(path, metadata())).find("another run is writing it now") !=
         std::string::npos;
}

enum Result { wrote = 0, refused = 1, failed = 2 };

// Waits for the end of `gate`, then writes a trace of many commits, or is refused.
[[noreturn]] void race(int gate, const fs::path& path) {
  char nothing = 0;
  if (::read(gate, &nothing, 1) != 0) ::_exit(failed);
  auto opened = Writer::open(path, metadata());
  if (!opened) {
    const bool is_told =
        opened.error().message.find("another run is writing it now") != std::string::npos;
    ::_exit(is_told ? refused : failed);
  }
  for (std::uint32_t i = 0; i < 250'000; ++i) (*opened)->record(connection_of(i));
  ::_exit((*opened)->finish(at_seconds(1)) ? wrote : failed);
}

// How many of several processes that begin at once had each result.
std::array<int, 3> results_of_race(const fs::path& path, int processes) {
  std::array<int, 2> gate{};
  BOOST_REQUIRE_EQUAL(::pipe(gate.data()), 0);
  std::vector<pid_t> racers;
  for (int i = 0; i < processes; ++i) {
    const pid_t pid = ::fork();
    BOOST_REQUIRE(pid >= 0);
    if (pid == 0) {
      ::close(gate[1]);
      race(gate[0], path);
    }
    racers.push_back(pid);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  std::array<int, 3> results{};
  for (const pid_t pid : racers) {
    int status = -1;
    BOOST_REQUIRE_EQUAL(::waitpid(pid, &status, 0), pid);
    ++results.at(static_cast<std::size_t>(WIFEXITED(status) ? WEXITSTATUS(status) : int{failed}));
  }
  return results;
}

void check_whole(const fs::path& path) {
  BOOST_TEST(open_reader(path)->complete());
  BOOST_TEST(query(path, "PRAGMA integrity_check") == "ok");
  BOOST_TEST(query(path, "SELECT count(*) FROM connections") == "250000");
}

BOOST_AUTO_TEST_SUITE(claim)

BOOST_AUTO_TEST_CASE(of_runs_that_begin_one_trace_at_once_one_writes_it_and_the_others_are_told) {
  const TemporaryFolder folder;
  const fs::path path = folder / "t.db";
  for (int round = 0; round < 6; ++round) {
    // Where nothing stands; then in the place of the trace of an earlier run.
    if (round == 3) write_small_trace(path);
    const auto results = results_of_race(path, 4);
    BOOST_TEST(results[wrote] == 1);
    BOOST_TEST(results[refused] == 3);
    check_whole(path);
    if (round < 3) fs::remove(path);
  }
  // Only the trace is left: nothing temporary, nothing of SQLite's.
  BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_run_keeps_its_trace_while_others_try_for_it) {
  const TemporaryFolder folder;
  const fs::path path = folder / "t.db";
  int told[2] = {};
  BOOST_REQUIRE_EQUAL(::pipe(told), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char go = 0;
    if (::read(told[0], &go, 1) != 1) ::_exit(2);
    // All the time, also in the moments between two transactions.
    for (int i = 0; i < 300; ++i) {
      if (!says_who_writes(path)) ::_exit(1);
    }
    ::_exit(0);
  }
  const auto writer = open_writer(path);
  BOOST_REQUIRE_EQUAL(::write(told[1], "g", 1), 1);
  int status = -1;
  std::uint32_t rows = 0;
  // Every 100,000 rows are a transaction.
  while (::waitpid(child, &status, WNOHANG) == 0) writer->record(connection_of(rows++));
  BOOST_TEST(status == 0);
  finish(*writer);
  BOOST_TEST(query(path, "SELECT count(*) FROM connections") == std::to_string(rows));
  ::close(told[0]);
  ::close(told[1]);
}

BOOST_AUTO_TEST_CASE(a_second_writer_in_one_process_is_refused_and_harms_nothing) {
  const TemporaryFolder folder;
  const auto writer = open_writer(folder / "t.db");
  for (int i = 0; i < 3; ++i) BOOST_TEST(says_who_writes(folder / "t.db"));
  // Had looking ended SQLite's locks, another process could write now.
  const int status = in_child([&] { return says_who_writes(folder / "t.db") ? 0 : 1; });
  BOOST_TEST(status == 0);
  finish(*writer);
  BOOST_TEST(open_reader(folder / "t.db")->complete());
}

BOOST_AUTO_TEST_CASE(a_killed_run_leaves_a_trace_or_nothing_and_keeps_nobody_out) {
  const TemporaryFolder folder;
  for (int moment = 0; moment < 40; ++moment) {
    const fs::path path = folder / ("t" + std::to_string(moment) + ".db");
    const pid_t child = ::fork();
    if (child == 0) {
      const auto opened = Writer::open(path, metadata());
      for (std::uint32_t i = 0; opened; ++i) (*opened)->record(connection_of(i));
      ::_exit(1);
    }
    ::usleep(static_cast<useconds_t>(500 * moment));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (fs::exists(path)) BOOST_TEST(!open_reader(path)->complete());
    write_trace(path, [](Writer&) {});
    BOOST_TEST(open_reader(path)->complete());
  }
  BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), {}) == 40);
}

// SQLite's own: a transaction in the middle of its pages, as of a process that was killed there.
BOOST_AUTO_TEST_CASE(a_trace_with_an_unfinished_change_is_read_as_it_was_before) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const pid_t child = ::fork();
  if (child == 0) {
    const auto database = Database::open(folder / "t.db", SQLITE_OPEN_READWRITE);
    const auto changed = database->execute(
        "PRAGMA cache_size=1; BEGIN; UPDATE connections SET bytes_sent = 0;"
        "UPDATE events SET value = 0");
    ::kill(::getpid(), SIGKILL);
    ::_exit(changed ? 0 : 1);
  }
  ::waitpid(child, nullptr, 0);
  BOOST_REQUIRE(fs::file_size(folder / "t.db-journal") > 0U);
  const auto reader = open_reader(folder / "t.db");
  auto sum = reader->query("SELECT min(bytes_sent) FROM connections");
  BOOST_REQUIRE(sum.next());
  BOOST_TEST(to_integer(sum.row()[0]) == 200);
}

BOOST_AUTO_TEST_CASE(a_run_whose_trace_was_removed_or_replaced_says_so_at_its_end) {
  const TemporaryFolder folder;
  const auto removed = open_writer(folder / "removed.db");
  fs::remove(folder / "removed.db");
  const auto replaced = open_writer(folder / "replaced.db");
  fs::remove(folder / "replaced.db");
  write_small_trace(folder / "replaced.db");
  for (const auto* writer : {&removed, &replaced}) {
    (*writer)->record(connection_of(1));
    const auto finished = (*writer)->finish(at_seconds(1));
    BOOST_REQUIRE(!finished);
    BOOST_TEST(finished.error().message.find("was removed or replaced while its run was writing") !=
               std::string::npos);
  }
  // Who replaced it keeps what it wrote.
  BOOST_TEST(query(folder / "replaced.db", "SELECT count(*) FROM connections") == "1000");
}

BOOST_AUTO_TEST_CASE(a_link_to_nothing_is_refused_with_the_reason) {
  const TemporaryFolder folder;
  fs::create_symlink(folder / "nowhere.db", folder / "link.db");
  BOOST_TEST(
      message_of(Writer::open(folder / "link.db", metadata())).find("a symbolic link to nothing") !=
      std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
