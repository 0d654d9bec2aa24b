// What happens between two samples of a level: counters miss nothing, levels may.
#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

constexpr int kEnd = kSeconds + 1;

// Answers that took half a second, of requests that nobody saw wait.
MadeTrace slow_in_bursts() {
  MadeTrace run;
  run.set("slow_responses(load)", between(20, kEnd, 40)).set("response_time(load)", 400);
  run.set("response_time(load)", [](int s) { return s < 20 ? 10 : 400; });
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(between_samples)

BOOST_AUTO_TEST_CASE(a_queue_that_overflowed_was_full_whatever_its_samples_say) {
  auto run = slow_in_bursts();
  leave_unanswered(run, 20, 20);
  run.set("listen_overflows(b1)", between(20, kEnd, 100)).set("accept_queue(b1)", 0);
  run.set("established(c1)", between(20, kEnd, 60)).set("open(c1)", between(20, kEnd, 160));
  run.set("requests(load)", [](int s) { return kRate + (s == 20 ? 60 : 0); });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"accept_queue"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.explains > 0.9);
  BOOST_TEST(
      finding.evidence[1].text.starts_with("8,100 of them while no sample shows a full queue"),
      finding.evidence[1].text);
}

BOOST_AUTO_TEST_CASE(a_queue_that_may_have_filled_between_samples_is_not_ruled_out) {
  auto run = slow_in_bursts();
  run.set("accept_queue(b1)", 3);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_not_observable(diagnosis, "accept_queue"));
  BOOST_TEST(
      because(diagnosis, "accept_queue") ==
      "at most 3 of 4,096 at the samples, but what fills and empties within 1 s is not seen");
  BOOST_TEST(diagnosis.verdict.starts_with("no known cause explains it"));
}

BOOST_AUTO_TEST_CASE(a_cpu_that_may_have_been_full_for_part_of_an_interval_is_not_ruled_out) {
  auto run = slow_in_bursts();
  run.set("cpu(b1)", 45);
  BOOST_TEST(is_not_observable(run.diagnose(), "server_cpu"));
  run = slow_in_bursts();
  run.set("cpu(b1)", 10);  // at most 100 ms of each second
  BOOST_TEST(is_ruled_out(run.diagnose(), "server_cpu"));
}

BOOST_AUTO_TEST_CASE(answers_that_are_late_by_many_samples_hide_nothing) {
  auto run = slow_in_bursts();
  run.set("response_time(load)", [](int s) { return s < 20 ? 10 : 4000; }).set("cpu(b1)", 45);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(is_ruled_out(diagnosis, "accept_queue"));
  BOOST_TEST(is_ruled_out(diagnosis, "server_cpu"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
