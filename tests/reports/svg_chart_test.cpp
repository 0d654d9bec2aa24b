// A chart draws what it was given where the axes say, and nothing outside the picture.
#include "analysis/reports/svg_chart.hpp"

#include <boost/test/unit_test.hpp>
#include <regex>
#include <sstream>

namespace elblab::reports {
namespace {

Chart chart_of(std::size_t curves, double high) {
  Chart chart;
  chart.title = "time_wait(c1), sockets";
  chart.end_s = 100;
  for (std::size_t c = 0; c < curves; ++c) {
    Curve curve;
    curve.label = "a run with a rather long name " + std::to_string(c);
    curve.colour = c;
    for (int i = 0; i <= 100; ++i) {
      const double value = high * i / 100;
      curve.points.push_back({static_cast<double>(i), value, value, value});
    }
    chart.curves.push_back(curve);
  }
  return chart;
}

std::vector<std::pair<double, double>> points_of(const std::string& svg,
                                                 const std::string& element) {
  std::vector<std::pair<double, double>> points;
  const std::regex pattern("<" + element + "[^>]* points=\"([^\"]*)\"");
  for (std::sregex_iterator at(svg.begin(), svg.end(), pattern), end; at != end; ++at) {
    std::istringstream text((*at)[1].str());
    double x = 0;
    double y = 0;
    char comma = 0;
    while (text >> x >> comma >> y) points.emplace_back(x, y);
  }
  return points;
}

BOOST_AUTO_TEST_SUITE(svg)

BOOST_AUTO_TEST_CASE(a_rising_line_rises_from_the_corner_of_the_axes) {
  const auto points = points_of(svg_of(chart_of(1, 1'000)), "polyline");
  BOOST_REQUIRE_EQUAL(points.size(), 101U);
  for (std::size_t i = 1; i < points.size(); ++i) {
    BOOST_TEST(points[i].first > points[i - 1].first);
    BOOST_TEST(points[i].second < points[i - 1].second);
  }
  // Halfway in value and time is halfway in the picture, to the rounding of its coordinates.
  BOOST_TEST(std::abs(points[50].second - (points[0].second + points[100].second) / 2) < 0.11);
  BOOST_TEST(std::abs(points[50].first - (points[0].first + points[100].first) / 2) < 0.11);
}

BOOST_AUTO_TEST_CASE(everything_stays_inside_the_picture) {
  for (const std::size_t curves : {1, 3, 8}) {
    const std::string svg = svg_of(chart_of(curves, 123'456));
    std::smatch box;
    BOOST_REQUIRE(std::regex_search(svg, box, std::regex("viewBox=\"0 0 (\\d+) (\\d+)\"")));
    const double width = std::stod(box[1]);
    const double height = std::stod(box[2]);
    for (const auto& [x, y] : points_of(svg, "polyline")) {
      BOOST_TEST((x >= 0 && x <= width && y >= 0 && y <= height));
    }
    const std::regex text("<text [^>]*x=\"([-0-9.]+)\" y=\"([-0-9.]+)\"");
    for (std::sregex_iterator at(svg.begin(), svg.end(), text), end; at != end; ++at) {
      BOOST_TEST((std::stod((*at)[1]) >= 0 && std::stod((*at)[1]) <= width));
      BOOST_TEST((std::stod((*at)[2]) >= 0 && std::stod((*at)[2]) <= height));
    }
  }
}

// Texts of one line, left to right, with the width that a wide font gives them (0.6 em).
BOOST_AUTO_TEST_CASE(entries_of_the_legend_do_not_overlap) {
  const std::string svg = svg_of(chart_of(7, 10));
  const std::regex entry(
      "<text [^>]*x=\"([0-9.]+)\" y=\"([0-9.]+)\" text-anchor=\"start\"[^>]*>([^<]*)<");
  double right = 0;
  double row = -1;
  std::size_t entries = 0;
  for (std::sregex_iterator at(svg.begin(), svg.end(), entry), end; at != end; ++at) {
    const double x = std::stod((*at)[1]);
    const double y = std::stod((*at)[2]);
    if (y == row) BOOST_TEST(x > right);
    if (y != row) BOOST_TEST(y >= row + 14);
    row = y;
    right = x + 0.6 * 11 * static_cast<double>((*at)[3].str().size());
    BOOST_TEST(right <= 480.0);
    ++entries;
  }
  BOOST_TEST(entries == 7U);
}

BOOST_AUTO_TEST_CASE(
    a_range_is_drawn_behind_a_coarse_curve_and_a_band_where_something_is_expected) {
  Chart chart = chart_of(1, 100);
  BOOST_TEST(points_of(svg_of(chart), "polygon").empty());
  BOOST_TEST(svg_of(chart).find("class=\"band\"") == std::string::npos);
  for (CurvePoint& point : chart.curves[0].points) point.high = point.value + 5;
  chart.bands.push_back({"expected mean", 10, 90, 20.0, 40.0});
  BOOST_TEST(points_of(svg_of(chart), "polygon").size() == 202U);
  BOOST_TEST(svg_of(chart).find("class=\"band\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(where_nothing_was_measured_there_is_no_line) {
  Chart chart = chart_of(1, 100);
  auto& points = chart.curves[0].points;
  points.erase(points.begin() + 40, points.begin() + 60);
  const std::string svg = svg_of(chart);
  std::size_t lines = 0;
  for (auto at = svg.find("<polyline"); at != std::string::npos;
       at = svg.find("<polyline", at + 1)) {
    ++lines;
  }
  BOOST_TEST(lines == 2U);
  BOOST_TEST(points_of(svg, "polyline").size() == 81U);
}

BOOST_AUTO_TEST_CASE(names_are_text_and_never_markup) {
  Chart chart = chart_of(1, 1);
  chart.title = "a\"<script>&\x01";
  chart.curves[0].label = "</text><script>";
  const std::string svg = svg_of(chart);
  BOOST_TEST(svg.find("<script") == std::string::npos);
  BOOST_TEST(svg.find("&lt;/text&gt;&lt;script&gt;") != std::string::npos);
  BOOST_TEST(svg.find('\x01') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_chart_of_nothing_is_an_empty_picture) {
  const std::string svg = svg_of(Chart{});
  BOOST_TEST(svg.find("nan") == std::string::npos);
  BOOST_TEST(svg.ends_with("</svg>\n"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::reports
