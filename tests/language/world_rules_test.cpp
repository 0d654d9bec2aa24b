// What a world does not have is told when the file is loaded, at its line, with the world's name.
#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::with;

const std::string kPlain = R"(scenario: W-1
title: Worlds
hosts:
  c1: {role: client}
  b1: {role: server}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 90}}}}
workload:
  w: {from: c1, to: web, short_connections: 10/s, for: 2s}
)";

std::string first_error(const std::string& text) {
  const std::string errors = testing::errors_of(text);
  return errors.substr(0, errors.find('\n'));
}

BOOST_AUTO_TEST_SUITE(world_rules)

BOOST_AUTO_TEST_CASE(what_ns3_does_not_have_is_refused_at_its_line) {
  const std::string client = "c1: {role: client}";
  const std::string udp = with(kPlain, "protocol: tcp", "protocol: udp");
  const std::string datagrams = with(udp, "short_connections: 10/s", "datagrams: 10/s");
  BOOST_TEST(
      first_error(with(kPlain, client, "c1: {role: client, stack: ns3, link: {kind: pooled}}")) ==
      "x.yaml:4:47: host c1 cannot be simulated: the TCP of ns-3 needs a link of kind "
      "point_to_point or csma, not pooled");
  BOOST_TEST(first_error(with(kPlain, client, "c1: {role: client, stack: ns3, addresses: 2}")) ==
             "x.yaml:4:45: host c1 cannot be simulated: the TCP of ns-3 has one IPv4 address");
  BOOST_TEST(first_error(with(datagrams, "b1: {role: server}", "b1: {role: server, stack: ns3}")) ==
             "x.yaml:5:29: host b1 cannot be simulated: the TCP of ns-3 serves no UDP; use stack: "
             "model");
  BOOST_TEST(first_error(with(datagrams, client, "c1: {role: client, stack: ns3}")) ==
             "x.yaml:10:13: host c1 cannot be simulated with this load: the TCP of ns-3 sends no "
             "datagrams; use stack: model");
  const std::string many =
      with(kPlain, "short_connections: 10/s", "persistent: 16385, requests: 9/s");
  BOOST_TEST(first_error(with(many, client, "c1: {role: client, stack: ns3}")) ==
             "x.yaml:10:38: host c1 cannot be simulated with this load: the TCP of ns-3 has 16384 "
             "ports, and its share of the connections is 16385; use more hosts or stack: model");
  BOOST_TEST(testing::errors_of(many) == "");
}

BOOST_AUTO_TEST_CASE(what_only_a_simulation_has_is_told_of_a_file_without_a_live_section) {
  for (const auto& [to, told] : std::vector<std::pair<std::string, std::string>>{
           {"c1: {role: client}", ""},
           {"c1: {role: client, stack: ns3}",
            "4:29: host c1 cannot be run live: its TCP is that of ns-3; set hosts.c1.stack: model "
            "in "
            "the live section"},
           {"c1: {role: client, time_wait: 5s}",
            "4:33: host c1 cannot be run live: a kernel keeps TIME_WAIT for 60 s; set "
            "hosts.c1.time_wait: 60s in the live section, and scale "
            "net.ipv4.ip_local_port_range instead"}}) {
    const auto loaded = ScenarioFile::parse(with(kPlain, "c1: {role: client}", to), "x.yaml");
    BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
    const auto decoded = loaded.file->decode("run");
    BOOST_REQUIRE(decoded.scenario.has_value());
    const std::string all = testing::all(decoded.live_errors);
    BOOST_TEST(all.substr(0, all.find('\n')) == (told.empty() ? "" : "x.yaml:" + told));
  }
}

BOOST_AUTO_TEST_CASE(a_run_shorter_than_a_sample_is_told_where_its_length_is_said) {
  const std::string what =
      "the run lasts 500ms, which is shorter than one sample of 1s; write sample_interval: 50ms";
  BOOST_TEST(first_error(with(kPlain, "for: 2s", "for: 500ms")) == "x.yaml:10:56: " + what);
  BOOST_TEST(first_error(with(kPlain, "title: Worlds", "title: Worlds\nduration: 500ms")) ==
             "x.yaml:3:11: " + what);
  BOOST_TEST(first_error(with(kPlain, "title: Worlds",
                              "title: Worlds\nduration: 500ms\nsample_interval: 1s")) ==
             "x.yaml:4:18: " + what);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
