// elblab sweep, from outside: what a cell holds, that it can be left and gone on with, what it
// draws.
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/sweeps/sweep_file.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::test {
namespace {

namespace fs = std::filesystem;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

using Words = std::vector<std::string>;

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};
  std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
  // Six cells of 5 s each.
  Words grid{"sweep",  file,
             "--over", "workload.burst.short_connections=10/s,20/s,40/s",
             "--over", "hosts.c1.time_wait=1s,2s"};

  std::string text_of(const std::string& name) const {
    std::ifstream stream(folder.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder.path() / name, std::ios::binary) << text;
  }
  Ended sweep(const Words& more) { return run_program(joined(grid, more), here); }
  cli::SweepTable table(const std::string& name) const {
    return must(cli::load_sweep_table(folder.path() / name));
  }
  // What a question to a trace answers, one number.
  double asked(const std::string& trace, const std::string& sql) {
    const Ended ended = run_program({"query", trace, sql}, here);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err);
    return std::stod(ended.out.substr(ended.out.find('\n') + 1));
  }
};

BOOST_FIXTURE_TEST_SUITE(sweep_command, Fixture)

BOOST_AUTO_TEST_CASE(a_grid_becomes_a_table_and_a_map) {
  const Ended ended = sweep({"--quiet"});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  BOOST_TEST(ended.err == "");
  BOOST_TEST(holds(ended.out, "T-1 symptom: 6 cells × 1 seed"), ended.out);
  BOOST_TEST(holds(ended.out, "refused_locally(c1):total"), ended.out);
  const auto made = table("out/T-1.symptom.sweep.csv");
  BOOST_TEST(made.is_whole());
  // 20 ports that rest 1 s take 20/s; 5 s of 10/s are far below, of 40/s twice that.
  BOOST_TEST(made.mean(0, 1).value() == 0.0);
  BOOST_TEST(made.mean(4, 1).value() > 80.0);
  BOOST_TEST(std::distance(fs::directory_iterator(folder.path() / "out"), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_cell_is_what_the_run_of_its_settings_shows_by_hand) {
  const Ended swept = sweep({"--seeds", "2", "-o", "t.csv", "--keep-traces", "kept"});
  BOOST_REQUIRE_MESSAGE(swept.exit_code == 0, swept.err);
  const auto made = table("t.csv");
  const std::string refused =
      "SELECT ifnull(sum(x.value), 0) AS n FROM samples x JOIN series s ON s.id = x.series"
      " JOIN objects o ON o.id = s.object WHERE s.name = 'refused_locally' AND o.name = 'c1'";
  const std::string peak =
      "SELECT max(x.value) AS n FROM samples x JOIN series s ON s.id = x.series"
      " JOIN objects o ON o.id = s.object WHERE s.name = 'time_wait' AND o.name = 'c1'";
  for (const std::size_t cell : {1U, 4U}) {
    double refusals = 0;
    double peaks = 0;
    for (const std::string seed : {"1", "2"}) {
      Words words{"run", file, "--run", "symptom", "--seed", seed, "--quiet"};
      for (const auto& setting : made.grid().settings(cell)) {
        words.emplace_back("--set");
        words.push_back(setting.path + "=" + setting.value);
      }
      run_program(words, here);  // whatever its verdict
      const std::string trace = "out/T-1.symptom.seed" + seed + ".db";
      refusals += asked(trace, refused) / 2;
      peaks += asked(trace, peak) / 2;
      const std::string kept =
          "kept/T-1.symptom.cell" + std::to_string(cell + 1) + ".seed" + seed + ".db";
      BOOST_TEST(asked(kept, refused) == asked(trace, refused));
    }
    BOOST_TEST(made.mean(cell, 0).value() == peaks);
    BOOST_TEST(made.mean(cell, 1).value() == refusals);
  }
}

BOOST_AUTO_TEST_CASE(a_table_that_was_left_anywhere_becomes_the_same) {
  BOOST_REQUIRE_EQUAL(sweep({"-o", "whole.csv", "-j", "1"}).exit_code, 0);
  const std::string whole = text_of("whole.csv");
  const std::size_t rows = whole.find("\n1,1,") + 1;
  const std::size_t second = whole.find("\n2,1,") + 1;
  // Rows of jobs side by side, of which the third ended first; the last one torn.
  const std::string unordered = whole.substr(0, rows) + whole.substr(whole.find("\n3,1,") + 1);
  for (const std::string& left : {whole.substr(0, 40), whole.substr(0, rows),
                                  whole.substr(0, second + 7), unordered, whole}) {
    write("left.csv", left);
    const Ended ended = sweep({"-o", "left.csv"});
    BOOST_TEST(ended.exit_code == 0, ended.err);
    BOOST_TEST(text_of("left.csv") == whole);
  }
  write("left.csv", whole.substr(0, second));
  BOOST_TEST(holds(sweep({"-o", "left.csv"}).err, "left.csv: 1 of 6 runs are there already"));
}

BOOST_AUTO_TEST_CASE(a_killed_sweep_goes_on_and_ends_the_same) {
  BOOST_REQUIRE_EQUAL(sweep({"-o", "whole.csv"}).exit_code, 0);
  Program program(joined(grid, {"-o", "killed.csv", "-j", "1"}), here);
  BOOST_REQUIRE(program.wait_for_error_text("1 of 6 runs"));
  program.send_signal(SIGKILL);
  program.wait();
  BOOST_TEST(table("killed.csv").size() >= 1U);
  BOOST_TEST(sweep({"-o", "killed.csv"}).exit_code == 0);
  BOOST_TEST(text_of("killed.csv") == text_of("whole.csv"));
}

BOOST_AUTO_TEST_CASE(an_interrupt_stops_the_run_under_way_and_keeps_the_rows) {
  // The second cell takes minutes: it is still going when it hears of it.
  Program program({"sweep", file, "--over", "workload.burst.for=1s,36000s", "-j", "1", "-o",
                   "t.csv", "--set", "workload.burst.short_connections=1000/s", "--set",
                   "hosts.c1.sysctl.net.ipv4.ip_local_port_range=1024 60999"},
                  here);
  BOOST_REQUIRE(program.wait_for_error_text("1 of 2 runs"));
  program.send_signal(SIGINT);
  const Ended ended = program.wait();
  BOOST_TEST(ended.exit_code == 130, ended.err);
  BOOST_TEST(holds(ended.err, "stopped: 1 of 2 runs are in t.csv; the same command goes on"),
             ended.err);
  BOOST_TEST(ended.out == "");
  const auto left = table("t.csv");
  BOOST_TEST(left.has(0, 1));
  BOOST_TEST(!left.has(1, 1));
}

BOOST_AUTO_TEST_CASE(a_table_of_another_sweep_stays_as_it_is) {
  BOOST_REQUIRE_EQUAL(sweep({"-o", "t.csv"}).exit_code, 0);
  const std::string before = text_of("t.csv");
  const Ended other = sweep({"-o", "t.csv", "--run", "remedy"});
  BOOST_TEST(other.exit_code == 2);
  BOOST_TEST(holds(other.err, "its run is symptom, not remedy; name another file with --out"),
             other.err);
  BOOST_TEST(text_of("t.csv") == before);
  write("letter.txt", "Dear reader\n");
  BOOST_TEST(sweep({"-o", "letter.txt"}).exit_code == 2);
  BOOST_TEST(text_of("letter.txt") == "Dear reader\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_or_run_gives_4) {
  BOOST_TEST(sweep({"-o", "T-1.elb.yaml/t.csv"}).exit_code == 4);
  BOOST_TEST(sweep({"--keep-traces", "T-1.elb.yaml/kept"}).exit_code == 4);
  // Where the trace of one cell should be stands a folder.
  fs::create_directories(folder.path() / "kept" / "T-1.symptom.cell2.seed1.db");
  const Ended ended = sweep({"-o", "t.csv", "--keep-traces", "kept"});
  BOOST_TEST(ended.exit_code == 4);
  BOOST_TEST(holds(ended.err, "cell 2, short_connections=10/s time_wait=2s, seed 1: "), ended.err);
  BOOST_TEST(holds(ended.err, "incomplete: 5 of 6 runs are in t.csv"), ended.err);
  BOOST_TEST(sweep({"-o", "t.csv"}).exit_code == 0);
  BOOST_TEST(table("t.csv").is_whole());
}

BOOST_AUTO_TEST_CASE(a_full_disk_gives_4_with_a_message) {
  const Ended before = sweep({"-o", "t.csv"});
  here.most_file_bytes = 300;  // less than the header of a table
  const Ended ended = sweep({"-o", "u.csv"});
  BOOST_TEST(ended.exit_code == 4);
  BOOST_TEST(holds(ended.err, "cannot write 'u.csv'"), ended.err);
}

BOOST_AUTO_TEST_CASE(report_draws_the_table_also_while_it_is_incomplete) {
  BOOST_REQUIRE_EQUAL(sweep({"-o", "t.csv"}).exit_code, 0);
  BOOST_TEST(run_program({"report", "t.csv", "-o", "maps.html"}, here).exit_code == 0);
  const std::string page = text_of("maps.html");
  BOOST_TEST(holds(page, "time_wait(c1):max"));
  BOOST_TEST(holds(page, "6 runs"));
  const std::string whole = text_of("t.csv");
  write("part.csv", whole.substr(0, whole.size() - 3));
  BOOST_TEST(run_program({"report", "part.csv", "-o", "part.html"}, here).exit_code == 0);
  BOOST_TEST(holds(text_of("part.html"), "not run"));
  const Ended mixed = run_program({"report", "t.csv", "T-1.elb.yaml", "-o", "x.html"}, here);
  BOOST_TEST(mixed.exit_code == 2);
  BOOST_TEST(holds(mixed.err, "T-1.elb.yaml: is no table of elblab sweep"), mixed.err);
  write("bad.csv", whole + "99,1,1s,1s,0,0\n");
  const Ended bad = run_program({"report", "bad.csv", "-o", "x.html"}, here);
  BOOST_TEST(bad.exit_code == 2);
  BOOST_TEST(holds(bad.err, "bad.csv: line "), bad.err);
  BOOST_TEST(!fs::exists(folder.path() / "x.html"));
}

BOOST_AUTO_TEST_CASE(help_has_examples_and_fits) {
  const std::string help = run_program({"sweep", "--help"}, here).out;
  BOOST_TEST(holds(help, "Examples:"));
  std::size_t line = 0;
  for (const char c : help) {
    line = c == '\n' ? 0 : line + 1;
    BOOST_REQUIRE_MESSAGE(line <= 100U, help);
  }
}

BOOST_AUTO_TEST_SUITE_END()

// R probes in a row fail. The first begins within an interval I after the fault, each later one I
// after the one before, and the last one takes its timeout, at most I (HC-05): TDET lies above
// (R - 1) · I + t, and at most at R · I + t.
BOOST_FIXTURE_TEST_CASE(detection_times_are_what_the_settings_say, Fixture) {
  const std::string check = "balancer.groups.names.health_check.";
  const Ended ended = run_program(
      {"sweep", "UHC-15", "--over", check + "interval=1s,2s,7s", "--over", check + "timeout=1s,3s",
       "--over", check + "retries=1,2,5", "--measure", "detection_s(names/b1)", "--measure",
       "flaps_per_hour(names/b3)", "--set", "duration=150s", "-o", "t.csv"},
      here);
  BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err);
  const auto made = table("t.csv");
  const double intervals[] = {1, 2, 7};
  const double timeouts[] = {1, 3};
  const double retries[] = {1, 2, 5};
  BOOST_TEST(made.grid().size() == 18U);
  for (std::size_t cell = 0; cell < made.grid().size(); ++cell) {
    const auto at = made.grid().position(cell);
    const double interval = intervals[at[0]];
    const double timeout = std::min(timeouts[at[1]], interval);
    const double least = (retries[at[2]] - 1) * interval + timeout;
    const double found = made.mean(cell, 0).value();
    constexpr double kWay = 0.01;  // echoes that are under way when the link goes down
    BOOST_TEST(found > least - kWay, made.grid().name_of(cell) << ": " << found);
    BOOST_TEST(found < least + interval + kWay, made.grid().name_of(cell) << ": " << found);
    BOOST_TEST(made.mean(cell, 1).value() == 0.0);
  }
}

}  // namespace
}  // namespace elblab::test
