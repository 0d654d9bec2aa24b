// Network ACLs, security groups and firewalls in scenario files: where they come to stand, and each
// mistake at its place.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::all;
using testing::decoded;
using testing::errors_of;
using testing::first_error_of;
using testing::with;

const std::string kFiltered = R"(scenario: SEC-X
title: Filters
sites: {office: {subnets: {lan: {cidr: 172.16.0.0/24, acl: {in: [{allow: all}], out: [{deny: udp}, {allow: all}]}}}}}
links: {core-office: {kind: vpn}}
subnets:
  internet: {cidr: 203.0.113.0/24, public: true}
  web:
    cidr: 192.168.1.0/24
    acl:
      in: [{allow: tcp 90, from: 203.0.113.0/24}]
      out: [{allow: tcp, from_ports: 90}]
security_groups:
  app:   {in: [{allow: tcp 90 8000-8010, from: [203.0.113.0/24, "2001:db8::/32"]}]}
  probe: {in: [{allow: icmp echo_request}], out: [], stateful: false}
hosts:
  c1:      {subnet: internet}
  pc1:     {subnet: office/lan}
  b[1..2]: {subnet: web, security_groups: [app, probe], firewall: {in: [{drop: udp 53}]}}
balancers:
  lb1: {listeners: {web: {protocol: tcp, port: 80, group: app, access: {kind: blacklist, entries: 203.0.113.66}}}, groups: {app: {servers: {"b[1..2]": {port: 90}}}}}
workload:
  load: {from: [c1, pc1], to: web, short_connections: 10/s, for: 10s}
expect:
  all:
    - {measure: blocked_packets(web), equals: 0}
    - {measure: acl_blocked(web), equals: 0}
    - {measure: acl_blocked(office/lan), equals: 0}
    - {measure: security_group_blocked(b1), equals: 0}
    - {measure: firewall_blocked(b2), equals: 0}
)";

struct Refusal {
  std::string from;
  std::string to;
  std::string first_line;  // of the answer, without "x.yaml:"
};

}  // namespace

BOOST_AUTO_TEST_SUITE(filters_in_scenarios)

BOOST_AUTO_TEST_CASE(stand_where_the_file_puts_them) {
  const Scenario s = decoded(kFiltered);
  BOOST_REQUIRE_EQUAL(s.subnets.size(), 3u);
  BOOST_TEST(!s.subnets[0].acl.has_value());
  BOOST_REQUIRE(s.subnets[1].acl.has_value());
  BOOST_REQUIRE_EQUAL(s.subnets[1].acl->in.size(), 1u);
  BOOST_TEST(s.subnets[1].acl->in[0].from.at(0).to_string() == "203.0.113.0/24");
  BOOST_TEST(s.subnets[1].acl->out.at(0).from_ports.at(0).first == 90);
  BOOST_REQUIRE(s.subnets[2].acl.has_value());
  BOOST_TEST(!s.subnets[2].acl->out.at(0).allow);
  BOOST_REQUIRE_EQUAL(s.security_groups.size(), 2u);
  BOOST_TEST(s.security_groups[0].name == "app");
  BOOST_TEST(s.security_groups[0].stateful);
  BOOST_TEST(!s.security_groups[1].stateful);
  BOOST_TEST(s.hosts[0].security_groups.empty());
  for (const std::size_t server : {2U, 3U}) {
    BOOST_TEST((s.hosts[server].security_groups == std::vector<std::string>{"app", "probe"}));
    BOOST_REQUIRE(s.hosts[server].firewall.has_value());
    BOOST_TEST(s.hosts[server].firewall->in.at(0).traffic.ports.at(0).first == 53);
  }
  BOOST_TEST(s.balancers[0].listeners[0].access->entries.at(0).to_string() == "203.0.113.66/32");
}

BOOST_AUTO_TEST_CASE(an_acl_without_rules_is_the_default_that_rejects_everything) {  // ACL-25
  for (const char* empty : {"    acl: {}\n", "    acl:\n"}) {
    const Scenario s = decoded(with(with(with(kFiltered, "    acl:\n", empty),
                                         "      in: [{allow: tcp 90, from: 203.0.113.0/24}]\n", ""),
                                    "      out: [{allow: tcp, from_ports: 90}]\n", ""));
    BOOST_REQUIRE(s.subnets[1].acl.has_value());
    BOOST_TEST(s.subnets[1].acl->in.empty());
    BOOST_TEST(s.subnets[1].acl->out.empty());
  }
}

BOOST_AUTO_TEST_CASE(are_written_out_as_a_file_that_means_the_same) {
  const Scenario s = decoded(kFiltered);
  const Scenario again = decoded(s.effective_yaml);
  BOOST_TEST(again.effective_yaml == s.effective_yaml);
  BOOST_REQUIRE(again.subnets[1].acl.has_value());
  BOOST_TEST(again.subnets[1].acl->in.size() == 1u);
  BOOST_TEST(again.subnets[2].acl->out.size() == 2u);
  BOOST_TEST(again.security_groups[0].in.at(0).from.size() == 2u);
  BOOST_REQUIRE(again.security_groups[1].out.has_value());
  BOOST_TEST(again.security_groups[1].out->empty());
  BOOST_TEST((again.hosts[3].security_groups == s.hosts[3].security_groups));
  BOOST_TEST(again.hosts[3].firewall->in.size() == 1u);
  BOOST_TEST(!again.hosts[0].firewall.has_value());
}

BOOST_AUTO_TEST_CASE(change_from_run_to_run_and_with_set) {
  const std::string text = with(kFiltered, "expect:\n", R"(runs:
  symptom: {set: {"hosts.b[1..2].security_groups": [probe]}}
  remedy:  {set: {"hosts.b[1..2].firewall.in": [{drop: tcp}], subnets.web.acl: null}}
expect:
)");
  const auto loaded = ScenarioFile::parse(
      with(text, "    - {measure: acl_blocked(web), equals: 0}\n", ""), "x.yaml");
  BOOST_REQUIRE_MESSAGE(loaded.file, all(loaded.errors));
  const auto symptom = loaded.file->decode("symptom");
  BOOST_REQUIRE_MESSAGE(symptom.scenario, all(symptom.errors));
  BOOST_TEST((symptom.scenario->hosts[2].security_groups == std::vector<std::string>{"probe"}));
  const auto remedy =
      loaded.file->decode("remedy", {{"security_groups.app.in", "[{allow: tcp 91}]"}});
  BOOST_REQUIRE_MESSAGE(remedy.scenario, all(remedy.errors));
  BOOST_TEST(!remedy.scenario->subnets[1].acl.has_value());
  BOOST_TEST(
      (remedy.scenario->hosts[3].firewall->in.at(0).traffic.protocol == config::RuleProtocol::tcp));
  BOOST_TEST(remedy.scenario->security_groups[0].in.at(0).traffic.ports.at(0).first == 91);
}

BOOST_AUTO_TEST_CASE(answer_each_mistake_at_its_place) {
  const std::vector<Refusal> mistakes{
      {"[app, probe]", "[ap, probe]", "18:44: there is no security group named 'ap'"},
      {"[app, probe]", "[app, probe, app]", "18:56: security group 'app' is named twice"},
      {"[app, probe]", "[]", "18:43: an empty list; left out, the host is not filtered"},
      {"[app, probe]", "[app]", "14:3: no host is in security group 'probe' in any run"},
      {"{subnet: web,", "{subnet: wob,", "18:21: there is no subnet named 'wob'"},
      {"{allow: tcp 90, from: 203.0.113.0/24}", "{allow: tcp 90, from: \"2001:db8::/32\"}",
       "10:34: 2001:db8::/32 is IPv6, and subnet 'web' has IPv4 addresses only: no packet fits"},
      {"{allow: tcp 90, from: 203.0.113.0/24}", "{allow: tcp 90, to: 192.168.2.0/24}",
       "10:32: 192.168.2.0/24 lies outside subnet 'web', 192.168.1.0/24: nothing that enters it "
       "goes "
       "there"},
      {"from_ports: 90}]", "from_ports: 90, from: 10.0.0.0/8}]",
       "11:48: 10.0.0.0/8 lies outside subnet 'web', 192.168.1.0/24: nothing that leaves it comes "
       "from there"},
      {"{drop: udp 53}", "{drop: udp 53, from: \"::/0\"}",
       "18:94: ::/0 is IPv6, and host 'b1' has IPv4 addresses only: no packet fits"},
      {"[203.0.113.0/24, \"2001:db8::/32\"]", "\"2001:db8::/32\"",
       "13:48: 2001:db8::/32 is IPv6, and each host in it has IPv4 addresses only: no packet fits"},
      {"[{deny: udp}, {allow: all}]", "[{deny: udp}, {allow: udp}]",
       "3:100: contradicts rule 1, which fits the same packets and comes first"},
      {"[{deny: udp}, {allow: all}]", "[{deny: udp}, {deny: udp}]",
       "3:100: repeats rule 1, which fits the same packets"},
      {"[{drop: udp 53}]", "[{drop: udp 53 54}, {drop: \"udp 54, 53\"}]",
       "18:92: repeats rule 1, which fits the same packets"},
      {"{subnet: internet}", "{subnet: internet, firewall: {in: [{deny: tcp}]}}",
       "16:48: a firewall drops: write 'drop'"},
      {"firewall_blocked(b2)", "firewall_blocked(c1)",
       "29:17: firewall_blocked belongs to a host with a 'firewall'; there is none named 'c1'"},
      {"acl_blocked(web)", "acl_blocked(internet)",
       "26:17: acl_blocked belongs to a subnet with an 'acl'; there is none named 'internet'"},
  };
  for (const Refusal& mistake : mistakes) {
    BOOST_TEST(first_error_of(with(kFiltered, mistake.from, mistake.to)) ==
               "x.yaml:" + mistake.first_line);
  }
}

BOOST_AUTO_TEST_CASE(show_where_the_offending_word_stands) {
  BOOST_TEST(errors_of(with(kFiltered, "[app, probe]", "[ap, probe]")) ==
                 R"(x.yaml:18:44: there is no security group named 'ap'
   18 |   b[1..2]: {subnet: web, security_groups: [ap, probe], firewall: {in: [{drop: udp 53}]}}
      |                                            ^^ did you mean 'app'?)",
             errors_of(with(kFiltered, "[app, probe]", "[ap, probe]")));
}

// The host of a role gets an address of the same networks, and would stand outside the ACL.
BOOST_AUTO_TEST_CASE(do_not_let_a_host_stand_outside_the_acl_of_its_own_address) {
  BOOST_TEST(
      first_error_of(with(kFiltered, "{subnet: web, security", "{role: server, security")) ==
      "x.yaml:18:3: 192.168.1.1 is an address of subnet 'web', whose network ACL stands before "
      "its own hosts only: write 'subnet: web'");
}

BOOST_AUTO_TEST_CASE(do_not_stand_between_a_subnets_hosts_and_nodes_in_another_zone) {
  const std::string text =
      with(with(kFiltered, "scenario: SEC-X\n", "scenario: SEC-X\nzones: {az1: {}}\n"),
           "lb1: {listeners", "lb1: {address: 192.168.1.200, zones: [az1], listeners");
  BOOST_TEST(first_error_of(text) ==
             "x.yaml:21:3: balancer 'lb1' has an address in subnet 'web', which has an 'acl' and "
             "hosts, and nodes in another zone: an ACL stands between places, not across them");
}

BOOST_AUTO_TEST_CASE(are_bounded_in_number_by_list_and_in_all) {
  const auto rules = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += fmt::format("{{drop: tcp {}}}, ", i + 1);
    return text;
  };
  const std::string one = errors_of(with(kFiltered, "[{drop: udp 53}]", "[" + rules(10'000) + "]"));
  BOOST_TEST(one.find("10000 rules: a list holds at most 1000") != std::string::npos);
  // Of each host.
  std::string many = with(kFiltered, "[{drop: udp 53}]", "[" + rules(999) + "]");
  many = with(many, "  b[1..2]: ", "  b[1..11]: ");
  BOOST_TEST(first_error_of(many) ==
             "x.yaml:18:58: more than 10000 rules in all, those of each host counted");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::language
