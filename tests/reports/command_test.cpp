// elblab report and elblab export, from outside: what they write, what they refuse.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/cli/bad_traces.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

const std::string kSymptom = "out/T-1.symptom.seed1.db";
const std::string kRemedy = "out/T-1.remedy.seed1.db";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};

  Fixture() {
    const std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
    const Ended ended = run_program({"run", file, "--seeds", "1", "--quiet"}, here);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.out << ended.err);
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(folder.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Ended run(const std::vector<std::string>& arguments) { return run_program(arguments, here); }
};

BOOST_FIXTURE_TEST_SUITE(report_command, Fixture)

BOOST_AUTO_TEST_CASE(a_page_about_a_symptom_and_its_remedy) {
  const Ended ended = run({"report", kSymptom, kRemedy, "-o", "both.html"});
  BOOST_TEST(ended.exit_code == 0, ended.err);
  const std::string page = text_of("both.html");
  for (const char* part :
       {"<!DOCTYPE html>", "every expectation holds", "time_wait(c1)", "Side by side", "symptom",
        "remedy", "For a support request", "load balancer ID", "192.168.1.", "</html>"}) {
    BOOST_TEST(holds(page, part), part);
  }
}

BOOST_AUTO_TEST_CASE(the_format_is_that_of_the_name_or_the_one_asked_for) {
  BOOST_TEST(run({"report", kSymptom, "-o", "r.md"}).exit_code == 0);
  BOOST_TEST(text_of("r.md").starts_with("# T-1"));
  BOOST_TEST(run({"report", kSymptom, "-o", "r.csv"}).exit_code == 0);
  BOOST_TEST(text_of("r.csv").starts_with("section,table,"));
  const Ended json = run({"report", kSymptom, "--format", "json", "-o", "-"});
  BOOST_TEST(nlohmann::json::parse(json.out)["runs"]["runs"][0]["verdict"] == "holds");
  BOOST_TEST(run({"report", kSymptom, "--format", "pdf", "-o", "x"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(equal_traces_give_equal_reports) {
  BOOST_TEST(run({"report", kSymptom, "-o", "a.html"}).exit_code == 0);
  BOOST_TEST(run({"report", kSymptom, "-o", "b.html"}).exit_code == 0);
  BOOST_TEST((text_of("a.html") == text_of("b.html")));
}

BOOST_AUTO_TEST_CASE(a_report_never_replaces_its_trace) {
  const std::string before = text_of(kSymptom);
  BOOST_TEST(run({"report", kSymptom, "-o", kSymptom}).exit_code == 2);
  BOOST_TEST(run({"export", kSymptom, "--what", "run", "-o", kSymptom}).exit_code == 2);
  BOOST_TEST(run({"export", kSymptom, "--pcap", "-o", kSymptom}).exit_code == 2);
  BOOST_TEST((text_of(kSymptom) == before));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_is_told) {
  const Ended ended = run({"report", kSymptom, "-o", "no/such/folder/r.html"});
  BOOST_TEST(ended.exit_code == 4);
  BOOST_TEST(holds(ended.err, "no/such/folder/r.html"), ended.err);
  BOOST_TEST(run({"report", kSymptom, "-o", "/dev/full"}).exit_code == 4);
  BOOST_TEST(run({"export", kSymptom, "--what", "events", "-o", "/dev/full"}).exit_code == 4);
}

BOOST_AUTO_TEST_CASE(what_is_no_trace_is_one_message_and_exit_code_2) {
  check_bad_traces(folder, here, {"report"}, {"-o", "r.html"});
  BOOST_TEST(!std::filesystem::exists(folder.path() / "r.html"));
  check_bad_traces(folder, here, {"export"}, {"--what", "run", "-o", "r.csv"});
  check_bad_traces(folder, here, {"export"}, {"--pcap", "-o", "r.pcap"});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(export_command, Fixture)

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

BOOST_AUTO_TEST_CASE(every_row_of_a_table_is_a_line_after_the_header) {
  for (const auto& [what, relation] : {std::pair{"connections", "connections"},
                                       {"events", "events"},
                                       {"series", "samples"},
                                       {"server_shares", "server_shares"}}) {
    BOOST_TEST(run({"export", kSymptom, "--what", what, "-o", "x.csv"}).exit_code == 0);
    const Ended count =
        run({"query", kSymptom, "SELECT count(*) AS n FROM " + std::string(relation)});
    BOOST_TEST("n\n" + std::to_string(lines(text_of("x.csv")) - 1) + "\n" == count.out, what);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_answered_with_a_near_one) {
  const Ended ended = run({"export", kSymptom, "--what", "conections", "-o", "x.csv"});
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "did you mean 'connections'?"), ended.err);
  BOOST_TEST(!std::filesystem::exists(folder.path() / "x.csv"));
  BOOST_TEST(run({"export", kSymptom, "-o", "x.csv"}).exit_code == 2);
  BOOST_TEST(run({"export", kSymptom, "--what", "a\"; DROP", "-o", "x.csv"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(packets_that_were_not_kept_are_told) {
  const Ended ended = run({"export", kSymptom, "--pcap", "--connection", "999999", "-o", "x.pcap"});
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "no packets"), ended.err);
  BOOST_TEST(!std::filesystem::exists(folder.path() / "x.pcap"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::test
