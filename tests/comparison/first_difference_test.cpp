// The first point at which two traces differ: found exactly where one row was changed.
#include "analysis/comparison/first_difference.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/comparison/made_run.hpp"

namespace elblab::comparison {
namespace {

using test::Changes;
using test::MadeRun;

std::string found(const Changes& changes) {
  const MadeRun a;
  const MadeRun b(changes);
  const auto there = first_difference(a.reader(), b.reader());
  const auto back = first_difference(b.reader(), a.reader());
  BOOST_TEST(there.has_value() == back.has_value());
  return there.value_or("");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(first_differences)

BOOST_AUTO_TEST_CASE(equal_runs_have_none) { BOOST_TEST(found({}) == ""); }

BOOST_AUTO_TEST_CASE(a_changed_sample_is_found_by_series_moment_and_values) {
  Changes changes;
  changes.connected = [](int i, Instant&, double& value) { value += i == 37 ? 1 : 0; };
  BOOST_TEST(found(changes) == "series connected(c1) at 37 s: 10 and 11");
}

BOOST_AUTO_TEST_CASE(a_sample_taken_later_is_missing_where_it_was) {
  Changes changes;
  changes.established = [](int i, Instant& at, double&) {
    at += i == 5 ? std::chrono::milliseconds(3) : std::chrono::milliseconds(0);
  };
  BOOST_TEST(found(changes) == "series established(c1) at 5 s: 5 and nothing until 5.003 s");
}

BOOST_AUTO_TEST_CASE(of_two_changes_the_earlier_is_told) {
  Changes changes;
  changes.connected = [](int i, Instant&, double& value) { value += i == 80 ? 1 : 0; };
  changes.established = [](int i, Instant&, double& value) { value += i == 60 ? 1 : 0; };
  BOOST_TEST(found(changes) == "series established(c1) at 60 s: 0 and 1");
}

BOOST_AUTO_TEST_CASE(a_changed_decision_is_found_by_its_number_and_both_servers) {
  Changes changes;
  changes.server = [](int i) { return i == 641 ? 0 : i % 2; };
  BOOST_TEST(found(changes) ==
             "event 642: scheduler_decision none on node1 to app/b2 10.0.0.1:33409 -> "
             "198.51.100.10:80 at 64.1 s (value 0) and scheduler_decision none on node1 to app/b1 "
             "10.0.0.1:33409 -> 198.51.100.10:80 at 64.1 s (value 0)");
}

BOOST_AUTO_TEST_CASE(a_connection_with_one_byte_more_is_found_by_its_number) {
  Changes changes;
  changes.connection = [](int i, telemetry::ConnectionRecord& record) {
    record.bytes_received += i == 499 ? 1 : 0;
  };
  const std::string text = found(changes);
  BOOST_TEST(text.starts_with("connection 500: client on c1 10.0.0.1:33267 -> 198.51.100.10:80 "
                              "opened at 49.9 s, closed at 49.91 s, closed_by_local, 200 and 1000 "
                              "bytes, 0 retransmissions and client on c1"),
             text);
  BOOST_TEST(text.ends_with("200 and 1001 bytes, 0 retransmissions"), text);
}

BOOST_AUTO_TEST_CASE(a_series_that_only_one_has_is_told_from_either_side) {
  Changes changes;
  changes.a_series_more = true;
  BOOST_TEST(found(changes) == "only one trace has failed(c1)");
}

BOOST_AUTO_TEST_CASE(another_seed_alone_is_a_difference_of_the_run_table) {
  Changes changes;
  changes.run = [](trace::RunMetadata& run) { run.seed = 2; };
  BOOST_TEST(found(changes) == "equal series, events and connections, but different rows in run");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::comparison
