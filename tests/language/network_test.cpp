// Several balancers, zones, sites and subnets: what they become, and each mistake at its place.
#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::decoded;
using testing::first_error_of;
using testing::with;

const std::string kNetwork = R"(scenario: NET-X
title: A network
zones: {az1: {}, az2: {}}
sites: {office: {subnets: {lan: {cidr: 172.16.0.0/24}}}}
links:
  az1-az2:    {rate: 10Gbps, delay: 1ms}
  az1-office: {kind: vpn, rate: 100Mbps, delay: 10ms}
subnets:
  internet: {cidr: 203.0.113.0/24, public: true}
  web1:     {cidr: 192.168.1.0/24, zone: az1}
  web2:     {cidr: 192.168.2.0/24, zone: az2}
hosts:
  c1:  {subnet: internet}
  pc1: {subnet: office/lan}
  b1:  {subnet: web1}
  s1:  {subnet: web2, addresses: 192.168.2.7}
balancers:
  lb1: {zones: [az1, az2], nodes: {lvs: 2}, listeners: {web: {protocol: tcp, port: 80, group: app}}, groups: {app: {servers: {b1: {port: 90}, s1: {port: 90}}}}}
  lb2: {profile: shared, listeners: {web: {protocol: tcp, port: 80, group: app}}, groups: {app: {servers: {b1: {port: 90}}}}}
workload:
  load:   {from: [c1, pc1], to: lb1/web, short_connections: 10/s, for: 10s}
  direct: {from: pc1, to: b1, port: 90, short_connections: 1/s, for: 10s}
expect:
  all:
    - {measure: scheduled(lb2/app/b1), equals: 0}
)";

struct Mistake {
  std::string from;
  std::string to;
  std::string first_line;  // of the answer, without "x.yaml:"
};

}  // namespace

BOOST_AUTO_TEST_SUITE(networks)

BOOST_AUTO_TEST_CASE(have_a_place_for_each_zone_and_site_and_one_between) {
  const Scenario s = decoded(kNetwork);
  BOOST_REQUIRE_EQUAL(s.places.size(), 4u);
  BOOST_TEST(s.places[0].name == "core");
  BOOST_TEST(s.places[1].name == "az1");
  BOOST_TEST(s.places[3].name == "office");
  // The two of the file, and the core beside each zone; a site is reached by its own link alone.
  BOOST_REQUIRE_EQUAL(s.place_links.size(), 4u);
  BOOST_TEST(s.place_links[1].mtu_bytes == 1400u);
  BOOST_TEST(s.place_links[0].mtu_bytes == 1500u);
  BOOST_TEST((s.place_links[2].kind == PlaceLinkSpec::Kind::inner));
  BOOST_TEST(s.hosts[0].place == 0u);
  BOOST_TEST(s.hosts[1].place == 3u);
  BOOST_TEST(s.hosts[1].addresses[0].to_string() == "172.16.0.1");
  BOOST_TEST(s.hosts[3].addresses[0].to_string() == "192.168.2.7");
  BOOST_TEST((s.balancers[0].node_places == std::vector<std::uint16_t>{1, 2}));
  BOOST_TEST(s.balancers[0].groups[0].servers[1].place == 2u);
}

BOOST_AUTO_TEST_CASE(give_balancers_addresses_and_sources_that_differ) {
  const Scenario s = decoded(kNetwork);
  BOOST_TEST(s.balancers[0].address.to_string() == "198.51.100.10");
  BOOST_TEST(s.balancers[1].address.to_string() == "198.51.100.11");
  BOOST_TEST(s.balancers[1].profile->name == "shared");
  const Scenario both = decoded(with(kNetwork, "{profile: shared, listeners", "{listeners"));
  const auto one = config::source_addresses(both.balancers[0]);
  const auto other = config::source_addresses(both.balancers[1]);
  BOOST_REQUIRE_EQUAL(one.size(), 4u);
  BOOST_REQUIRE_EQUAL(other.size(), 4u);
  for (const auto& address : one) {
    BOOST_TEST(std::count(other.begin(), other.end(), address) == 0);
  }
}

BOOST_AUTO_TEST_CASE(let_a_workload_ask_a_host_past_every_balancer) {
  const Scenario s = decoded(kNetwork);
  BOOST_TEST(s.workloads[1].host == "b1");
  BOOST_TEST((s.workloads[1].parameters.destination == net::Endpoint{s.hosts[2].addresses[0], 90}));
  BOOST_REQUIRE_EQUAL(s.hosts[2].services.size(), 1u);  // as the groups name it too
}

BOOST_AUTO_TEST_CASE(are_written_out_as_a_file_that_means_the_same) {
  const Scenario s = decoded(kNetwork);
  const Scenario again = decoded(s.effective_yaml);
  BOOST_TEST(again.effective_yaml == s.effective_yaml);
  BOOST_TEST(again.places.size() == s.places.size());
  BOOST_TEST((again.balancers[1].address == s.balancers[1].address));
  BOOST_TEST((again.hosts[1].addresses == s.hosts[1].addresses));
}

BOOST_AUTO_TEST_CASE(answer_each_mistake_at_its_place) {
  const std::vector<Mistake> mistakes{
      {"192.168.2.0/24", "192.168.1.128/25",
       "11:20: 192.168.1.128/25 overlaps subnet 'web1', 192.168.1.0/24"},
      {"addresses: 192.168.2.7", "addresses: 192.168.1.7",
       "16:34: 192.168.1.7 is outside subnet 'web2': allowed is 192.168.2.0/24"},
      {"az1-az2: ", "az1-az3: ",
       "6:3: link 'az1-az3' leads nowhere: name it after the two that it joins, such as az1-az2, "
       "or "
       "say 'between'"},
      {"  az1-office: {kind: vpn, rate: 100Mbps, delay: 10ms}\n", "",
       "4:9: no link leads to site 'office'"},
      {"{rate: 10Gbps, delay: 1ms}", "{between: [az1, az1]}", "6:3: joins a place with itself"},
      {"{rate: 10Gbps, delay: 1ms}", "{between: [az1]}",
       "6:25: a link joins two places: [az1, office]"},
      {"zone: az2", "zone: az9", "11:42: there is no zone named 'az9'"},
      {"subnet: internet", "subnet: internat", "13:17: there is no subnet named 'internat'"},
      {"{subnet: web1}", "{}", "15:3: host 'b1' needs a 'subnet', or a 'role'"},
      {"zones: [az1, az2], nodes", "zones: [az1, office], nodes",
       "18:16: there is no zone named 'office'"},
      {"nodes: {lvs: 2}", "nodes: {lvs: 3}",
       "18:28: 3 nodes cannot be shared out evenly over 2 zones"},
      {"to: lb1/web", "to: web",
       "21:33: several balancers have a listener 'web': write one of lb1/web, lb2/web"},
      {"to: b1, port: 90", "to: b1",
       "22:27: 'b1' is a host: say with 'port' which of its ports is meant"},
      {"scheduled(lb2/app/b1)", "scheduled(lb3/app/b1)",
       "25:17: scheduled belongs to a server of a group (group/server); there is none named "
       "'lb3/app/b1'"},
      {"az2: {}}", "az1: {}}", "3:18: key 'az1' stands here a second time"},
  };
  for (const Mistake& mistake : mistakes) {
    BOOST_TEST(first_error_of(with(kNetwork, mistake.from, mistake.to)) ==
               "x.yaml:" + mistake.first_line);
  }
}

BOOST_AUTO_TEST_CASE(refuse_two_balancers_with_one_address) {
  const std::string text =
      with(with(kNetwork, "lb1: {zones", "lb1: {address: 198.51.100.20, zones"),
           "{profile: shared, listeners", "{profile: shared, address: 198.51.100.20, listeners");
  BOOST_TEST(first_error_of(text) ==
             "x.yaml:19:35: 198.51.100.20 is the virtual address of balancer 'lb1' already");
}

BOOST_AUTO_TEST_CASE(cannot_say_both_balancer_and_balancers) {
  const std::string text = with(
      kNetwork, "workload:\n",
      "balancer: {listeners: {web: {protocol: tcp, port: 80, group: app}}, groups: {app: {servers: "
      "{b1: {port: 90}}}}}\nworkload:\n");
  BOOST_TEST(first_error_of(text) ==
             "x.yaml:17:1: 'balancers' and 'balancer' exclude each other in the scenario");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::language
