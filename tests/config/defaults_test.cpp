// VAL-06: a balancer that says nothing about a setting has what the table of its profile says
// (behaviour.md 0.4, OPEN-05), written out a second time. What belongs to layer 7 is compared in
// profile_test.cpp, as the profile's own value.
#include <boost/test/unit_test.hpp>

#include "models/config/validation.hpp"
#include "tests/config/sample_balancer.hpp"

namespace elblab::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct Column {
  const char* profile;
  const char* source_block;
  bool transfers;  // SRC-02, SRC-03
  bool transfer_may_change;
  bool rules_hold;       // for what keeps the client's address (CON-11)
  minutes stickiness;    // STK-10, STK-12
  seconds tcp_idle;      // TO-01
  bool idle_may_change;  // TO-02, TO-04
  bool quic;             // PRT-10
};

constexpr Column kColumns[] = {
    {"shared-2020", "100.125.0.0/16", false, true, true, minutes(20), seconds(300), false, false},
    {"shared", "100.125.0.0/16", false, true, false, minutes(20), seconds(300), true, false},
    {"dedicated", "10.0.1.0/24", true, false, false, minutes(20), seconds(300), true, true},
};

bool is_accepted(LoadBalancer balancer) { return validate(balancer).empty(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(defaults)

BOOST_AUTO_TEST_CASE(are_those_of_the_profiles_column) {
  for (const Column& column : kColumns) {
    BOOST_TEST_CONTEXT(column.profile) {
      LoadBalancer balancer = sample_balancer(column.profile);
      const Listener& listener = balancer.listeners[0];
      BOOST_TEST(effective_source_block(balancer).to_string() == column.source_block);
      BOOST_TEST(transfers_client_ip(balancer, listener) == column.transfers);
      BOOST_TEST(transfer_bypasses_rules(balancer) == !column.rules_hold);
      BOOST_TEST((effective_idle_timeout(balancer, listener) == column.tcp_idle));
      balancer.groups[0].stickiness = Stickiness{};
      BOOST_TEST(is_accepted(balancer));
      BOOST_TEST(
          (effective_duration(balancer, *balancer.groups[0].stickiness) == column.stickiness));
    }
  }
}

// What a profile fixes, another value of is refused.
BOOST_AUTO_TEST_CASE(may_be_changed_where_the_column_says_so) {
  for (const Column& column : kColumns) {
    BOOST_TEST_CONTEXT(column.profile) {
      LoadBalancer balancer = sample_balancer(column.profile);
      balancer.listeners[0].transfer_client_ip = !column.transfers;
      BOOST_TEST(is_accepted(balancer) == column.transfer_may_change);
      balancer = sample_balancer(column.profile);
      balancer.listeners[0].idle_timeout = seconds(60);
      BOOST_TEST(is_accepted(balancer) == column.idle_may_change);
      balancer = sample_balancer(column.profile);
      balancer.listeners[0].protocol = ListenerProtocol::udp;
      balancer.groups[0].protocol = BackendProtocol::quic;
      balancer.groups[0].algorithm = Algorithm::connection_id;
      BOOST_TEST(is_accepted(balancer) == column.quic);
    }
  }
}

// The same on every profile: SCH-01, OPEN-05 and OPEN-08, CON-27.
BOOST_AUTO_TEST_CASE(of_groups_do_not_depend_on_the_profile) {
  const BackendGroup group;
  BOOST_TEST((group.algorithm == Algorithm::weighted_round_robin));
  BOOST_TEST(!group.stickiness.has_value());
  BOOST_TEST(!group.health_check.has_value());
  BOOST_TEST((SourceHash{}.kind == SourceHash::Kind::consistent));
  BOOST_TEST((Stickiness{}.timer == Stickiness::Timer::sliding));
  BOOST_TEST((Stickiness{}.at_end == Stickiness::AtEnd::reschedule));
  BOOST_TEST(int{Server{}.weight} == 1);
  BOOST_TEST((HealthCheck{}.interval == seconds(5)));
  BOOST_TEST((HealthCheck{}.timeout == seconds(3)));
  BOOST_TEST(HealthCheck{}.retries == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::config
