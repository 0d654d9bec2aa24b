// elblab score as a person meets it.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/cli/program.hpp"
#include "tests/temporary_folder.hpp"

using elblab::test::run_program;

namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_scores_whatever_the_number_of_jobs) {
  const std::vector<std::string> few{"score", "--tuning", "--runs", "7",       "--seed",
                                     "31",    "--causes", "single", "--quiet", "--jobs"};
  const auto score = [&](const std::string& jobs) {
    auto arguments = few;
    arguments.push_back(jobs);
    const auto ended = run_program(arguments);
    // The last line tells how long it took.
    return ended.out.substr(0, ended.out.rfind(" runs in "));
  };
  const std::string one = score("1");
  BOOST_TEST(one.find("one hidden cause: ") != std::string::npos, one);
  BOOST_TEST(one == score("2"));
}

BOOST_AUTO_TEST_CASE(a_run_is_shown_with_its_scenario_and_its_trace) {
  elblab::testing::TemporaryFolder folder;
  const auto ended = run_program({"score", "--show", "1000003", "--causes", "client_ports",
                                  "--keep", folder.path().string(), "--quiet"});
  BOOST_TEST(ended.exit_code == 0, ended.out + ended.err);
  const fs::path scenario = folder.path() / "random-client_ports-1000003.elb.yaml";
  BOOST_TEST(fs::exists(scenario));
  BOOST_TEST(fs::exists(folder.path() / "random-client_ports-1000003.db"));
  BOOST_TEST(run_program({"validate", scenario.string()}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(only_what_is_kept_stays) {
  elblab::testing::TemporaryFolder folder;
  elblab::test::Surroundings surroundings;
  surroundings.folder = folder.path().string();
  surroundings.variables = {"TMPDIR=" + folder.path().string()};
  const fs::path page = folder.path() / "page.md";
  run_program({"score", "--tuning", "--runs", "1", "--causes", "uneven_weights", "--quiet",
               "--markdown", page.string()},
              surroundings);
  BOOST_TEST(fs::exists(page));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++files;
  BOOST_TEST(files == 1U);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_answered_before_anything_runs) {
  for (const auto& [arguments, part] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"score", "--seed", "7"}, "are for tuning"},
           {{"score", "--tuning", "--seed", "999999", "--runs", "2"}, "are for scoring"},
           {{"score", "--causes", "cpu"}, "no cause 'cpu'"},
           {{"score", "--show", "5"}, "name that too"},
           {{"score", "--runs", "0"}, "--runs"},
           {{"score", "--at-least", "95"}, "--at-least"}}) {
    const auto ended = run_program(arguments);
    BOOST_TEST(ended.exit_code == 2);
    BOOST_TEST(ended.err.find(part) != std::string::npos, ended.err);
  }
}
