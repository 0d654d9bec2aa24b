// What --over takes: values in steps, lists, and what is refused.
#include "cli/sweeps/axis.hpp"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "cli/sweeps/grid.hpp"
#include "tests/must.hpp"

namespace elblab::cli {
namespace {

// The values, joined with blanks.
std::string values(const std::string& spec) {
  return fmt::format("{}", fmt::join(must(read_axis("a.b=" + spec)).values, " "));
}

std::string problem(const std::string& text) { return message_of(read_axis(text)); }

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Grid grid_of(const std::vector<std::string>& over) {
  std::vector<Axis> axes;
  for (const auto& text : over) axes.push_back(must(read_axis(text)));
  return must(Grid::make(axes));
}

std::string grid_problem(const std::vector<std::string>& over) {
  std::vector<Axis> axes;
  for (const auto& text : over) axes.push_back(must(read_axis(text)));
  return message_of(Grid::make(axes));
}

BOOST_AUTO_TEST_SUITE(axes)

BOOST_AUTO_TEST_CASE(a_range_has_both_ends_and_even_steps_between) {
  BOOST_TEST(values("1s..50s") == "1s 8s 15s 22s 29s 36s 43s 50s");
  BOOST_TEST(values("1..10") == "1 2 3 4 5 6 7 8 9 10");
  BOOST_TEST(values("0%..100%") == "0% 20% 40% 60% 80% 100%");
  BOOST_TEST(values("10/s..100/s") == "10/s 20/s 30/s 40/s 50/s 60/s 70/s 80/s 90/s 100/s");
  BOOST_TEST(values("3..3") == "3");
  BOOST_TEST(values("-2..2") == "-2 -1 0 1 2");
  // 59 is prime: as even as whole numbers allow
  BOOST_TEST(values("1..60") == "1 9 18 26 35 43 52 60");
}

BOOST_AUTO_TEST_CASE(a_step_is_kept_exactly) {
  BOOST_TEST(values("1s..50s/10s") == "1s 11s 21s 31s 41s");
  BOOST_TEST(values("0.1..0.5/0.1") == "0.1 0.2 0.3 0.4 0.5");
  BOOST_TEST(values("0.5s..2s/0.5s") == "0.5s 1s 1.5s 2s");
  BOOST_TEST(values("10/s..50/s/20/s") == "10/s 30/s 50/s");
  BOOST_TEST(values("1Mbps..3Mbps/1Mbps") == "1Mbps 2Mbps 3Mbps");
  BOOST_TEST(values("1..5/9") == "1");
}

BOOST_AUTO_TEST_CASE(a_list_is_taken_as_it_stands) {
  BOOST_TEST(values("1s,5s,30s") == "1s 5s 30s");
  BOOST_TEST(values("round_robin") == "round_robin");
  BOOST_TEST(values("5s, 200ms") == "5s 200ms");
  BOOST_TEST(values("{interval: 1s, timeout: 1s},{interval: 5s, timeout: 3s}") ==
             "{interval: 1s, timeout: 1s} {interval: 5s, timeout: 3s}");
  BOOST_TEST(values("[a, b],'c, d'") == "[a, b] 'c, d'");
  BOOST_TEST(values("192.168.1.1-192.168.1.9") == "192.168.1.1-192.168.1.9");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_with_the_text) {
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"a.b", "expected path=values"},
           {"=1s", "expected path=values"},
           {"a.b=", "a value is missing"},
           {"a.b=1s,,2s", "a value is missing"},
           {"a.b=1s,2s,1s", "'1s' stands there twice"},
           {"a.b=50s..1s", "the range is empty: 50s is above 1s"},
           {"a.b=1s..2min", "two units"},
           {"a.b=1..50s", "two units"},
           {"a.b=1s..9s/2", "two units"},
           {"a.b=1s..9s/0s", "the step must be above 0"},
           {"a.b=1s..9s/-1s", "the step must be above 0"},
           {"a.b=1s..9s/x", "'x' is no number"},
           {"a.b=1s..9s!", "'9s!' is no number"},
           {"a.b=1..9999999999999999", "is no number"},
           {"a.b=1..1000000000/1", "1000000000 values; a grid has at most 25000 cells"}}) {
    BOOST_TEST(problem(text).starts_with("--over " + text + ": "), problem(text));
    BOOST_TEST(holds(problem(text), part), problem(text));
  }
  BOOST_TEST(holds(problem("a.b=1s\n2s"), "control characters"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(grids)

BOOST_AUTO_TEST_CASE(the_last_axis_changes_fastest) {
  const Grid grid = grid_of({"g.interval=1s,5s", "g.retries=1..3"});
  BOOST_TEST(grid.size() == 6U);
  std::string names;
  for (std::size_t cell = 0; cell < grid.size(); ++cell) names += grid.name_of(cell) + "; ";
  BOOST_TEST(names ==
             "interval=1s retries=1; interval=1s retries=2; interval=1s retries=3; "
             "interval=5s retries=1; interval=5s retries=2; interval=5s retries=3; ");
  for (std::size_t cell = 0; cell < grid.size(); ++cell) {
    BOOST_TEST(grid.cell_at(grid.position(cell)) == cell);
  }
  const auto settings = grid.settings(3);
  BOOST_TEST(settings[0].path == "g.interval");
  BOOST_TEST(settings[0].value == "5s");
  BOOST_TEST(settings[1].value == "1");
}

BOOST_AUTO_TEST_CASE(short_names_tell_axes_apart) {
  const Grid grid = grid_of({"hosts.c1.time_wait=1s,2s", "hosts.c2.time_wait=1s,2s", "seeds=1,2"});
  BOOST_TEST(grid.short_names()[0] == "c1.time_wait");
  BOOST_TEST(grid.short_names()[1] == "c2.time_wait");
  BOOST_TEST(grid.short_names()[2] == "seeds");
}

BOOST_AUTO_TEST_CASE(a_setting_is_one_axis_and_cells_are_bounded) {
  BOOST_TEST(holds(grid_problem({}), "name at least one setting"));
  BOOST_TEST(holds(grid_problem({"a.b=1,2", "a.b=3,4"}), "a.b is an axis already"));
  BOOST_TEST(holds(grid_problem({"hosts.b[1..2].x=1,2", "hosts.b2.x=3,4"}),
                   "hosts.b2.x is an axis already (hosts.b[1..2].x)"));
  BOOST_TEST(holds(grid_problem({"a=1..200/1", "b=1..200/1"}),
                   "200 × 200 cells are too many, at most 25000"));
  BOOST_TEST(grid_of({"a=1..50/1", "b=1..50/1", "c=1..10/1"}).size() == 25'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::cli
