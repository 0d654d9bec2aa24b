// One document, four ways to write it: nothing is lost, nothing becomes markup.
#include "analysis/reports/writers.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "analysis/reports/cells.hpp"

namespace elblab::reports {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Document sample() {
  Table table;
  table.name = "shares";
  table.columns = {{"server", "server"}, {"share", "share", true}, {"requests", "requests", true}};
  table.rows.push_back({text_cell("app/b|1 <b>"), share_cell(0.25, 0.5), number_cell({})});
  Finding finding{"client_ports", "ports ran out", "certain", Tone::bad, {}, {}, {}};
  finding.points.push_back({"evidence", "1 < 2", "SELECT 1", {7, 8}, 1.5, 2.5, {}});
  Document document;
  document.title = "T-1 <title>";
  document.badge = "fails";
  document.tone = Tone::bad;
  document.sections.push_back({"servers", "Servers", {table, Paragraph{"a & b"}, finding}});
  return document;
}

BOOST_AUTO_TEST_SUITE(writers)

BOOST_AUTO_TEST_CASE(the_page_needs_nothing_from_outside) {
  const std::string page = html_of(sample());
  for (const char* part : {"<script", "http:", "https:", "src=", "@import", "url("}) {
    BOOST_TEST(!holds(page, part), part);
  }
  BOOST_TEST(holds(page, "prefers-color-scheme: dark"));
  BOOST_TEST(holds(page, "size: A4"));
}

BOOST_AUTO_TEST_CASE(a_finding_says_of_what_it_explains_a_share) {
  Finding finding;
  finding.badge = "certain";
  BOOST_TEST(badge_of(finding) == "certain");
  finding.explains = 0.68;
  finding.complaint = "the unevenness";
  BOOST_TEST(badge_of(finding) == "certain, explains 68 % of the unevenness");
}

BOOST_AUTO_TEST_CASE(names_stay_text_on_the_page) {
  const std::string page = html_of(sample());
  BOOST_TEST(holds(page, "T-1 &lt;title&gt;"));
  BOOST_TEST(holds(page, "app/b|1 &lt;b&gt;"));
  BOOST_TEST(holds(page, "1 &lt; 2"));
}

BOOST_AUTO_TEST_CASE(a_share_is_a_bar_with_a_mark_at_what_was_expected) {
  const std::string page = html_of(sample());
  BOOST_TEST(holds(page, "width:25.0%"));
  BOOST_TEST(holds(page, "left:50.0%"));
  BOOST_TEST(holds(page, "25.0 %"));
}

BOOST_AUTO_TEST_CASE(json_has_values_and_no_units) {
  const auto json = nlohmann::json::parse(json_of(sample()));
  BOOST_TEST(json["verdict"] == "fails");
  const auto& row = json["servers"]["shares"][0];
  BOOST_TEST(row["share"].get<double>() == 0.25);
  BOOST_TEST(row["requests"].is_null());
  const auto& point = json["servers"]["findings"][0]["points"][0];
  BOOST_TEST(point["connections"].size() == 2U);
  BOOST_TEST(point["from_s"].get<double>() == 1.5);
}

BOOST_AUTO_TEST_CASE(csv_has_a_line_per_cell) {
  BOOST_TEST(csv_of(sample()) ==
             "section,table,row,column,value,text\n"
             "servers,shares,1,server,app/b|1 <b>,app/b|1 <b>\n"
             "servers,shares,1,share,0.25,25.0 %\n"
             "servers,shares,1,requests,,–\n");
}

BOOST_AUTO_TEST_CASE(markdown_keeps_its_tables_whole) {
  const std::string text = markdown_of(sample());
  BOOST_TEST(holds(text, "| app/b\\|1 \\<b\\> | 25.0 % | – |"), text);
  BOOST_TEST(holds(text, "|---|---:|---:|"), text);
  BOOST_TEST(holds(text, "**fails**"), text);
  BOOST_TEST(holds(text, "### ports ran out (certain)"), text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::reports
