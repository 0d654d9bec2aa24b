// The book of a swarm: what is in it after a swarm was left at any moment.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/swarm/swarm_log.hpp"
#include "tests/must.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::cli {
namespace {

struct Fixture {
  testing::TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "swarm.csv";

  std::string text() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
};

SwarmRow row(std::uint64_t seed, const std::string& finding = "ok") {
  return {seed, finding, 10 * seed, 100 * seed, seed % 2 == 0, false};
}

BOOST_FIXTURE_TEST_SUITE(swarm_log, Fixture)

BOOST_AUTO_TEST_CASE(rows_are_there_when_it_is_opened_again) {
  {
    auto log = must(SwarmLog::open(path, "this swarm"));
    must(log.add(row(1)));
    must(log.add(row(7, "crash")));
  }
  const auto log = must(SwarmLog::open(path, "this swarm"));
  BOOST_TEST(log.rows().size() == 2U);
  BOOST_TEST(log.has(7));
  BOOST_TEST(!log.has(2));
  BOOST_TEST(log.rows().at(7).finding == "crash");
  BOOST_TEST(log.rows().at(7).packets == 700U);
}

// Cut at every byte: what was whole is kept, the rest is tried again, and the book goes on.
BOOST_AUTO_TEST_CASE(a_book_that_was_cut_off_anywhere_goes_on_with_its_whole_lines) {
  {
    auto log = must(SwarmLog::open(path, "this swarm"));
    for (std::uint64_t seed = 1; seed <= 3; ++seed) must(log.add(row(seed)));
  }
  const std::string whole = text();
  const std::size_t first_row = whole.find('\n', whole.find('\n') + 1) + 1;
  for (std::size_t length = first_row; length <= whole.size(); ++length) {
    write(whole.substr(0, length));
    auto log = must(SwarmLog::open(path, "this swarm"));
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      if (!log.has(seed)) must(log.add(row(seed)));
    }
    BOOST_TEST(text() == whole);
  }
}

BOOST_AUTO_TEST_CASE(the_book_of_another_swarm_is_left_alone) {
  { must(SwarmLog::open(path, "this swarm")); }
  const std::string before = text();
  BOOST_TEST(message_of(SwarmLog::open(path, "that swarm")).find("of another swarm") !=
             std::string::npos);
  BOOST_TEST(text() == before);
  write("seed,nonsense\n1,2\n");
  BOOST_TEST(!SwarmLog::open(path, "this swarm"));
}

BOOST_AUTO_TEST_CASE(a_second_swarm_is_refused_and_the_first_goes_on) {
  auto log = must(SwarmLog::open(path, "this swarm"));
  must(log.add(row(1)));
  BOOST_TEST(message_of(SwarmLog::open(path, "this swarm")).find("another swarm is writing") !=
             std::string::npos);
  must(log.add(row(2)));
  BOOST_TEST(log.rows().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told) {
  std::filesystem::create_symlink("/dev/full", path);
  BOOST_TEST(message_of(SwarmLog::open(path, "this swarm")).find("cannot be written") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::cli
