// The table of a sweep: as text, read back, as a file that is left at any moment and gone on with.
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "analysis/export/csv.hpp"
#include "cli/sweeps/sweep_file.hpp"
#include "cli/sweeps/sweep_table.hpp"
#include "tests/sweeps/made_table.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::cli {
namespace {

using test::made_header;
using test::made_table;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

std::string problem_of(const std::string& text) { return message_of(SweepTable::read(text)); }

struct Fixture {
  testing::TemporaryFolder folder;
  std::filesystem::path path = folder / "t.csv";

  void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
  std::string text() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Adds the rows that the file lacks, in this order.
  void complete(bool backwards = false) const {
    SweepFile file = must(SweepFile::open(path, made_header()));
    const SweepTable whole = made_table();
    for (std::size_t i = 0; i < 12; ++i) {
      const std::size_t cell = backwards ? 11 - i : i;
      if (file.table().has(cell, 1)) continue;
      must(file.add({cell, 1, {whole.mean(cell, 0), whole.mean(cell, 1)}}));
    }
    must(file.finish());
  }
};

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_CASE(is_text_that_says_what_it_is_of) {
  const std::string text = made_table().text();
  BOOST_TEST(text.starts_with("# elblab sweep,1\n"
                              "# scenario,T-1,\"Title, with a comma\"\n"
                              "# run,symptom\n"
                              "# program,elblab 1 (ns-3 3)\n"
                              "# digest,0123456789abcdef\n"
                              "# set,duration=60s\n"
                              "# over,group.check.interval,1s,5s,50s\n"
                              "# over,group.check.retries,1,2,3,10\n"
                              "# seeds,1\n"
                              "# measure,detection_s(app/b1),s\n"
                              "# measure,probes(app/b1):total,\n"
                              "cell,seed,group.check.interval,group.check.retries,"
                              "detection_s(app/b1) [s],probes(app/b1):total\n"
                              "1,1,1s,1,1.25,0\n"
                              "2,1,1s,2,2.25,1\n"),
             text);
  BOOST_TEST(text.ends_with("\n12,1,50s,10,,11\n"), text);
}

BOOST_AUTO_TEST_CASE(reads_back_as_it_was) {
  const SweepTable table = must(SweepTable::read(made_table().text()));
  BOOST_TEST((table.header() == made_header()));
  BOOST_TEST(table.is_whole());
  BOOST_TEST(table.mean(7, 0).value() == 50.25);
  BOOST_TEST(!table.mean(11, 0).has_value());
  BOOST_TEST(table.was_run(11));
  BOOST_TEST(table.text() == made_table().text());
}

BOOST_AUTO_TEST_CASE(a_cell_of_several_seeds_is_their_mean) {
  SweepHeader header = made_header();
  header.seeds = {1, 2, 3};
  SweepTable table = must(SweepTable::make(header));
  table.add({4, 1, {2.0, 0.0}});
  table.add({4, 3, {4.0, std::nullopt}});
  BOOST_TEST(table.mean(4, 0).value() == 3.0);
  BOOST_TEST(!table.mean(4, 1).has_value());  // one of them has no such figure
  BOOST_TEST(!table.is_whole());
  BOOST_TEST(!table.was_run(5));
}

BOOST_AUTO_TEST_CASE(a_last_line_that_was_not_finished_is_none) {
  const std::string text = made_table().text();
  const std::string torn = text.substr(0, text.size() - 4);
  BOOST_TEST(must(SweepTable::read(torn)).size() == 11U);
}

BOOST_AUTO_TEST_CASE(what_is_no_row_is_told_with_its_line) {
  const std::string text = made_table().text();
  const std::string row = "3,1,1s,3,3.25,2\n";
  for (const auto& [other, part] : std::vector<std::pair<std::string, std::string>>{
           {"3,1,1s,3,3.25\n", "line 15: not a row of 6 fields"},
           {"13,1,1s,3,3.25,2\n", "line 15: '13' is no cell of 1 … 12"},
           {"0,1,1s,3,3.25,2\n", "line 15: '0' is no cell"},
           {"3,2,1s,3,3.25,2\n", "line 15: '2' is no seed"},
           {"3,1,5s,3,3.25,2\n", "line 15: cell 3 has group.check.interval=1s, not 5s"},
           {"3,1,1s,3,x,2\n", "line 15: 'x' is no number"}}) {
    const std::string problem = problem_of(replaced(text, row, other));
    BOOST_TEST(holds(problem, part), problem);
  }
  BOOST_TEST(holds(problem_of("SQLite format 3"), "no table of elblab sweep"));
  BOOST_TEST(holds(problem_of(replaced(text, "# run", "# ran")), "line 3: "));
  BOOST_TEST(holds(problem_of(replaced(text, "cell,seed", "cell,sead")), "line 12: "));
  BOOST_TEST(holds(problem_of(text.substr(0, 300)), "the header is incomplete"));
}

BOOST_AUTO_TEST_CASE(fields_read_back_what_a_line_holds) {
  const std::vector<std::string> fields{"a", "", "b,c", "say \"so\"", " d "};
  std::string line = exports::csv_line(fields);
  line.pop_back();
  BOOST_TEST((exports::csv_fields(line) == fields));
  BOOST_TEST(!exports::csv_fields("a,\"b"));
  BOOST_TEST(!exports::csv_fields("a,\"b\"c"));
  BOOST_TEST(!exports::csv_fields("a,b\"c\""));
  BOOST_TEST(exports::csv_fields("")->size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(table_file, Fixture)

BOOST_AUTO_TEST_CASE(is_the_same_in_whatever_order_rows_came) {
  complete(true);
  BOOST_TEST(text() == made_table().text());
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

// As after a kill in the middle of any write: in the header, in a row, between two.
BOOST_AUTO_TEST_CASE(goes_on_from_every_length_it_may_have_been_left_at) {
  const std::string whole = made_table().text();
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    write(whole.substr(0, length));
    complete();
    BOOST_REQUIRE_MESSAGE(text() == whole, "left with " << length << " bytes");
  }
}

BOOST_AUTO_TEST_CASE(a_row_is_in_the_file_as_soon_as_it_is_added) {
  SweepFile file = must(SweepFile::open(path, made_header()));
  BOOST_TEST(text() == header_text(made_header()));
  must(file.add({2, 1, {1.5, 2.0}}));
  BOOST_TEST(text() == header_text(made_header()) + "3,1,1s,3,1.5,2\n");
}

BOOST_AUTO_TEST_CASE(that_another_sweep_writes_now_is_refused_and_free_again_after_its_end) {
  {
    SweepFile file = must(SweepFile::open(path, made_header()));
    must(file.add({2, 1, {1.5, 2.0}}));
    const std::string before = text();
    const auto second = SweepFile::open(path, made_header());
    BOOST_REQUIRE(!second);
    BOOST_TEST(!second.error().is_foreign);
    BOOST_TEST(holds(second.error().message, "another sweep is writing it now"),
               second.error().message);
    BOOST_TEST(text() == before);
  }
  complete();
  BOOST_TEST(must(load_sweep_table(path)).is_whole());
}

BOOST_AUTO_TEST_CASE(that_was_replaced_under_its_sweep_is_told_and_what_stands_there_stays) {
  SweepFile file = must(SweepFile::open(path, made_header()));
  std::filesystem::remove(path);
  write("somebody's letter");
  const auto finished = file.finish();
  BOOST_REQUIRE(!finished);
  BOOST_TEST(holds(finished.error().message, "was removed or replaced"), finished.error().message);
  BOOST_TEST(text() == "somebody's letter");
}

BOOST_AUTO_TEST_CASE(of_another_sweep_is_refused_with_what_differs_and_what_to_do) {
  write(made_table().text());
  const auto refusal = [&](const SweepHeader& header) {
    const auto opened = SweepFile::open(path, header);
    BOOST_REQUIRE(!opened);
    BOOST_TEST(opened.error().is_foreign);
    BOOST_TEST(holds(opened.error().message, path.string()), opened.error().message);
    BOOST_TEST(holds(opened.error().message, "--out"), opened.error().message);
    return opened.error().message;
  };
  SweepHeader other = made_header();
  other.scenario = "T-2";
  BOOST_TEST(holds(refusal(other), "its scenario is T-1, not T-2"));
  other = made_header();
  other.run = "remedy";
  BOOST_TEST(holds(refusal(other), "its run is symptom, not remedy"));
  other = made_header();
  other.axes[1].values.pop_back();
  BOOST_TEST(holds(refusal(other), "its axes are"));
  other = made_header();
  other.measures.pop_back();
  BOOST_TEST(holds(refusal(other), "its measures are"));
  other = made_header();
  other.seeds = {1, 2};
  BOOST_TEST(holds(refusal(other), "its number of seeds is 1, not 2"));
  other = made_header();
  other.settings.clear();
  BOOST_TEST(holds(refusal(other), "its settings are duration=60s, not nothing"));
  other = made_header();
  other.program = "elblab 2";
  BOOST_TEST(holds(refusal(other), "its program is elblab 1 (ns-3 3), not elblab 2"));
  other = made_header();
  other.digest = "f";
  BOOST_TEST(holds(refusal(other), "the scenario's text has changed"));
  BOOST_TEST(text() == made_table().text());
}

BOOST_AUTO_TEST_CASE(what_is_no_table_is_refused_and_stays) {
  write("a letter\n");
  const auto opened = SweepFile::open(path, made_header());
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().is_foreign);
  BOOST_TEST(text() == "a letter\n");
  const auto folder_opened = SweepFile::open(folder.path(), made_header());
  BOOST_REQUIRE(!folder_opened);
  BOOST_TEST(folder_opened.error().is_foreign);
  BOOST_TEST(!is_sweep_table(path));
  BOOST_TEST(!is_sweep_table(folder.path()));
}

BOOST_AUTO_TEST_CASE(that_cannot_be_made_is_told) {
  write("");
  const auto opened = SweepFile::open(path / "below" / "t.csv", made_header());
  BOOST_REQUIRE(!opened);
  BOOST_TEST(!opened.error().is_foreign);
  BOOST_TEST(holds(opened.error().message, "cannot write"), opened.error().message);
}

// No file may grow beyond so many bytes while this lives, as on a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

BOOST_AUTO_TEST_CASE(on_a_full_disk_is_told_and_goes_on_later) {
  const std::size_t header = header_text(made_header()).size();
  {
    const FullDisk full(header / 2);
    const auto opened = SweepFile::open(path, made_header());
    BOOST_REQUIRE(!opened);
    BOOST_TEST(!opened.error().is_foreign);
    BOOST_TEST(holds(opened.error().message, "free space"), opened.error().message);
  }
  {
    const FullDisk full(header + 20);
    SweepFile file = must(SweepFile::open(path, made_header()));
    must(file.add({0, 1, {1.25, 0.0}}));
    const std::string problem = message_of(file.add({1, 1, {2.25, 1.0}}));
    BOOST_TEST(holds(problem, "free space"), problem);
    BOOST_TEST(!file.table().has(1, 1));
  }
  complete();
  BOOST_TEST(text() == made_table().text());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::cli
