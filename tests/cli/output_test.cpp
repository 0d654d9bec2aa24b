// What a command prints gets there, or its exit code and a message say that it did not.
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* kTrace = "out/T-1.symptom.seed1.db";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Made once: a scenario with traces and captures of its runs.
struct Made {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};
  Made() {
    fs::create_directory(folder.path() / "scenarios");
    folder.write("scenarios/T-1.elb.yaml", small_scenario("T-1"));
    const Ended ended = run_program({"run", "T-1", "--seeds", "1", "--pcap", "-q"}, here);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.err);
  }
};

struct Fixture {
  static Made& made() {
    static Made made;
    return made;
  }
  const Surroundings& here = made().here;
  fs::path folder = made().folder.path();
  const std::string capture = "out/T-1.symptom.seed1.pcap/c1.pcap";

  Surroundings behind(Output output) const {
    Surroundings with_output = here;
    with_output.output = output;
    return with_output;
  }

  // Every command that prints, each in the ways it can.
  std::vector<Words> printing() const {
    return {{"--help"},
            {"--version"},
            {"run", "--help"},
            {"list"},
            {"list", "--format", "json"},
            {"explain", "BW-07"},
            {"coverage"},
            {"schema"},
            {"schema", "--markdown"},
            {"show", "T-1"},
            {"validate", "T-1"},
            {"run", "T-1", "--seeds", "1", "--out", "other"},
            {"compare", kTrace, kTrace},
            {"diagnose", kTrace},
            {"diagnose", kTrace, "--format", "json"},
            {"diagnose", kTrace, "--format", "md"},
            {"query", kTrace},
            {"query", kTrace, "SELECT * FROM connections"},
            {"query", kTrace, "SELECT 1"},
            {"export", kTrace, "--what", "connections", "-o", "-"},
            {"report", kTrace, "--format", "md", "-o", "-"},
            {"shares", "T-1"},
            {"import", capture},
            {"replay", capture, "--balancer", "T-1"},
            {"score", "--runs", "1", "--causes", "client_ports", "-q"},
            {"sweep", "T-1", "--over", "hosts.c1.time_wait=1s", "--out", "other/t.csv", "-q"}};
  }
};

std::string joined(const Words& words) {
  std::string text;
  for (const auto& word : words) text += word + " ";
  return text;
}

BOOST_FIXTURE_TEST_SUITE(output, Fixture)

BOOST_AUTO_TEST_CASE(every_command_tells_of_a_full_disk_behind_its_output) {
  for (const Words& words : printing()) {
    BOOST_TEST_CONTEXT(joined(words)) {
      fs::remove(folder / "other/t.csv");
      const Ended ended = run_program(words, behind(Output::full_disk));
      BOOST_TEST(ended.exit_code == 4);
      BOOST_TEST(
          holds(ended.err, "cannot write to standard output: No space left on device; free some"),
          ended.err);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_command_tells_that_it_has_no_output) {
  for (const Words& words : printing()) {
    BOOST_TEST_CONTEXT(joined(words)) {
      fs::remove(folder / "other/t.csv");
      const Ended ended = run_program(words, behind(Output::closed));
      BOOST_TEST(ended.exit_code == 4);
      BOOST_TEST(holds(ended.err, "cannot write to standard output: Bad file descriptor; it is "),
                 ended.err);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reader_that_has_seen_enough_ends_every_command_without_a_word) {
  for (const Words& words : printing()) {
    BOOST_TEST_CONTEXT(joined(words)) {
      fs::remove(folder / "other/t.csv");
      const Ended ended = run_program(words, behind(Output::unread));
      BOOST_TEST(ended.exit_code == 128 + SIGPIPE);
      BOOST_TEST(!holds(ended.err, "standard output"), ended.err);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_without_an_end_ends_with_its_reader) {
  const std::string endless =
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
  const Ended ended = run_program({"query", kTrace, endless}, behind(Output::unread));
  BOOST_TEST(ended.exit_code == 128 + SIGPIPE);
  BOOST_TEST(ended.err == "");
}

BOOST_AUTO_TEST_CASE(runs_whose_verdict_nobody_would_read_are_not_made) {
  fs::create_directory(folder / "two");
  for (const std::string id : {"T-1", "T-2"}) {
    made().folder.write("two/" + id + ".elb.yaml", small_scenario(id));
  }
  const Ended ended = run_program({"run", "two", "--seeds", "1", "--jobs", "1", "--out", "unread"},
                                  behind(Output::unread));
  BOOST_TEST(ended.exit_code == 128 + SIGPIPE);
  BOOST_TEST(fs::exists(folder / "unread/T-1.remedy.seed1.db"));
  BOOST_TEST(!fs::exists(folder / "unread/T-2.remedy.seed1.db"));
}

BOOST_AUTO_TEST_CASE(a_command_that_prints_nothing_needs_no_output) {
  const Ended ended = run_program({"report", kTrace, "-o", "page.html"}, behind(Output::closed));
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.err == "");
  BOOST_TEST(text_of(folder / "page.html").ends_with("</html>\n"));
}

BOOST_AUTO_TEST_CASE(without_standard_input_and_error_a_run_is_as_always) {
  Surroundings silent = here;
  silent.deaf_and_mute = true;
  const Ended ended = run_program({"run", "T-1", "--seeds", "1", "--out", "silent"}, silent);
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(holds(ended.out, "holds: 2 runs, 3 expectations"), ended.out);
  BOOST_TEST(must(trace::Reader::open(folder / "silent/T-1.symptom.seed1.db"))->complete());
}

BOOST_AUTO_TEST_CASE(a_limit_of_file_sizes_is_told_by_every_command_that_writes_a_file) {
  Surroundings narrow = here;
  narrow.most_file_bytes = 20'000;
  const std::vector<Words> writing = {
      {"replay", capture, "--balancer", "T-1", "--trace", "narrow.db"},
      {"replay", capture, "--balancer", "T-1", "--write", "narrow.pcap"},
      {"diagnose", capture, "--balancer", "T-1", "--trace", "narrow.db"},
      {"export", kTrace, "--what", "connections", "-o", "narrow.csv"},
      {"report", kTrace, "-o", "narrow.html"},
      {"run", "T-1", "--out", "narrow"}};
  for (const Words& words : writing) {
    BOOST_TEST_CONTEXT(joined(words)) {
      const Ended ended = run_program(words, narrow);
      BOOST_TEST(ended.exit_code == 4);
      BOOST_TEST(holds(ended.err + ended.out, "narrow"), ended.err + ended.out);
      BOOST_TEST((holds(ended.err + ended.out, "cannot write") ||
                  holds(ended.err + ended.out, "File too large")),
                 ended.err + ended.out);
    }
  }
  // Nothing half-written is left that would look like the whole.
  for (const char* name : {"narrow.csv", "narrow.html"}) BOOST_TEST(!fs::exists(folder / name));
}

BOOST_AUTO_TEST_CASE(a_limit_of_file_sizes_behind_the_output_is_told) {
  Surroundings narrow = behind(Output::file);
  narrow.most_file_bytes = 4'000;
  const Ended ended = run_program({"query", kTrace, "SELECT * FROM connections"}, narrow);
  BOOST_TEST(ended.exit_code == 4);
  BOOST_TEST(holds(ended.err, "cannot write to standard output: File too large"), ended.err);
}

BOOST_AUTO_TEST_CASE(numbers_that_count_are_refused_when_they_cannot_in_one_short_line) {
  const std::vector<Words> refused = {
      {"replay", capture, "--balancer", "T-1", "--seed", "-1"},
      {"replay", capture, "--balancer", "T-1", "--seed", "99999999999999999999"},
      {"query", kTrace, "--limit", "-1", "SELECT 1"},
      {"query", kTrace, "--limit", "many", "SELECT 1"},
      {"export", kTrace, "--pcap", "--connection", "-1", "-o", "x.pcap"},
      {"shares", "--servers", "4", "--seed", "-1"}};
  for (const Words& words : refused) {
    BOOST_TEST_CONTEXT(joined(words)) {
      const Ended ended = run_program(words, here);
      BOOST_TEST(ended.exit_code == 2);
      BOOST_TEST(holds(ended.err, "is not a whole number"), ended.err);
      BOOST_TEST(ended.err.size() < 200U, ended.err);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::test
