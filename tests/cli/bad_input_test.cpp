// Whatever is wrong with the input: one message that says where, exit code 2, nothing run.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

namespace fs = std::filesystem;

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// "line:column" of the first `part` of `text`, from 1.
std::string place_of(const std::string& text, const std::string& part) {
  const auto at = text.find(part);
  BOOST_REQUIRE(at != std::string::npos);
  const auto begin = text.begin();
  const auto line = std::count(begin, begin + static_cast<std::ptrdiff_t>(at), '\n') + 1;
  const auto line_start = text.rfind('\n', at) + 1;
  return std::to_string(line) + ":" + std::to_string(at - line_start + 1);
}

struct Mistake {
  std::string from;     // what stands in the good file
  std::string to;       // what stands there instead
  std::string at;       // what of it the message points at
  std::string message;  // words of the message
};

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> all = {
      {"delay: 2ms", "dealy: 2ms", "dealy", "did you mean 'delay'?"},
      {"delay: 2ms", "delay: 2", "2}", "unit"},
      {"port: 80,", "port: 70000,", "70000", "65535"},
      {"192.168.1.7", "10.9.9.9", "[10.9.9.9]", "192.168.1.0/24"},
      {"role: server", "role: sever", "sever", "did you mean 'server'?"},
      {"group: app}", "group: ap}", "ap}", "did you mean 'app'?"},
      {"time_wait(c1), stat: max", "time_wait(c2), stat: max", "time_wait(c2)", "c2"},
  };
  return all;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};

  // The command refused, with exactly one message about `about`.
  Ended check_refused(const std::vector<std::string>& arguments, const std::string& about) {
    const Ended ended = run_program(arguments, here);
    BOOST_CHECK_EQUAL(ended.exit_code, 2);
    BOOST_CHECK_EQUAL(ended.out, "");
    BOOST_CHECK_MESSAGE(times(ended.err, about) == 1, "about '" << about << "': " << ended.err);
    BOOST_CHECK(!fs::exists(folder.path() / "out"));
    return ended;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bad_input, Fixture)

BOOST_AUTO_TEST_CASE(a_mistake_in_a_file_is_answered_where_it_stands) {
  for (const auto& mistake : mistakes()) {
    BOOST_TEST_CONTEXT(mistake.to) {
      const std::string text = with(small_scenario("T-1"), mistake.from, mistake.to);
      const std::string file = folder.write("T-1.elb.yaml", text);
      const std::string place = file + ":" + place_of(text, mistake.at) + ": ";
      const Ended ended = check_refused({"run", file}, file);
      BOOST_CHECK_MESSAGE(ended.err.starts_with(place), "not at " << place << "\n" << ended.err);
      BOOST_CHECK_MESSAGE(ended.err.find(mistake.message) != std::string::npos, ended.err);
    }
  }
}

BOOST_AUTO_TEST_CASE(validate_finds_what_run_finds) {
  for (const auto& mistake : mistakes()) {
    const auto file =
        folder.write("T-1.elb.yaml", with(small_scenario("T-1"), mistake.from, mistake.to));
    const Ended validated = run_program({"validate", file}, here);
    BOOST_CHECK_EQUAL(validated.exit_code, 2);
    BOOST_CHECK_EQUAL(validated.err, run_program({"run", file}, here).err + "1 mistake\n");
  }
}

BOOST_AUTO_TEST_CASE(files_that_are_no_text_are_refused_with_one_message) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>((i * 151) % 256);
  const std::string empty = folder.write("empty.elb.yaml", "");
  const std::string binary = folder.write("binary.elb.yaml", bytes);
  const std::string huge = folder.write("huge.elb.yaml", "x");
  fs::resize_file(huge, 100'000'000);
  for (const auto& file : {empty, binary, huge}) check_refused({"run", file}, file);
  // Nothing that a terminal would obey is printed.
  const std::string shown = run_program({"run", binary}, here).err;
  const auto printable = [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); };
  BOOST_CHECK(std::all_of(shown.begin(), shown.end(), printable));
}

BOOST_AUTO_TEST_CASE(names_that_lead_nowhere_are_refused) {
  fs::create_directory(folder.path() / "hollow");
  check_refused({"run", "hollow"}, "hollow: no scenario files");
  check_refused({"run", "missing.elb.yaml"}, "missing.elb.yaml: no such file");
  fs::create_directory(folder.path() / "scenarios");
  folder.write("scenarios/T-1.elb.yaml", small_scenario("T-1"));
  check_refused({"run", "T-2"}, "did you mean 'T-1'?");
}

BOOST_AUTO_TEST_CASE(options_that_do_not_fit_are_refused) {
  const std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
  check_refused({"run"}, "scenario is required");
  check_refused({"rum"}, "no command 'rum'; did you mean 'run'?");
  check_refused({"run", file, "--seeds", "0"}, "--seeds");
  check_refused({"run", file, "--seed", "-1"}, "--seed");
  check_refused({"run", file, "--jobs", "many"}, "--jobs");
  check_refused({"run", file, "--run", "symptoms"}, "did you mean 'symptom'?");
  check_refused({"run", file, "--set", "duration"}, "expected path=value");
  check_refused({"run", file, "--set", "workload.burst.short_conections=5/s"},
                "did you mean 'workload.burst.short_connections'?");
  check_refused({"run", file, "--set", "duration=5"}, "unit");
}

BOOST_AUTO_TEST_CASE(two_files_with_one_id_are_refused) {
  const std::string first = folder.write("T-1.elb.yaml", small_scenario("T-1"));
  const std::string second = folder.write("T-2.elb.yaml", small_scenario("T-1"));
  check_refused({"run", first, second}, "already that of " + first);
  // The same file named twice is no second file.
  BOOST_CHECK_EQUAL(run_program({"validate", first, first}, here).exit_code, 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
