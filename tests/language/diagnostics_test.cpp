#include "scenarios/language/diagnostics.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

SourcePtr source(std::string text) { return std::make_shared<Source>("f.yaml", std::move(text)); }

BOOST_AUTO_TEST_SUITE(diagnostics)

BOOST_AUTO_TEST_CASE(the_mistake_of_the_design_is_answered_where_it_stands) {
  BOOST_TEST(testing::errors_of(testing::with(testing::kExample, "delay: 2ms", "dealy: 2ms")) ==
             "x.yaml:8:49: unknown key 'dealy' in link\n"
             "    8 |   c1:        {role: client, link: {rate: 1Gbps, dealy: 2ms}}\n"
             "      |                                                 ^^^^^ did you mean 'delay'?");
}

BOOST_AUTO_TEST_CASE(columns_count_characters_and_tabs_keep_the_caret_in_place) {
  Diagnostics d;
  d.error({source("näme:\tx\n"), 1, 8, 1}, "wrong");  // byte 8: ä has two
  BOOST_TEST(testing::all(d.take()) ==
             "f.yaml:1:7: wrong\n"
             "    1 | näme: x\n"
             "      |       ^");
}

BOOST_AUTO_TEST_CASE(a_very_long_line_is_shown_around_the_caret) {
  Diagnostics d;
  d.error({source(std::string(5000, 'a') + "HERE" + std::string(5000, 'b')), 1, 5001, 4}, "wrong");
  const std::string text = testing::all(d.take());
  BOOST_TEST(text.size() < 500u);
  BOOST_TEST(text.find("aHEREb") != std::string::npos);
  const std::size_t line = text.find("| ") + 2;
  const std::size_t caret = text.find("| ", line) + 2;
  BOOST_TEST(text.find("HERE") - line == text.find('^', caret) - caret);
}

BOOST_AUTO_TEST_CASE(errors_come_in_the_order_of_the_file_one_per_place) {
  Diagnostics d;
  const SourcePtr text = source("a\nb\nc\n");
  d.error({text, 3, 1, 1}, "third");
  d.error({text, 1, 1, 1}, "first");
  d.error({text, 2, 1, 1}, "second");
  d.error({text, 1, 1, 1}, "a consequence of the first");
  const auto errors = d.take();
  BOOST_REQUIRE_EQUAL(errors.size(), 3u);
  BOOST_TEST(errors[0].message == "first");
  BOOST_TEST(errors[1].message == "second");
  BOOST_TEST(errors[2].message == "third");
  BOOST_TEST(d.empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_errors_is_cut_and_counted) {
  Diagnostics d;
  const SourcePtr text = source(std::string(100, '\n'));
  for (int line = 1; line <= 100; ++line) d.error({text, line, 1, 1}, "wrong");
  const auto errors = d.take();
  BOOST_REQUIRE_EQUAL(errors.size(), Diagnostics::kShown + 1);
  BOOST_TEST(errors.back().to_string() == "f.yaml: 60 more errors are not shown");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
