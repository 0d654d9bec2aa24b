// Every name of a row in this source tree leads somewhere.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>

#include "tests/catalogue/source_tree.hpp"

namespace elblab::catalogue::test {
namespace {

// The first line of a file that holds a text.
std::size_t line_of(const std::string& path, const std::string& text) {
  std::ifstream file(path);
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find(text) != std::string::npos) return number;
  }
  return 0;
}

BOOST_AUTO_TEST_SUITE(sources)

BOOST_AUTO_TEST_CASE(cite_only_rows_that_the_catalogue_tells) {
  for (const UnknownCitation& unknown : citations_of_the_sources().unknown) {
    BOOST_ERROR(unknown.file << ":" << unknown.line << ": there is no row " << unknown.id
                             << " in docs/catalogue");
  }
  BOOST_TEST(citations_of_the_sources().found.size() > 400U);
}

// What a scenario exercises may be of no family that the catalogue has: a slip like "BWW-07".
BOOST_AUTO_TEST_CASE(have_scenarios_that_exercise_rows_only) {
  for (const KnownScenario& scenario : shipped_scenarios()) {
    BOOST_TEST(!scenario.exercises.empty(), scenario.file << " exercises nothing");
    for (const std::string& id : scenario.exercises) {
      BOOST_TEST(Catalogue::built_in().row(id) != nullptr,
                 scenario.file << ":" << line_of(scenario.file, id) << ": there is no row " << id);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue::test
