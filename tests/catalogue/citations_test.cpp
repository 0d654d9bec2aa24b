#include "scenarios/catalogue/citations.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/catalogue/invented.hpp"

namespace elblab::catalogue::test {
namespace {

struct Fixture {
  Citations citations;
  void read(const std::string& file, std::string_view text) {
    add_citations(file, text, invented(), {"ST-77"}, citations);
  }
  // "BW-01 code 1" for each citation.
  std::string told() const {
    const char* const kinds[] = {"code", "setting", "test", "text"};
    std::string text;
    for (const Citation& citation : citations.found) {
      if (!text.empty()) text += ", ";
      text += citation.row->id + " " + kinds[static_cast<std::size_t>(citation.by)] + " " +
              std::to_string(citation.line);
    }
    return text;
  }
};

BOOST_FIXTURE_TEST_SUITE(citations_of_a_file, Fixture)

BOOST_AUTO_TEST_CASE(count_as_code_in_the_rooms_of_the_laboratory) {
  read("models/bandwidth/bucket.hpp", "// A bucket (BW-01).\n\n// BW-02..03, SCH-15a\n");
  BOOST_TEST(told() == "BW-01 code 1, BW-02 code 3, BW-03 code 3, SCH-15 code 3");
}

BOOST_AUTO_TEST_CASE(count_as_tests_or_text_elsewhere) {
  read("tests/bandwidth/bucket_test.cpp", "// BW-01\n");
  read("cli/explain_command.cpp", "// elblab explain BW-02\n");
  read("scenarios/catalogue/row_id.hpp", "// BW-02\n");
  read("scenarios/stress/ST-02.elb.yaml", "exercises: [BW-03]\n");
  BOOST_TEST(told() == "BW-01 test 1, BW-02 text 1, BW-02 text 1, BW-03 text 1");
}

BOOST_AUTO_TEST_CASE(are_only_settings_where_nothing_acts_on_them) {
  read("models/config/load_balancer.hpp", "double rate;  // BW-01\n");
  read("models/config/listener_rules.cpp",
       "  problems.refuse_unsupported(path, \"that\",\n"
       "                              \"BW-02\");\n"
       "  problems.add(path, \"too much\", \"BW-03\");\n");
  BOOST_TEST(told() == "BW-01 setting 1, BW-02 setting 2, BW-03 code 3");
}

BOOST_AUTO_TEST_CASE(are_unknown_when_the_family_has_no_such_row) {
  read("models/net/a.hpp", "\n// BW-99 and BW-01..88, UTF-16 and ST-77\n");
  BOOST_REQUIRE_EQUAL(citations.unknown.size(), 2U);
  BOOST_TEST(citations.unknown[0].id == "BW-99");
  BOOST_TEST(citations.unknown[0].file == "models/net/a.hpp");
  BOOST_TEST(citations.unknown[0].line == 2);
  BOOST_TEST(citations.unknown[1].id == "BW-01..88");
  BOOST_TEST(citations.found.empty());
}

BOOST_AUTO_TEST_CASE(are_none_without_a_source_tree) {
  const auto none = citations_below(std::filesystem::temp_directory_path(), invented(), {});
  BOOST_TEST(none.found.empty());
  BOOST_TEST(none.unknown.empty());
}

// The rules name files and calls; they must not outlive them.
BOOST_AUTO_TEST_CASE(follow_files_that_exist) {
  const std::filesystem::path top = ELBLAB_SOURCE_DIR;
  for (const char* file :
       {"models/config/profile.cpp", "models/config/profile.hpp", "models/config/load_balancer.hpp",
        "models/config/health_check_rules.cpp"}) {
    BOOST_TEST(std::filesystem::exists(top / file), file);
    BOOST_TEST((citing_by(file) == Citing::setting), file);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::catalogue::test
