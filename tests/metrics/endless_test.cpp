// Metric views of a stranger's trace may have no end; whoever reads them has one.
#include <boost/test/unit_test.hpp>

#include "analysis/metrics/view_rows.hpp"
#include "tests/metrics/made_trace.hpp"

namespace elblab::metrics {
namespace {

BOOST_AUTO_TEST_SUITE(endless_views)

BOOST_AUTO_TEST_CASE(so_many_rows_are_taken_in_and_no_more_which_the_reader_says) {
  test::MadeTrace made;
  const trace::Reader& reader = made.finish(10);
  ViewRows rows(reader,
                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c");
  std::size_t taken = 0;
  while (rows.next()) ++taken;
  BOOST_TEST(taken == ViewRows::kMostRows);
  BOOST_TEST(!rows.next());
  BOOST_REQUIRE(reader.problem());
  BOOST_TEST(reader.problem()->message.find("more rows than are taken in") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::metrics
