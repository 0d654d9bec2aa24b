// Which client addresses planned runs get, and which of them may go on side by side.
#include "cli/runs/run_plan.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "cli/runs/address_conflicts.hpp"
#include "cli/runs/client_networks.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::cli {
namespace {

using net::IpAddress;

// A scenario with one run and this client.
std::string scenario_with(const std::string& id, const std::string& client,
                          const std::string& more = {}) {
  return "scenario: " + id + R"(
title: x
hosts:
  c1: {role: client, link: {kind: pooled}, )" +
         client + R"(}
  b1: {role: server, link: {kind: pooled}}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 90}}}}
)" + more +
         R"(workload:
  load: {from: c1, to: web, short_connections: 10/s, for: 1s}
)";
}

struct Planned {
  explicit Planned(const std::vector<std::string>& texts, PlanOptions options = live()) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      options.what.push_back(folder.write(std::to_string(i) + ".elb.yaml", texts[i]));
    }
    const auto errors = make_plan(ScenarioLibrary::of_this_process(), options, plan);
    BOOST_REQUIRE_MESSAGE(errors.empty(), (errors.empty() ? "" : errors.front()));
  }
  static PlanOptions live() {
    PlanOptions options;
    options.worlds = {World::live};
    return options;
  }

  std::vector<IpAddress> clients(std::size_t job) const {
    return client_addresses(plan.scenario_of(plan.jobs[job]));
  }
  bool conflict(std::size_t a, std::size_t b) const { return AddressConflicts(plan).between(a, b); }
  bool conflict() const {
    for (std::size_t a = 0; a < plan.jobs.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        if (conflict(a, b)) return true;
      }
    }
    return false;
  }

  elblab::test::ScenarioFolder folder;
  RunPlan plan;
};

bool share_addresses(const Planned& planned, std::size_t a, std::size_t b) {
  const auto one = planned.clients(a);
  const auto other = planned.clients(b);
  return std::find_first_of(one.begin(), one.end(), other.begin(), other.end()) != one.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run_plan)

BOOST_AUTO_TEST_CASE(live_runs_get_client_networks_of_their_own) {
  const Planned planned({scenario_with("A", "addresses: 2"), scenario_with("B", "addresses: 2"),
                         scenario_with("C", "addresses: 2")});
  BOOST_TEST((planned.clients(0).front() == IpAddress::v4(203, 0, 113, 1)));
  BOOST_TEST((planned.clients(1).front() == IpAddress::v4(198, 18, 1, 1)));
  BOOST_TEST((planned.clients(2).front() == IpAddress::v4(198, 18, 2, 1)));
  BOOST_TEST(!planned.conflict());
  BOOST_TEST(planned.plan.notes.empty());
}

BOOST_AUTO_TEST_CASE(a_run_that_needs_more_than_a_slash_24_gets_a_larger_network) {
  const Planned planned({scenario_with("A", "addresses: 300"), scenario_with("B", "addresses: 2"),
                         scenario_with("C", "addresses: 3000"),
                         scenario_with("D", "addresses: 300"), scenario_with("E", "addresses: 1")});
  for (std::size_t a = 0; a < 5; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      BOOST_TEST_CONTEXT("runs " << b << " and " << a) {
        BOOST_TEST(!share_addresses(planned, a, b));
        BOOST_TEST(!planned.conflict(a, b));
      }
    }
  }
  BOOST_TEST(planned.clients(2).size() == 3000);
}

BOOST_AUTO_TEST_CASE(ipv6_clients_have_networks_of_their_own_too) {
  const auto v6 = [](const std::string& id) {
    std::string text =
        scenario_with(id, "addresses: 1", "networks: {clients: [2001:db8:1::/64]}\n");
    const std::string plain = "balancer:\n";
    return text.replace(text.find(plain), plain.size(), plain + "  address_v6: 2001:db8:3::10\n");
  };
  const Planned planned({v6("A"), v6("B"), v6("C")});
  for (std::size_t job = 0; job < 3; ++job) BOOST_TEST(!planned.clients(job).front().is_v4());
  BOOST_TEST(!planned.conflict());
}

BOOST_AUTO_TEST_CASE(runs_that_name_the_same_addresses_are_not_side_by_side) {
  const std::string named = "addresses: [203.0.113.7, 203.0.113.9]";
  const Planned planned({scenario_with("A", named), scenario_with("B", "addresses: 1"),
                         scenario_with("C", "addresses: [203.0.113.9]"),
                         scenario_with("D", "addresses: [203.0.113.8]")});
  BOOST_TEST(planned.clients(2).size() == 1);
  BOOST_TEST((planned.clients(2).front() == IpAddress::v4(203, 0, 113, 9)));
  BOOST_TEST(planned.conflict(0, 2));
  BOOST_TEST(planned.conflict(2, 0));
  BOOST_TEST(!planned.conflict(0, 1));
  BOOST_TEST(!planned.conflict(0, 3));
  BOOST_TEST(!planned.conflict(2, 3));
  BOOST_REQUIRE_EQUAL(planned.plan.notes.size(), 1);
  BOOST_TEST(
      planned.plan.notes.front() ==
      "A run and C run have client addresses in common: live, they are not run side by side");
}

// Rules about who may pass would meet other clients.
BOOST_AUTO_TEST_CASE(clients_keep_their_addresses_where_rules_name_some) {
  const auto ruled = [](const std::string& id) {
    return scenario_with(id, "addresses: 1, security_groups: [g]",
                         "security_groups: {g: {in: [{allow: tcp, from: 203.0.113.0/24}]}}\n");
  };
  const Planned planned({scenario_with("A", "addresses: 1"), ruled("B"), ruled("C")});
  for (std::size_t job = 0; job < 3; ++job) {
    BOOST_TEST((planned.clients(job).front() == IpAddress::v4(203, 0, 113, 1)));
  }
  BOOST_TEST(planned.conflict(1, 2));
  BOOST_TEST(planned.conflict(0, 1));
}

BOOST_AUTO_TEST_CASE(a_network_that_an_earlier_run_names_is_given_to_nobody_else) {
  const Planned planned({scenario_with("A", "addresses: [198.18.1.7]"),
                         scenario_with("B", "addresses: 1"), scenario_with("C", "addresses: 1")});
  BOOST_TEST((planned.clients(1).front() == IpAddress::v4(198, 18, 2, 1)));
  BOOST_TEST(!planned.conflict());
}

BOOST_AUTO_TEST_CASE(seeds_and_repetitions_of_a_run_are_not_side_by_side) {
  PlanOptions options = Planned::live();
  options.seeds = 2;
  options.repeat = 2;
  const Planned planned({scenario_with("A", "addresses: 1"), scenario_with("B", "addresses: 1")},
                        options);
  BOOST_REQUIRE_EQUAL(planned.plan.jobs.size(), 8);
  for (std::size_t a = 0; a < 8; ++a) {
    for (std::size_t b = 0; b < a; ++b) BOOST_TEST(planned.conflict(a, b) == (a / 4 == b / 4));
  }
  BOOST_TEST(planned.plan.notes.empty());  // that is as asked for
}

BOOST_AUTO_TEST_CASE(networks_that_the_user_sets_are_kept_and_seen) {
  PlanOptions options = Planned::live();
  options.overrides = {{"networks.clients", "[192.0.2.0/24]"}};
  const Planned planned({scenario_with("A", "addresses: 1"), scenario_with("B", "addresses: 1")},
                        options);
  BOOST_TEST((planned.clients(1).front() == IpAddress::v4(192, 0, 2, 1)));
  BOOST_TEST(planned.conflict(0, 1));
}

BOOST_AUTO_TEST_CASE(simulations_keep_their_addresses_and_never_wait) {
  PlanOptions options;
  options.seeds = 2;
  const Planned planned({scenario_with("A", "addresses: 1"), scenario_with("B", "addresses: 1")},
                        options);
  BOOST_TEST(share_addresses(planned, 0, 2));
  BOOST_TEST(!planned.conflict());
}

BOOST_AUTO_TEST_CASE(networks_are_disjoint_until_none_is_left) {
  ClientNetworks networks;
  std::vector<net::Subnet> taken;
  for (const std::size_t addresses : {1U, 254U, 255U, 1000U, 20'000U, 1U, 30'000U, 1U, 30'000U}) {
    const auto own = networks.take(addresses);
    if (!own) break;
    BOOST_TEST(own->front().size() >= addresses + 2);
    for (const net::Subnet& subnet : *own) {
      for (const net::Subnet& other : taken) {
        BOOST_TEST(!other.contains(subnet.base()));
        BOOST_TEST(!subnet.contains(other.base()));
      }
    }
    taken.insert(taken.end(), own->begin(), own->end());
  }
  BOOST_TEST(taken.size() >= 14);
  BOOST_TEST(!networks.take(70'000));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::cli
