// The table of a sweep as maps: text for a terminal, a page, values for programs.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "analysis/reports/writers.hpp"
#include "cli/printing/heat_map_text.hpp"
#include "cli/sweeps/sweep_maps.hpp"
#include "cli/text/terminal.hpp"
#include "tests/sweeps/made_table.hpp"

namespace elblab::cli {
namespace {

using reports::HeatMap;
using test::made_header;
using test::made_table;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

HeatMap map_of(const SweepTable& table, std::size_t i) {
  return std::get<HeatMap>(map_blocks(table).at(i));
}

std::size_t widest(const std::string& text) {
  std::size_t columns = 0;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    columns = std::max(columns, columns_of(text.substr(at, end - at)));
  }
  return columns;
}

SweepHeader header_over(const std::vector<std::string>& over) {
  SweepHeader header = made_header();
  header.axes.clear();
  for (const auto& text : over) header.axes.push_back(must(read_axis(text)));
  return header;
}

BOOST_AUTO_TEST_SUITE(maps)

BOOST_AUTO_TEST_CASE(a_map_has_figures_shades_and_a_legend) {
  BOOST_TEST(heat_map_text(map_of(made_table(), 0), 80) ==
             "detection_s(app/b1) [s]\n"
             "            retries\n"
             "  interval      1      2      3     10\n"
             "        1s   1.25   2.25   3.25  10.25\n"
             "        5s   5.25  10.25  15.25 ░50.25\n"
             "       50s ░50.25 ▓  100 █  150      –\n"
             "  1.25 s ' ░▒▓█' 150.2 s; –: nothing to measure\n");
}

BOOST_AUTO_TEST_CASE(cells_that_were_not_run_are_shown_as_such) {
  SweepTable table = must(SweepTable::make(made_header()));
  table.add({0, 1, {2.0, 1.0}});
  table.add({5, 1, {std::nullopt, 4.0}});
  const std::string text = heat_map_text(map_of(table, 0), 80);
  BOOST_TEST(holds(text, "all 2 s; –: nothing to measure; ·: not run"), text);
  const HeatMap empty = map_of(must(SweepTable::make(made_header())), 0);
  BOOST_TEST(heat_map_text(empty, 80).ends_with("  ·: not run\n"), heat_map_text(empty, 80));
}

BOOST_AUTO_TEST_CASE(shades_alone_stand_where_figures_have_no_room) {
  SweepTable table = must(SweepTable::make(header_over({"x=1,2", "y=1s..20s/1s"})));
  for (std::size_t cell = 0; cell < 30; ++cell) table.add({cell, 1, {double(cell % 20), 0.0}});
  BOOST_TEST(heat_map_text(map_of(table, 0), 80) ==
             "detection_s(app/b1) [s]\n"
             "  x  y 1s … 20s\n"
             "  1          ░░░░░░░░▒▒▒▒▒▒▒▒▓▓▓▓▓▓▓▓████████\n"
             "  2          ░░░░░░░░▒▒▒▒····················\n"
             "  0 s ' ░▒▓█' 19 s; ·: not run\n");
}

BOOST_AUTO_TEST_CASE(maps_fit_eighty_columns_whatever_their_size) {
  for (const char* values : {"1s..3s", "1s..10s", "1s..50s/1s", "1s..150s/1s"}) {
    const auto header = header_over(
        {std::string("group.timeout=") + values, std::string("group.check.interval=") + values});
    SweepTable table = must(SweepTable::make(header));
    for (std::size_t cell = 0; cell < table.grid().size(); cell += 3) {
      table.add({cell, 1, {1000.0 + double(cell), double(cell)}});
    }
    const std::string text = heat_map_text(map_of(table, 0), 80);
    BOOST_TEST(widest(text) <= 80U, text);
  }
}

BOOST_AUTO_TEST_CASE(a_third_axis_makes_a_map_of_each_value_on_one_scale) {
  SweepTable table = must(SweepTable::make(header_over({"x=1,2", "y=1,2,3", "z=4,5"})));
  for (std::size_t cell = 0; cell < 12; ++cell) table.add({cell, 1, {double(cell), 0.0}});
  const auto blocks = map_blocks(table);
  BOOST_REQUIRE_EQUAL(blocks.size(), 4U);  // two measures
  const HeatMap first = map_of(table, 0);
  const HeatMap second = map_of(table, 1);
  BOOST_TEST(first.title == "detection_s(app/b1) [s]  z=4");
  BOOST_TEST(second.title == "detection_s(app/b1) [s]  z=5");
  BOOST_TEST(first.at(1, 2).value.value() == 10.0);
  BOOST_TEST(second.at(1, 2).value.value() == 11.0);
  for (const HeatMap& map : {first, second}) {
    BOOST_TEST(map.low == 0.0);
    BOOST_TEST(map.high == 11.0);
  }
}

BOOST_AUTO_TEST_CASE(one_axis_is_a_table) {
  SweepTable table = must(SweepTable::make(header_over({"x=1s,2s"})));
  table.add({0, 1, {1.5, 10.0}});
  const auto rows = std::get<reports::Table>(map_blocks(table).front());
  BOOST_REQUIRE_EQUAL(rows.rows.size(), 2U);
  BOOST_TEST(rows.columns[1].title == "detection_s(app/b1) [s]");
  BOOST_TEST(rows.rows[0][1].text == "1.50");
  BOOST_TEST(rows.rows[1][1].text == "·");
}

BOOST_AUTO_TEST_CASE(levels_part_the_scale_evenly) {
  HeatMap map;
  map.low = 10;
  map.high = 20;
  BOOST_TEST(reports::heat_level(map, 10, 5) == 0U);
  BOOST_TEST(reports::heat_level(map, 11.9, 5) == 0U);
  BOOST_TEST(reports::heat_level(map, 12.1, 5) == 1U);
  BOOST_TEST(reports::heat_level(map, 20, 5) == 4U);
  map.high = 10;
  BOOST_TEST(reports::heat_level(map, 10, 5) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(report_of_a_sweep)

BOOST_AUTO_TEST_CASE(the_page_has_each_figure_and_needs_nothing_from_outside) {
  SweepHeader header = made_header();
  header.axes[0].values[2] = "<50s>";
  SweepTable table = must(SweepTable::make(header));
  table.add({0, 1, {2.5, 1.0}});
  table.add({1, 1, {std::nullopt, 4.0}});
  const std::string page = html_of(sweep_document({table}));
  for (const char* part : {"<script", "http:", "https:", "src=", "url("}) {
    BOOST_TEST(!holds(page, part), part);
  }
  for (const char* part :
       {"&lt;50s&gt;", "<td class=\"k0\">2.50</td>", "<td class=\"none\">–</td>",
        "<td class=\"unrun\">·</td>", "2 of 12 runs", "prefers-color-scheme: dark", "not run",
        "nothing to measure", "retries", "detection_s(app/b1) [s]"}) {
    BOOST_TEST(holds(page, part), part);
  }
}

BOOST_AUTO_TEST_CASE(programs_get_values_and_people_markdown) {
  const auto document = sweep_document({made_table()});
  const auto json = nlohmann::json::parse(json_of(document));
  const auto& map = json["maps"]["maps"][0];
  BOOST_TEST(map["unit"] == "s");
  BOOST_TEST(map["across"]["values"][3] == "10");
  BOOST_TEST(map["rows"][1][2].get<double>() == 15.25);
  BOOST_TEST(map["rows"][2][3].is_null());
  BOOST_TEST(holds(markdown_of(document), "| 5s | 5.25 | 10.25 | 15.25 | 50.25 |"),
             markdown_of(document));
  BOOST_TEST(
      holds(csv_of(document), "maps,detection_s(app/b1) [s],interval=5s,retries=3,15.25,15.25"),
      csv_of(document));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::cli
