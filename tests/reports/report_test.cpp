// A report says of traces what stands in them, whatever state they are in.
#include "analysis/reports/report.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "analysis/reports/writers.hpp"
#include "tests/metrics/made_trace.hpp"

namespace elblab::reports {
namespace {

using metrics::test::MadeTrace;

void write_run(MadeTrace& made, double ports) {
  for (int second = 1; second <= 20; ++second) {
    made.sample("time_wait", "c1", second, std::min(5.0 * second, ports));
    made.sample("local_ports", "c1", second, ports);
    made.sample("scheduled", "app/b1", second, 6);
    made.sample("scheduled", "app/b2", second, 4);
    made.sample("weight", "app/b1", second, 1);
    made.sample("weight", "app/b2", second, 1);
    made.sample("requests", "burst", second, 10);
    made.sample("responses", "burst", second, 9);
    made.sample("request_failures", "burst", second, 1);
    made.sample("m4_ncps", "balancer", second, 10);
  }
}

const Section* find(const Document& document, const std::string& name) {
  const auto found = std::find_if(document.sections.begin(), document.sections.end(),
                                  [&](const Section& s) { return s.name == name; });
  return found == document.sections.end() ? nullptr : &*found;
}

template <class Kind>
std::vector<Kind> blocks_of(const Document& document, const std::string& section) {
  std::vector<Kind> result;
  const Section* found = find(document, section);
  BOOST_REQUIRE_MESSAGE(found != nullptr, "no section " << section);
  for (const Block& block : found->blocks) {
    if (const auto* of_kind = std::get_if<Kind>(&block)) result.push_back(*of_kind);
  }
  return result;
}

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(what_is_near_its_capacity_is_drawn_with_the_capacity) {
  MadeTrace made;
  write_run(made, 60);
  const Document document = make_report({{"t.db", &made.finish(20)}});
  const auto charts = blocks_of<Chart>(document, "charts");
  const auto chart = std::find_if(charts.begin(), charts.end(),
                                  [](const Chart& c) { return c.name == "time_wait(c1)"; });
  BOOST_REQUIRE(chart != charts.end());
  BOOST_REQUIRE_EQUAL(chart->curves.size(), 2U);
  BOOST_TEST(chart->curves[0].points.size() == 20U);
  BOOST_TEST(chart->curves[0].points.back().value == 60);
  BOOST_TEST(chart->curves[1].is_bound);
}

BOOST_AUTO_TEST_CASE(what_is_far_from_it_is_not) {
  MadeTrace made;
  write_run(made, 28'232);
  const Document document = make_report({{"t.db", &made.finish(20)}});
  for (const auto& chart : blocks_of<Chart>(document, "charts")) {
    BOOST_TEST(chart.name != "time_wait(c1)");
  }
}

BOOST_AUTO_TEST_CASE(a_counter_is_drawn_as_a_rate) {
  MadeTrace made;
  made.sample("responses", "burst", 2, 30);
  made.sample("responses", "burst", 3, 30);
  const Document document = make_report({{"t.db", &made.finish(3)}});
  const auto charts = blocks_of<Chart>(document, "charts");
  BOOST_REQUIRE_EQUAL(charts.size(), 1U);
  BOOST_TEST(charts[0].title == "responses(burst), requests/s");
  BOOST_TEST(charts[0].curves[0].points[0].value == 15);
  BOOST_TEST(charts[0].curves[0].points[1].value == 30);
}

BOOST_AUTO_TEST_CASE(a_server_stands_beside_what_its_weight_promised) {
  MadeTrace made;
  write_run(made, 60);
  const auto tables = blocks_of<Table>(make_report({{"t.db", &made.finish(20)}}), "servers");
  BOOST_REQUIRE_EQUAL(tables.size(), 2U);
  BOOST_TEST(tables[0].rows[0][0].text == "app/b1");
  BOOST_TEST(tables[0].rows[0][1].text == "120");
  BOOST_TEST(tables[0].rows[0][2].text == "60.0 %");
  BOOST_TEST(tables[0].rows[0][2].mark.value() == 0.5);
  BOOST_TEST(tables[1].rows[0][1].text == "1.20");
}

BOOST_AUTO_TEST_CASE(two_runs_of_a_scenario_are_drawn_over_each_other_with_their_differences) {
  MadeTrace symptom;
  MadeTrace remedy;
  write_run(symptom, 60);
  write_run(remedy, 600);
  const Document document =
      make_report({{"a.db", &symptom.finish(20)}, {"b.db", &remedy.finish(20)}});
  const auto charts = blocks_of<Chart>(document, "charts");
  for (const auto& chart : charts) {
    const auto curves = std::count_if(chart.curves.begin(), chart.curves.end(),
                                      [](const Curve& c) { return !c.is_bound; });
    BOOST_TEST(curves == 2, chart.name);
  }
  const auto tables = blocks_of<Table>(document, "differences");
  BOOST_REQUIRE_EQUAL(tables.size(), 1U);
  BOOST_TEST(tables[0].columns.size() == 4U);
  BOOST_TEST(tables[0].columns[1].title != tables[0].columns[2].title);
  BOOST_TEST(tables[0].rows[0][3].text == "same");
}

BOOST_AUTO_TEST_CASE(an_empty_run_and_one_that_was_cut_off_are_reported_as_such) {
  MadeTrace empty;
  MadeTrace cut_off;
  write_run(cut_off, 60);
  const Document of_empty = make_report({{"t.db", &empty.finish(0)}});
  BOOST_TEST(of_empty.badge == "nothing was judged");
  const Document of_cut_off = make_report({{"t.db", &cut_off.break_off()}});
  const auto runs = blocks_of<Table>(of_cut_off, "runs");
  BOOST_TEST(runs[0].rows[0][1].text == "cut off");
  for (const Document* document : {&of_empty, &of_cut_off}) {
    for (const auto write : {html_of, markdown_of, json_of, csv_of}) {
      BOOST_TEST(write(*document).find("nan") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::reports
