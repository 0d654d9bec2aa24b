// What operators change at run time: accepted forms, what they become, and each refusal at its
// place.
#include "scenarios/language/operations.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using namespace std::chrono_literals;
using namespace testing;

std::string timeline(const std::string& items) { return kExample + "timeline:\n" + items; }
std::string item(const std::string& text) { return timeline("  - " + text + "\n"); }

// "column: message" of the first error, which stands in the item's line.
std::string refusal(const std::string& text, const std::string& file = {}) {
  const auto errors = ScenarioFile::parse(file.empty() ? item(text) : file, "x.yaml").errors;
  if (errors.empty()) return "accepted";
  const std::string source = file.empty() ? item(text) : file;
  const auto lines = std::count(source.begin(), source.end(), '\n');
  BOOST_TEST(errors[0].line == lines);
  return std::to_string(errors[0].column) + ": " + errors[0].message +
         (errors[0].suggestion.empty() ? "" : " " + errors[0].suggestion);
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const config::Server& server(const Operation& operation, std::size_t index) {
  return operation.result->groups.front().servers.at(index);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(operations)

BOOST_AUTO_TEST_CASE(a_weight_holds_five_seconds_after_it_was_asked_for) {
  const Scenario s = decoded(item("{at: 30s, set: {balancer.groups.app.servers.b1.weight: 0}}"));
  BOOST_REQUIRE_EQUAL(s.timeline.size(), 1u);
  const TimelineEntry& entry = s.timeline[0];
  BOOST_TEST((entry.at == kStart + 35s));
  BOOST_TEST((entry.action == TimelineEntry::Action::operate));
  BOOST_TEST(entry.target == "app/b1");
  BOOST_REQUIRE(entry.operation.has_value());
  const Operation& operation = *entry.operation;
  BOOST_TEST((operation.requested_at == kStart + 30s));
  BOOST_TEST(operation.path == "balancer.groups.app.servers.b1.weight");
  BOOST_TEST(operation.before == "1");
  BOOST_TEST(operation.after == "0");
  BOOST_TEST(operation.resource == "member");
  BOOST_TEST(operation.trace_name == "update backend ecs");
  BOOST_TEST(!operation.keeps_connections);
  BOOST_TEST((operation.server == std::pair<std::size_t, std::size_t>(0, 0)));
  BOOST_TEST(server(operation, 0).weight == 0);
  BOOST_TEST(server(operation, 1).weight == 1);
  // The balancer begins as its file says.
  BOOST_TEST(s.balancers.front().groups.front().servers[0].weight == 1);
}

BOOST_AUTO_TEST_CASE(a_balancer_may_have_another_propagation_delay) {
  const std::string nodes = "  nodes: {lvs: 2}\n";
  const std::string quick = with(item("{at: 30s, set: {balancer.groups.app.servers.b1.weight: 0}}"),
                                 nodes, nodes + "  propagation_delay: 200ms\n");
  BOOST_TEST((decoded(quick).timeline[0].at == kStart + 30s + 200ms));
  const std::string slow = with(kExample, nodes, nodes + "  propagation_delay: 6s\n");
  BOOST_TEST(mentions(errors_of(slow), "propagation delay 6 s is outside 0 s..5 s (LIFE-01)"));
}

BOOST_AUTO_TEST_CASE(a_removed_server_keeps_its_place_as_no_member) {
  const Scenario s = decoded(item("{at: 40s, remove: balancer.groups.app.servers.b2}"));
  BOOST_REQUIRE_EQUAL(s.timeline.size(), 1u);
  const Operation& operation = *s.timeline[0].operation;
  BOOST_TEST(operation.path == "balancer.groups.app.servers.b2");
  BOOST_TEST(operation.before == "{port: 90, weight: 1, by_ip_address: false}");
  BOOST_TEST(operation.after == "");
  BOOST_TEST(operation.trace_name == "remove backend ecs");
  BOOST_REQUIRE_EQUAL(operation.result->groups.front().servers.size(), 4u);
  BOOST_TEST(!server(operation, 1).member);
  BOOST_TEST(server(operation, 2).member);
  // The same with ~, as in a run's set.
  const Scenario same = decoded(item("{at: 40s, set: {balancer.groups.app.servers.b2: ~}}"));
  BOOST_TEST(same.timeline[0].operation->trace_name == "remove backend ecs");
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_later_is_known_from_the_beginning) {
  const std::string hosts = "  b[1..4]:   {role: server";
  const std::string text =
      with(timeline("  - {at: 30s, set: {balancer.groups.app.servers.b5: {port: 95, weight: 7}}}\n"
                    "  - {at: 40s, set: {balancer.groups.app.servers.b5.weight: 8}}\n"
                    "  - {at: 50s, remove: balancer.groups.app.servers.b5}\n"
                    "  - {at: 60s, set: {balancer.groups.app.servers.b5: {port: 95}}}\n"),
           hosts, "  b[1..5]:   {role: server");
  const Scenario s = decoded(text);
  const auto& servers = s.balancers.front().groups.front().servers;
  BOOST_REQUIRE_EQUAL(servers.size(), 5u);
  BOOST_TEST(servers[4].name == "b5");
  BOOST_TEST(servers[4].port == 95);
  BOOST_TEST(!servers[4].member);
  BOOST_REQUIRE_EQUAL(s.timeline.size(), 4u);
  const std::vector<bool> member{true, true, false, true};
  const std::vector<int> weight{7, 8, 8, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(server(*s.timeline[i].operation, 4).member == member[i]);
    if (member[i]) BOOST_TEST(int{server(*s.timeline[i].operation, 4).weight} == weight[i]);
  }
  BOOST_TEST(s.timeline[0].operation->trace_name == "add backend ecs");
  // Its host serves the port from the beginning.
  for (const HostSpec& host : s.hosts) {
    if (host.name == "b5") BOOST_TEST(host.services.at(0).port == 95);
  }
}

BOOST_AUTO_TEST_CASE(each_value_that_changes_is_an_entry_of_its_own) {
  const Scenario s = decoded(
      item("{at: 30s, set: {'balancer.groups.app.servers.b[1..2].weight': 5,"
           " balancer.listeners.web: {idle_timeout: 60s, access: {entries: [203.0.113.0/24]}}}}"));
  std::vector<std::string> paths;
  for (const TimelineEntry& entry : s.timeline) {
    paths.push_back(entry.operation->path);
    BOOST_TEST((entry.at == kStart + 35s));
    BOOST_TEST((entry.operation->result->listeners[0].idle_timeout == 60s));
    BOOST_TEST(int{server(*entry.operation, 1).weight} == 5);
  }
  const std::vector<std::string> expected{
      "balancer.listeners.web.idle_timeout", "balancer.listeners.web.access",
      "balancer.groups.app.servers.b1.weight", "balancer.groups.app.servers.b2.weight"};
  BOOST_TEST(paths == expected, boost::test_tools::per_element());
  BOOST_TEST(s.timeline[0].operation->trace_name == "update listener");
  BOOST_TEST(s.timeline[0].operation->before == "");
  BOOST_TEST(s.timeline[0].operation->after == "60s");
  BOOST_TEST(!s.timeline[0].operation->server.has_value());
}

BOOST_AUTO_TEST_CASE(operations_build_on_each_other_in_the_order_in_which_they_hold) {
  // The verb holds at once, before what was asked for earlier.
  const Scenario s =
      decoded(timeline("  - {at: 30s, set: {balancer.groups.app.servers.b1.weight: 3}}\n"
                       "  - {at: 32s, set_weight: app/b1, weight: 2}\n"));
  BOOST_REQUIRE_EQUAL(s.timeline.size(), 2u);
  BOOST_TEST((s.timeline[0].action == TimelineEntry::Action::set_weight));
  BOOST_TEST((s.timeline[0].at == kStart + 32s));
  BOOST_TEST(s.timeline[0].operation->before == "1");
  BOOST_TEST(s.timeline[0].operation->keeps_connections);
  BOOST_TEST(s.timeline[1].operation->before == "2");
  BOOST_TEST(s.timeline[1].operation->after == "3");
}

BOOST_AUTO_TEST_CASE(several_balancers_are_named_in_the_path) {
  const std::string two =
      with(kExample, "balancer:\n  address: 198.51.100.10\n", "balancers:\n lb1:\n");
  const std::string text = with(two, "workload:\n",
                                " lb2:\n  listeners: {web: {protocol: tcp, port: 81, group: app}}\n"
                                "  groups: {app: {servers: {b1: {port: 90}}}}\nworkload:\n");
  const std::string right =
      with(with(text, "to: web", "to: lb1/web"), "dropped(balancer)", "dropped(lb1)");
  const Scenario s = decoded(
      right + "timeline:\n  - {at: 30s, set: {balancers.lb2.groups.app.servers.b1.weight: 4}}\n");
  BOOST_TEST(s.timeline.at(0).operation->balancer == 1u);
  BOOST_TEST(s.timeline.at(0).target == "lb2/app/b1");
  BOOST_TEST(
      refusal({}, right + "timeline:\n  - {at: 30s, remove: balancer.groups.app.servers.b1}\n") ==
      "23: 'balancer.groups.app.servers.b1' is no part of a balancer: an operator changes what "
      "is below balancers.lb1 or balancers.lb2 did you mean 'balancers.lb1'?");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_refused_at_the_item) {
  const std::string changeable =
      "; at run time change: servers of a group (added, removed, their weight), its algorithm, "
      "stickiness, health_check and deregistration_delay, a listener's idle_timeout, access and "
      "transfer_client_ip, and the balancer's address_bound, frozen and eip.bandwidth";
  const std::vector<std::pair<std::string, std::string>> rows{
      // paths that lead nowhere
      {"{at: 9s, set: {balancer.groups.app.servers.b9.weight: 0}}",
       "20: unknown path 'balancer.groups.app.servers.b9.weight': balancer.groups.app.servers has "
       "no "
       "'b9' did you mean 'balancer.groups.app.servers.b1.weight'?"},
      {"{at: 9s, set: {balancer.groups.app.server.b1.weight: 0}}",
       "20: unknown path 'balancer.groups.app.server.b1.weight': group has no 'server' did you "
       "mean "
       "'balancer.groups.app.servers.b1.weight'?"},
      {"{at: 9s, remove: balancer.groups.app.servers.b9}",
       "22: unknown path 'balancer.groups.app.servers.b9': balancer.groups.app.servers has no 'b9' "
       "did you mean 'balancer.groups.app.servers.b1'?"},
      {"{at: 9s, set: {balancr.groups.app.servers.b1.weight: 0}}",
       "20: 'balancr.groups.app.servers.b1.weight' is no part of a balancer: an operator changes "
       "what is below balancer did you mean 'balancer'?"},
      {"{at: 9s, set: {hosts.c1.link.delay: 9ms}}",
       "20: 'hosts.c1.link.delay' is no part of a balancer: an operator changes what is below "
       "balancer"},
      // values that are refused
      {"{at: 9s, set: {balancer.groups.app.servers.b1.weight: 101}}",
       "59: 101 is out of range: allowed are 0 … 100"},
      {"{at: 9s, set: {balancer.groups.app.servers.b1.weight: much}}",
       "59: 'much' is not a whole number"},
      {"{at: 9s, set: {balancer.groups.app.servers.c1: {port: 90}}}",
       "20: host 'c1' is a client; a group needs servers"},
      {"{at: 9s, set: {balancer.groups.app.servers.b5: {port: 90}}}",
       "20: there is no host named 'b5' did you mean 'b1'?"},
      {"{at: 9s, set: {balancer.groups.app.servers.b5: {weight: 4}}}",
       "20: server needs 'port': port of the service"},
      {"{at: 9s, set: {balancer.listeners.web.idle_timeout: 9s}}",
       "57: idle timeout 9 s is outside 10 s..4000 s (TO-04)"},
      {"{at: 9s, set: {balancer.groups.app.algorithm: connection_id}}",
       "51: connection_id belongs to quic groups, this is a tcp group; with a quic "
       "group profile dedicated allows it (SCH-02)"},
      {"{at: 9s, remove: 'balancer.groups.app.servers.b[1..4]'}",
       "22: listener web needs a group with at least one server (GEN-01)"},
      // what cannot change at run time
      {"{at: 9s, set: {balancer.listeners.web.port: 81}}",
       "20: 'listeners.web.port' cannot change at run time" + changeable},
      {"{at: 9s, set: {balancer.groups.app.servers.b1.port: 91}}",
       "20: 'groups.app.servers.b1.port' cannot change at run time" + changeable},
      {"{at: 9s, set: {balancer.nodes.lvs: 1}}",
       "20: 'nodes.lvs' cannot change at run time" + changeable},
      {"{at: 9s, set: {balancer.eip: {bandwidth: 1Mbps}}}",
       "20: 'eip' cannot change at run time" + changeable},
      {"{at: 9s, set: {balancer.groups.app.health_check: {protocol: https}}}",
       "65: an https probe is not supported yet (HC-02)"},
      {"{at: 9s, remove: balancer.listeners.web}",
       "22: 'listeners.web' cannot change at run time" + changeable},
      {"{at: 9s, remove: balancer}",
       "22: 'balancer' cannot change as a whole at run time" + changeable},
      // no change, no path, a time that is none
      {"{at: 9s, set: {balancer.groups.app.servers.b1.weight: 1}}",
       "20: this changes nothing: it is so already"},
      {"{at: 9s, remove: balancer.listeners.web.access}",
       "22: this changes nothing: it is so already"},
      {"{at: 9s, set: {}}", "14: it names no path"},
      {"{at: 9s, remove: []}", "14: it names no path"},
      {"{at: 297s, set: {balancer.groups.app.servers.b1.weight: 0}}",
       "10: it would take effect 5s later, after the end of the run"},
      {"{at: 999s, set: {balancer.groups.app.servers.b1.weight: 0}}",
       "10: after the end of the run"},
      // other fields
      {"{at: 9s, remove: balancer.groups.app.servers.b1, weight: 0}",
       "54: 'weight' goes with 'set_weight'"},
      {"{at: 9s, link_down: c1, set: {balancer.groups.app.servers.b1.weight: 0}}",
       "29: 'set' and 'link_down' exclude each other in timeline entry"},
      {"{at: 9s, zone_down: az1}", "25: the scenario has no zones: 'zones' makes them"},
  };
  for (const auto& [text, expected] : rows) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(refusal(text) == expected); }
  }
}

BOOST_AUTO_TEST_CASE(a_server_comes_back_only_as_the_one_that_left) {
  const std::string text = timeline(
      "  - {at: 30s, remove: balancer.groups.app.servers.b4}\n"
      "  - {at: 60s, set: {balancer.groups.app.servers.b4: {port: 99}}}\n");
  BOOST_TEST(refusal({}, text) ==
             "5: app/b4 was in the group with port 90: it can come back only as that");
}

BOOST_AUTO_TEST_CASE(a_refusal_that_an_earlier_operation_leads_to_stands_at_the_later_one) {
  const std::string text = timeline(
      "  - {at: 30s, remove: balancer.groups.app.servers.b4}\n"
      "  - {at: 60s, set: {balancer.groups.app.servers.b4.weight: 3}}\n");
  BOOST_TEST(refusal({}, text).starts_with("21: unknown path"));
}

BOOST_AUTO_TEST_CASE(a_run_has_at_most_500_operations) {
  std::string items;
  for (std::size_t i = 0; i <= kMostOperations; ++i) {
    items += "  - {at: 9s, set: {balancer.groups.app.servers.b1.weight: " + std::to_string(i % 2) +
             "}}\n";
  }
  BOOST_TEST(refusal({}, timeline(items)) == "5: more than 500 operations in one run");
}

BOOST_AUTO_TEST_CASE(the_work_that_operations_ask_for_is_bounded) {
  std::string items;
  for (int i = 0; i < 6; ++i) {
    items += "  - {at: 9s, set: {'balancer.groups.app.servers.b[1..1000].weight': 3}}\n";
  }
  BOOST_TEST(mentions(errors_of(timeline(items)), "more than 5000 paths of operations in one run"));
  std::string large = with(kExample, "  b[1..4]: ", "  b[1..700]: ");
  large = with(large, "hosts:\n", "networks: {servers: 192.168.0.0/16}\nhosts:\n");
  large = with(large, "servers: {b1: {port: 90}, b2: {port: 90}, b3: {port: 90}, b4: {port: 90}}",
               "servers: {'b[1..700]': {port: 90}}");
  large += "timeline:\n";
  for (int i = 0; i < 490; ++i) {
    large += "  - {at: 9s, set: {balancer.groups.app.servers.b1.weight: " + std::to_string(i % 2) +
             "}}\n";
  }
  BOOST_TEST(mentions(errors_of(large), "490 operations on balancers of"));
}

BOOST_AUTO_TEST_CASE(a_listener_that_switches_its_transfer_is_known_from_the_beginning) {
  const std::string shared = with(kExample, "profile: dedicated", "profile: shared");
  const Scenario s = decoded(
      shared + "timeline:\n  - {at: 9s, set: {balancer.listeners.web.transfer_client_ip: true}}\n");
  BOOST_TEST(s.balancers.front().listeners.front().transfer_switches);
  BOOST_TEST(s.timeline.at(0).operation->trace_name == "update listener");
  BOOST_TEST(!decoded(shared).balancers.front().listeners.front().transfer_switches);
  BOOST_TEST(refusal("{at: 9s, set: {balancer.listeners.web.transfer_client_ip: false}}") ==
             "63: profile dedicated fixes it to true; ip_as_backend makes it void; profiles "
             "shared-2020 and shared allow it (SRC-03)");
}

BOOST_AUTO_TEST_CASE(the_effective_scenario_says_the_same_again) {
  const Scenario s =
      decoded(timeline("  - {at: 30s, set: {'balancer.groups.app.servers.b[1..2].weight': 0}}\n"
                       "  - {at: 40s, remove: balancer.groups.app.servers.b3}\n"));
  const Scenario again = decoded(s.effective_yaml);
  BOOST_REQUIRE_EQUAL(again.timeline.size(), s.timeline.size());
  for (std::size_t i = 0; i < s.timeline.size(); ++i) {
    BOOST_TEST(again.timeline[i].operation->path == s.timeline[i].operation->path);
    BOOST_TEST(again.timeline[i].operation->after == s.timeline[i].operation->after);
  }
}

BOOST_AUTO_TEST_CASE(a_zone_that_goes_down_must_be_one) {
  const std::string zoned = with(
      kExample, "hosts:\n", "zones: {az1: {}, az2: {}}\nlinks: {az1-az2: {delay: 1ms}}\nhosts:\n");
  const Scenario s =
      decoded(zoned + "timeline:\n  - {at: 9s, zone_down: az1}\n  - {at: 10s, zone_up: az1}\n");
  BOOST_TEST((s.timeline.at(0).action == TimelineEntry::Action::zone_down));
  BOOST_TEST(s.timeline.at(1).target == "az1");
  BOOST_TEST(refusal({}, zoned + "timeline:\n  - {at: 9s, zone_down: az3}\n") ==
             "25: there is no zone named 'az3' did you mean 'az1'?");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::language
