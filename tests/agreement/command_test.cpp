// elblab agree, from outside: what it refuses before anything runs.
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};
  std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(agree_command, Fixture)

BOOST_AUTO_TEST_CASE(a_scenario_without_a_live_section_is_bad_input) {
  const Ended ended = run_program({"agree", file}, here);
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "no `live` section in T-1"), ended.err);
}

BOOST_AUTO_TEST_CASE(a_tolerance_that_is_no_share_is_bad_input) {
  const Ended ended = run_program({"agree", file, "--tolerance", "lots"}, here);
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "--tolerance lots"), ended.err);
}

BOOST_AUTO_TEST_CASE(a_scenario_that_does_not_exist_is_bad_input) {
  const Ended ended = run_program({"agree", "NO-99"}, here);
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "NO-99"), ended.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
