// Pieces of text the command is made of: widths, curves, bars, XML, reports of children.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/printing/junit_writer.hpp"
#include "cli/printing/progress_display.hpp"
#include "cli/runs/child_report.hpp"
#include "cli/text/curve.hpp"
#include "cli/text/terminal.hpp"
#include "tests/must.hpp"

namespace elblab::cli {
namespace {

std::vector<trace::Bucket> buckets_of(const std::vector<double>& means) {
  std::vector<trace::Bucket> buckets;
  for (const double mean : means) {
    trace::Bucket bucket;
    bucket.count = 2;
    bucket.sum = 2 * mean;
    buckets.push_back(bucket);
  }
  return buckets;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(a_curve_rises_by_eighths_of_its_largest_value) {
  BOOST_CHECK_EQUAL(curve(buckets_of({1, 2, 3, 4, 5, 6, 7, 8})), "▁▂▃▄▅▆▇█");
  BOOST_CHECK_EQUAL(curve(buckets_of({0.001, 470, 235})), "▁█▄");
}

BOOST_AUTO_TEST_CASE(a_curve_of_zeros_is_blank_and_gaps_repeat_their_neighbour) {
  BOOST_CHECK_EQUAL(curve(buckets_of({0, 0, 0})), "   ");
  auto buckets = buckets_of({8, 4, 4, 8});
  buckets[2].count = 0;
  buckets[1].sum = 2 * 4;
  BOOST_CHECK_EQUAL(curve(buckets), "█▄▄█");
  BOOST_CHECK_EQUAL(curve({}), "");
}

BOOST_AUTO_TEST_CASE(columns_count_code_points_and_no_colours) {
  BOOST_CHECK_EQUAL(columns_of("peak 28,232"), 11U);
  BOOST_CHECK_EQUAL(columns_of("▁▂▃ ± …"), 7U);
  BOOST_CHECK_EQUAL(columns_of("\x1b[1;31mFAILED\x1b[0m"), 6U);
}

BOOST_AUTO_TEST_CASE(fitted_text_has_exactly_the_columns_asked_for) {
  const std::string text = "▁▂▃ 28,232 ± 5 %";
  for (std::size_t columns = 0; columns < 40; ++columns) {
    const std::string result = fitted(text, columns);
    BOOST_CHECK_EQUAL(columns_of(result), columns);
    if (columns >= columns_of(text)) BOOST_CHECK(result.starts_with(text));
  }
  BOOST_CHECK_EQUAL(fitted("abcdef", 4), "abc…");
}

BOOST_AUTO_TEST_CASE(a_bar_fills_with_its_share) {
  BOOST_CHECK_EQUAL(bar(0, 4), "░░░░");
  BOOST_CHECK_EQUAL(bar(0.5, 4), "██░░");
  BOOST_CHECK_EQUAL(bar(1, 4), "████");
}

BOOST_AUTO_TEST_CASE(xml_text_holds_no_markup_and_no_forbidden_byte) {
  BOOST_CHECK_EQUAL(xml_escaped("a<b & \"c\">"), "a&lt;b &amp; &quot;c&quot;&gt;");
  BOOST_CHECK_EQUAL(xml_escaped("470 … ± 5 %"), "470 … ± 5 %");
  BOOST_CHECK_EQUAL(xml_escaped(std::string("x\0y\x07z", 5)), "x?y?z");
  // RFC 3629 §4: overlong, surrogate, beyond U+10FFFF, cut off
  for (const char* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x80"}) {
    for (const char c : xml_escaped(bad)) BOOST_CHECK_EQUAL(c, '?');
  }
}

BOOST_AUTO_TEST_CASE(what_a_child_reports_is_what_its_parent_reads) {
  worlds::RunResult result;
  result.end.simulated = Instant{std::chrono::milliseconds(1500)};
  result.end.duration = std::chrono::seconds(300);
  result.end.wall_seconds = 0.25;
  result.end.connections = 141'110;
  result.end.refused = 18'446'744'073'709'551'615U;
  result.packets_conserved = false;
  result.conservation_problem = "2 packets more";
  const worlds::RunResult read = must(parse_report(outcome_line(result)).outcome.value());
  BOOST_CHECK(read.end.simulated == result.end.simulated);
  BOOST_CHECK(read.end.duration == result.end.duration);
  BOOST_CHECK_EQUAL(read.end.wall_seconds, 0.25);
  BOOST_CHECK_EQUAL(read.end.connections, result.end.connections);
  BOOST_CHECK_EQUAL(read.end.refused, result.end.refused);
  BOOST_CHECK_EQUAL(read.packets_conserved, false);
  BOOST_CHECK_EQUAL(read.conservation_problem, result.conservation_problem);
}

BOOST_AUTO_TEST_CASE(a_child_that_failed_reports_why_and_how_far_it_came) {
  worlds::RunFailure failure({"disk full: \"out/x.db\"\nfree some space"});
  failure.so_far.end.simulated = Instant{std::chrono::milliseconds(1500)};
  failure.so_far.warnings = {"came up to 300 ms late"};
  const auto read = parse_report(outcome_line(failure)).outcome;
  BOOST_REQUIRE(read.has_value());
  BOOST_REQUIRE(!read->has_value());
  BOOST_CHECK_EQUAL(read->error().message, failure.message);
  BOOST_CHECK(read->error().so_far.end.simulated == failure.so_far.end.simulated);
  BOOST_CHECK(read->error().so_far.warnings == failure.so_far.warnings);
}

BOOST_AUTO_TEST_CASE(a_report_cut_off_or_garbled_is_no_report) {
  const std::string line = progress_line({});
  BOOST_CHECK(parse_report(line).progress);
  for (std::size_t length = 0; length + 2 < line.size(); ++length) {
    BOOST_CHECK(!parse_report(line.substr(0, length)).progress);
  }
  BOOST_CHECK(!parse_report("{\"result\": {\"stopped\": 5}}").outcome);
  BOOST_CHECK(!parse_report("{\"failure\": {\"message\": 5}}").outcome);
  BOOST_CHECK(!parse_report("[1]").progress);
}

BOOST_AUTO_TEST_CASE(the_graver_of_two_exit_codes_wins) {
  BOOST_CHECK(graver(ExitCode::holds, ExitCode::holds) == ExitCode::holds);
  BOOST_CHECK(graver(ExitCode::expectation_failed, ExitCode::holds) ==
              ExitCode::expectation_failed);
  BOOST_CHECK(graver(ExitCode::expectation_failed, ExitCode::not_reproducible) ==
              ExitCode::not_reproducible);
  BOOST_CHECK(graver(ExitCode::could_not_run, ExitCode::not_reproducible) ==
              ExitCode::could_not_run);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::cli
