// The book of packets: every packet that the balancer makes or takes stands in it, and nothing is
// inferred from what usually goes with it.
#include "analysis/diagnosis/packet_book.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/made_trace.hpp"

namespace elblab::diagnosis::test {
namespace {

double lost_in(MadeTrace& run) {
  const Observations seen(run.reader());
  const auto lost = lost_packets(seen);
  BOOST_REQUIRE(lost);
  return total(*lost);
}

double asked_of(MadeTrace& run) {
  const Observations seen(run.reader());
  auto query = run.reader().query(lost_packets_query(seen));
  BOOST_REQUIRE(query.next());
  return trace::to_real(query.row()[0]);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(book_of_packets)

BOOST_AUTO_TEST_CASE(udp_sessions_that_end_idle_lose_nothing) {
  MadeTrace run;
  run.set("idle_timeouts(balancer)", 50);
  BOOST_TEST(lost_in(run) == 0);
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(resets_of_idle_connections_are_made_and_received) {
  MadeTrace run;
  run.set("idle_timeouts(balancer)", 50).set("packets_made(balancer)", 100);
  run.add("packets_in(c1)", 50).add("packets_in(b1)", 50);
  BOOST_TEST(lost_in(run) == 0);
  run = MadeTrace();
  run.set("idle_timeouts(balancer)", 50).set("packets_made(balancer)", 100);
  run.add("packets_in(c1)", 50).add("packets_in(b1)", 40);  // ten of them never arrive
  BOOST_TEST(lost_in(run) == 10 * kSeconds);
  BOOST_TEST(asked_of(run) == 10 * kSeconds);
}

BOOST_AUTO_TEST_CASE(a_refused_syn_does_not_hide_a_lost_one) {
  MadeTrace run;
  run.add("packets_out(c1)", 20).set("dropped(balancer)", 15);  // five are lost before
  run.set("packets_made(balancer)", 15).add("packets_in(c1)", 15);
  BOOST_TEST(lost_in(run) == 5 * kSeconds);
}

BOOST_AUTO_TEST_CASE(echo_requests_that_the_balancer_answers_are_not_missing) {
  MadeTrace run;
  run.add("packets_out(c1)", 3).set("packets_taken(balancer)", 3);
  run.set("packets_made(balancer)", 3).add("packets_in(c1)", 3);
  BOOST_TEST(lost_in(run) == 0);
}

BOOST_AUTO_TEST_CASE(what_is_under_way_between_two_samples_is_not_lost) {
  MadeTrace run;
  run.add("packets_out(c1)", between(40, 41, 30)).add("packets_in(b1)", between(41, 42, 30));
  BOOST_TEST(lost_in(run) == 0);
}

BOOST_AUTO_TEST_CASE(a_trace_without_an_entry_tells_of_no_loss) {
  for (const char* entry : {"packets_made", "packets_taken", "dropped"}) {
    MadeTrace run;
    run.add("packets_out(c1)", 20).forget(std::string(entry) + "(balancer)");
    const Observations seen(run.reader());
    BOOST_TEST(!lost_packets(seen).has_value());
    BOOST_TEST(missing_entry(seen) == std::string(entry) + "(balancer)");
    const auto diagnosis = run.diagnose();
    BOOST_TEST(diagnosis.nothing_wrong());
    BOOST_REQUIRE(diagnosis.not_observable.size() == 1U);
    BOOST_TEST(diagnosis.not_observable[0].cause == "packet_loss");
    BOOST_TEST(diagnosis.not_observable[0].because ==
               "the trace has no " + std::string(entry) + "(balancer)");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
