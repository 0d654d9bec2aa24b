// The tournament of deadlines against a plain list that is searched from end to end.
#include "models/time/deadline_tree.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "models/random/stream.hpp"

using namespace elblab;

namespace {

Instant at(std::uint64_t nanoseconds) { return kStart + Duration(nanoseconds); }

struct PlainList {
  std::vector<Instant> deadlines;

  Instant earliest() const {
    Instant first = kNever;
    for (const Instant each : deadlines) first = std::min(first, each);
    return first;
  }
  std::size_t first_due(std::size_t from, Instant now) const {
    while (from < deadlines.size() && deadlines[from] > now) ++from;
    return from;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_is_due_where_there_is_nothing) {
  const DeadlineTree none;
  BOOST_CHECK(none.earliest() == kNever);
  BOOST_TEST(none.first_due(0, at(1)) == 0);
}

BOOST_AUTO_TEST_CASE(one_thing_is_due_when_its_deadline_has_come) {
  DeadlineTree tree;
  BOOST_TEST(tree.add(at(7)) == 0);
  BOOST_CHECK(tree.earliest() == at(7));
  BOOST_TEST(tree.first_due(0, at(6)) == 1);
  BOOST_TEST(tree.first_due(0, at(7)) == 0);
  BOOST_TEST(tree.first_due(1, at(7)) == 1);
}

BOOST_AUTO_TEST_CASE(it_answers_like_a_list_searched_from_end_to_end) {
  random::Stream stream(1, "deadlines");
  for (int round = 0; round < 40; ++round) {
    DeadlineTree tree;
    PlainList list;
    const std::size_t most = 1 + stream.below(round < 20 ? 9 : 400);
    for (int step = 0; step < 2000; ++step) {
      const Instant deadline = stream.below(5) == 0 ? kNever : at(stream.below(50));
      if (list.deadlines.empty() || (list.deadlines.size() < most && stream.below(4) == 0)) {
        BOOST_REQUIRE(tree.add(deadline) == list.deadlines.size());
        list.deadlines.push_back(deadline);
      } else {
        const std::size_t place = stream.below(list.deadlines.size());
        tree.set(place, deadline);
        list.deadlines[place] = deadline;
        BOOST_REQUIRE(tree.at(place) == deadline);
      }
      const std::size_t from = stream.below(list.deadlines.size() + 1);
      const Instant now = at(stream.below(50));
      BOOST_REQUIRE(tree.size() == list.deadlines.size());
      BOOST_REQUIRE(tree.earliest() == list.earliest());
      BOOST_REQUIRE(tree.first_due(from, now) == list.first_due(from, now));
    }
  }
}
