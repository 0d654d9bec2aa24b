// Each cause is told once, and whoever names it takes it from there.
//
// To write the table in docs/diagnosis.md anew: ELBLAB_WRITE_DOCUMENTS=1 <this program>
#include "scenarios/language/known_causes.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <set>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {
namespace {

constexpr const char* kPage = ELBLAB_SOURCE_DIR "/docs/diagnosis.md";

std::string page() {
  std::ifstream file(kPage, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string table() {
  std::string text = "| cause | claims | is sure by | facts |\n|---|---|---|---|\n";
  for (const auto& cause : language::known_causes()) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", cause.name, cause.claims, cause.sure_by,
                        fmt::join(cause.facts, ", "));
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(known_causes)

BOOST_AUTO_TEST_CASE(every_known_cause_is_looked_for_in_its_order) {
  BOOST_REQUIRE_EQUAL(causes().size(), language::known_causes().size());
  for (std::size_t i = 0; i < causes().size(); ++i) {
    const auto& known = language::known_causes()[i];
    BOOST_TEST((causes()[i]->id() == known.id), known.name);
    BOOST_TEST(&language::known_cause(known.id) == &known, known.name);
    BOOST_TEST(language::find_known_cause(known.name) == &known, known.name);
  }
  BOOST_TEST(language::find_known_cause(language::kNoCause) == nullptr);
}

BOOST_AUTO_TEST_CASE(every_known_cause_says_all_of_itself) {
  std::set<std::string_view> names;
  for (const auto& cause : language::known_causes()) {
    BOOST_TEST(names.insert(cause.name).second, cause.name);
    for (const auto& text : {cause.subject, cause.title, cause.claims, cause.sure_by}) {
      BOOST_TEST(!text.empty(), cause.name);
    }
    BOOST_TEST(!cause.facts.empty(), cause.name);
    BOOST_TEST(!cause.remedies.empty(), cause.name);
  }
}

BOOST_AUTO_TEST_CASE(the_page_has_the_table_of_causes) {
  const std::string begin = "<!-- causes: begin -->\n";
  const std::string end = "<!-- causes: end -->\n";
  std::string text = page();
  const std::size_t from = text.find(begin);
  const std::size_t to = text.find(end);
  BOOST_REQUIRE(from != std::string::npos);
  BOOST_REQUIRE(to != std::string::npos);
  if (std::getenv("ELBLAB_WRITE_DOCUMENTS") != nullptr) {
    text.replace(from + begin.size(), to - from - begin.size(), table());
    std::ofstream(kPage, std::ios::binary) << text;
  }
  BOOST_TEST(page().find(begin + table() + end) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis
