#include "models/health/displayed_verdict.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace elblab::health {
namespace {

Verdict verdict_of(char letter) {
  return letter == 'h' ? Verdict::healthy : letter == 'u' ? Verdict::unhealthy : Verdict::unknown;
}

}  // namespace

// OPEN-10. h, u and -: what nodes find; then what was shown and what is.
BOOST_AUTO_TEST_CASE(the_majority_of_the_nodes_is_displayed_and_a_tie_changes_nothing) {
  struct Row {
    std::string nodes;
    char shown;
    char expected;
  };
  const std::vector<Row> table{
      {"hhhh", '-', 'h'}, {"hhhu", 'u', 'h'}, {"hhuu", 'h', 'h'}, {"hhuu", 'u', 'u'},
      {"huuu", 'h', 'u'}, {"uuuu", 'h', 'u'}, {"----", '-', '-'}, {"----", 'h', '-'},
      {"h---", '-', 'h'}, {"u---", 'h', 'u'}, {"hu--", '-', '-'}, {"hu--", 'h', 'h'},
      {"hhu", 'u', 'h'},  {"h", 'u', 'h'},    {"", 'h', '-'},
  };
  for (const Row& row : table) {
    std::vector<Verdict> nodes;
    for (const char each : row.nodes) nodes.push_back(verdict_of(each));
    BOOST_TEST_CONTEXT(row.nodes << ", shown " << row.shown) {
      BOOST_TEST((displayed(nodes, verdict_of(row.shown)) == verdict_of(row.expected)));
    }
  }
}

}  // namespace elblab::health
