// Network ACLs, security groups, firewalls and access lists in a whole run: obeyed, counted, told.
#include <boost/test/unit_test.hpp>

#include "scenarios/language/scenario_file.hpp"
#include "tests/sim/run_fixture.hpp"
#include "tests/worlds/filtered_scenario.hpp"

namespace elblab::sim::test {
namespace {

language::Scenario filtered() {
  const auto loaded = language::ScenarioFile::parse(worlds::test::kFilteredScenario, "x.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(loaded.file != nullptr);
  auto decoded = loaded.file->decode(loaded.file->runs().front());
  BOOST_REQUIRE(decoded.scenario.has_value());
  return std::move(*decoded.scenario);
}

// The first row of an answer, its cells parted by blanks.
std::string answer_of(const TracedRun& run, const std::string& sql) {
  trace::Query query = run.trace().query(sql);
  std::string text;
  if (query.next()) {
    for (const trace::QueryCell& cell : query.row()) {
      text += (text.empty() ? "" : " ") + trace::to_text(cell);
    }
  }
  BOOST_REQUIRE_MESSAGE(!query.problem(), (query.problem() ? query.problem()->message : ""));
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(filters_in_a_run)

BOOST_AUTO_TEST_CASE(let_through_what_they_say_and_nothing_else) {
  const TracedRun run(filtered());
  BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
  BOOST_TEST(run.total("responses", "allowed") == 20);
  BOOST_TEST(run.total("responses", "balanced") == 20);
  for (const char* workload : {"stateless", "inbound", "dropped", "refused"}) {
    BOOST_TEST(run.total("responses", workload) == 0, workload);
    BOOST_TEST(run.total("request_failures", workload) == 20, workload);
  }
  // Requests arrive where only answers are refused.
  BOOST_TEST(run.total("packets_in", "b2") >= 20);
  BOOST_TEST(run.total("packets_in", "b3") >= 20);
  BOOST_TEST(run.total("packets_in", "b4") == 0);
  BOOST_TEST(run.total("accepted", "b1") == 40);
}

BOOST_AUTO_TEST_CASE(are_counted_by_who_refused_and_in_the_networks_and_balancers_drops) {
  const TracedRun run(filtered());
  BOOST_TEST(run.total("security_group_blocked", "b1") == 0);
  // Every SYN that came, and every one sent again, was answered; none of the answers passed.
  BOOST_TEST(run.total("security_group_blocked", "b2") == run.total("packets_out", "b2"));
  BOOST_TEST(run.total("acl_blocked", "half") == run.total("packets_out", "b3"));
  BOOST_TEST(run.total("firewall_blocked", "b4") >= 20);
  BOOST_TEST(run.total("blocked_packets", "shut") == 20);
  BOOST_TEST(run.total("blocked_bytes", "shut") == 20 * (20 + 8 + 100));
  BOOST_TEST(run.total("dropped", "balancer") == 20);
  BOOST_TEST(run.total("dropped", "network") == run.total("security_group_blocked", "b2") +
                                                    run.total("acl_blocked", "half") +
                                                    run.total("firewall_blocked", "b4"));
  BOOST_TEST(double(run.events("packet_dropped", "security_group")) ==
             run.total("security_group_blocked", "b2"));
  BOOST_TEST(double(run.events("packet_dropped", "network_acl")) ==
             run.total("acl_blocked", "half"));
  BOOST_TEST(double(run.events("packet_dropped", "host_firewall")) ==
             run.total("firewall_blocked", "b4"));
  BOOST_TEST(run.events("packet_dropped", "access_control") == 20u);
}

BOOST_AUTO_TEST_CASE(are_named_in_the_events_and_in_the_packets_of_the_trace) {
  const TracedRun run(filtered());
  const auto who = [&](const std::string& reason) {
    return answer_of(run, "SELECT DISTINCT object, peer FROM events_view WHERE reason = '" +
                              reason + "' AND kind = 'packet_dropped'");
  };
  BOOST_TEST(who("security_group") == "network b2");
  BOOST_TEST(who("network_acl") == "network half");
  BOOST_TEST(who("host_firewall") == "network b4");
  // In the ladder of a connection that fails: the client's SYN and the server's answer, where each
  // came to its end.
  const auto dropped = [&](const std::string& reason) {
    return answer_of(run,
                     "SELECT DISTINCT object, flags FROM packets_view WHERE action = 'dropped' "
                     "AND reason = '" +
                         reason + "'");
  };
  BOOST_TEST(dropped("security_group") == "network S.");
  BOOST_TEST(dropped("network_acl") == "network S.");
  BOOST_TEST(dropped("host_firewall") == "network S");
}

BOOST_AUTO_TEST_CASE(have_series_of_their_own_only_where_they_stand) {
  const TracedRun run(filtered());
  BOOST_TEST(!run.has_series("acl_blocked", "web"));
  BOOST_TEST(!run.has_series("acl_blocked", "internet"));
  BOOST_TEST(!run.has_series("security_group_blocked", "c1"));
  BOOST_TEST(!run.has_series("security_group_blocked", "b4"));
  BOOST_TEST(!run.has_series("firewall_blocked", "b1"));
  BOOST_TEST(!run.has_series("blocked_packets", "web"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
