#include "models/health/judgement.hpp"

#include <boost/test/unit_test.hpp>

#include "models/random/stream.hpp"

namespace elblab::health {

BOOST_AUTO_TEST_SUITE(judgement)

// HC-10: the first association, for every number of retries that may be set (HC-06).
BOOST_AUTO_TEST_CASE(of_a_new_server_the_first_success_decides) {
  for (unsigned retries = 1; retries <= 10; ++retries) {
    for (unsigned failures = 0; failures < retries; ++failures) {
      Judgement judgement(retries);
      for (unsigned i = 0; i < failures; ++i) BOOST_TEST(!judgement.note(false));
      BOOST_TEST((judgement.verdict() == Verdict::unknown));
      BOOST_TEST(judgement.note(true));
      BOOST_TEST((judgement.verdict() == Verdict::healthy));
    }
  }
}

// OPEN-04, HC-10: as many in a row, each way.
BOOST_AUTO_TEST_CASE(later_it_takes_as_many_results_in_a_row_as_retries_each_way) {
  for (unsigned retries = 1; retries <= 10; ++retries) {
    Judgement judgement(retries, Verdict::healthy);
    for (const bool result : {false, true, false}) {
      for (unsigned i = 1; i < retries; ++i) BOOST_TEST(!judgement.note(result));
      BOOST_TEST(judgement.note(result));
      BOOST_TEST((judgement.verdict() == (result ? Verdict::healthy : Verdict::unhealthy)));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_result_that_agrees_begins_the_count_anew) {
  Judgement judgement(3, Verdict::healthy);
  for (int round = 0; round < 20; ++round) {
    judgement.note(false);
    judgement.note(false);
    BOOST_TEST(judgement.against() == 2u);
    BOOST_TEST(!judgement.note(true));
    BOOST_TEST(judgement.against() == 0u);
  }
  BOOST_TEST((judgement.verdict() == Verdict::healthy));
}

// haproxy #1234: a server that went down and never came back. From every state that random results
// lead to, a run of `retries` equal results leads to their verdict, and changes it at most once.
BOOST_AUTO_TEST_CASE(from_every_state_a_run_of_equal_results_leads_to_their_verdict) {
  random::Stream random(1, "judgement");
  for (int trial = 0; trial < 2000; ++trial) {
    const auto retries = static_cast<unsigned>(1 + random.below(10));
    Judgement judgement(retries, random.chance(0.5) ? Verdict::healthy : Verdict::unknown);
    for (std::uint64_t i = random.below(40); i > 0; --i) judgement.note(random.chance(0.5));
    const bool result = random.chance(0.5);
    unsigned changes = 0;
    for (unsigned i = 0; i < retries; ++i) changes += judgement.note(result) ? 1 : 0;
    BOOST_REQUIRE((judgement.verdict() == (result ? Verdict::healthy : Verdict::unhealthy)));
    BOOST_REQUIRE(changes <= 1);
  }
}

BOOST_AUTO_TEST_CASE(a_changed_number_of_retries_holds_for_results_counted_already) {
  Judgement judgement(5, Verdict::healthy);
  for (int i = 0; i < 3; ++i) judgement.note(false);
  judgement.set_retries(4);
  BOOST_TEST(judgement.note(false));
  BOOST_TEST((judgement.verdict() == Verdict::unhealthy));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::health
