// What causes are allowed to see: a diagnosis is the same whatever a laboratory wrote into the
// trace about links, injected faults and the scenario.
#include "analysis/diagnosis/observations.hpp"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "tests/diagnosis/made_trace.hpp"

namespace elblab::diagnosis::test {
namespace {

void write(std::ostream& out, const std::vector<Finding>& findings) {
  for (const Finding& f : findings) {
    out << f.cause << '|' << f.title << '|' << static_cast<int>(f.standing) << '|'
        << static_cast<int>(f.confidence) << '|' << f.explains << '|' << f.because << '\n';
    for (const Evidence& e : f.evidence) {
      out << e.text << '|' << e.query << '|' << to_seconds(e.from) << '|' << to_seconds(e.to);
      for (const auto& measure : e.measures) out << '|' << measure;
      for (const auto id : e.connections) out << '|' << id;
      out << '\n';
    }
  }
}

std::string everything_of(const Diagnosis& diagnosis) {
  std::ostringstream out;
  out << diagnosis.verdict << '\n';
  for (const Symptom& symptom : diagnosis.symptoms) out << symptom.text << '\n';
  write(out, diagnosis.found);
  write(out, diagnosis.ruled_out);
  write(out, diagnosis.not_observable);
  return out.str();
}

void set_up(MadeTrace& run) {
  run.set("refused_locally(c1)", between(30, kSeconds + 1, 50));
  run.set("request_failures(load)", between(30, kSeconds + 1, 50));
  run.add("responses(load)", between(30, kSeconds + 1, -50));
  run.set("time_wait(c1)", 28232);
  run.ended(telemetry::Reason::address_not_available, 100, 30);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(what_causes_may_see)

BOOST_AUTO_TEST_CASE(a_laboratorys_knowledge_changes_nothing) {
  MadeTrace plain;
  MadeTrace told;
  MadeTrace lied_to;
  for (MadeTrace* run : {&plain, &told, &lied_to}) set_up(*run);
  told.with_laboratory_knowledge("cause: client_ports");
  lied_to.with_laboratory_knowledge("cause: packet_loss, bandwidth exceeded");
  const std::string expected = everything_of(plain.diagnose());
  BOOST_TEST(expected.find("client ports exhausted") != std::string::npos);
  BOOST_TEST(everything_of(told.diagnose()) == expected);
  BOOST_TEST(everything_of(lied_to.diagnose()) == expected);
}

BOOST_AUTO_TEST_CASE(links_are_no_objects_and_what_they_dropped_is_not_counted) {
  MadeTrace run;
  run.with_laboratory_knowledge("x");
  const Observations seen(run.reader());
  BOOST_TEST(seen.objects(MeasureScope::link).empty());
  BOOST_TEST(seen.counter("link_drops", MeasureScope::host, "b1") == nullptr);
  BOOST_TEST(seen.counter("link_drops", MeasureScope::link, "b1") == nullptr);
  BOOST_TEST(seen.dropped_by_balancer("link_loss") == 0U);
}

BOOST_AUTO_TEST_CASE(samples_stand_in_the_column_that_they_speak_for) {
  MadeTrace run;
  run.set("failed(c1)", [](int s) { return s; });
  const Observations seen(run.reader());
  BOOST_REQUIRE(seen.grid().columns == static_cast<std::size_t>(kSeconds));
  const Curve* curve = seen.counter("failed", MeasureScope::host, "c1");
  BOOST_REQUIRE(curve != nullptr);
  for (std::size_t i = 0; i < curve->size(); ++i) {
    BOOST_TEST((*curve)[i] == static_cast<double>(i + 1));
  }
}

BOOST_AUTO_TEST_CASE(connections_are_found_by_how_and_when_they_ended) {
  MadeTrace run;
  run.ended(telemetry::Reason::closed_by_local, 50, 1);
  run.ended(telemetry::Reason::reset_by_local, 50, 40);
  run.ended(telemetry::Reason::address_not_available, 50, 60);
  const Observations seen(run.reader());
  ConnectionFilter filter;
  filter.role = "client";
  filter.reasons = {"reset_by_local", "timed_out"};
  filter.from = Instant(std::chrono::seconds(42));
  const auto rows = seen.connections(filter, 5);
  BOOST_REQUIRE(rows.size() == 5U);
  for (const auto& row : rows) {
    BOOST_TEST(row.reason == "reset_by_local");
    BOOST_TEST((row.closed_at >= filter.from));
  }
  BOOST_TEST(rows.front().id == 71U);  // 50 and those of two seconds before
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
