// A balancer on its own, and the balancer of a scenario; every mistake at its place.
#include "scenarios/language/balancer_file.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::kExample;
using testing::with;

const std::string kAlone =
    R"(profile: shared
balancer:
  backend_subnet: 10.0.1.0/24
  listeners:
    web: {protocol: tcp, port: 80, group: app}
  groups:
    app: {servers: {"b[1..3]": {address: 10.0.1.11-10.0.1.13, port: 90}, b9: {address: 10.0.1.99, port: 91, weight: 5}}}
)";

config::LoadBalancer balancer_of(const std::string& text,
                                 const std::optional<std::string>& profile = {}) {
  auto loaded = parse_balancer(text, "lb.yaml", profile);
  BOOST_REQUIRE_MESSAGE(loaded.balancers.size() == 1, testing::all(loaded.errors));
  BOOST_TEST(loaded.errors.empty());
  BOOST_TEST(loaded.source_text == text);
  return loaded.balancers.front();
}

std::string answer(const std::string& text, const std::optional<std::string>& profile = {}) {
  const auto loaded = parse_balancer(text, "lb.yaml", profile);
  BOOST_TEST(loaded.balancers.empty());
  const std::string all = testing::all(loaded.errors);
  return all.substr(0, all.find('\n'));
}

BOOST_AUTO_TEST_SUITE(balancer_file)

BOOST_AUTO_TEST_CASE(servers_carry_their_addresses) {
  const auto balancer = balancer_of(kAlone);
  BOOST_TEST(balancer.profile->name == "shared");
  BOOST_REQUIRE_EQUAL(balancer.groups.size(), 1u);
  const auto& servers = balancer.groups[0].servers;
  BOOST_REQUIRE_EQUAL(servers.size(), 4u);
  const std::vector<std::string> expected{"b1 10.0.1.11 90 1", "b2 10.0.1.12 90 1",
                                          "b3 10.0.1.13 90 1", "b9 10.0.1.99 91 5"};
  for (std::size_t i = 0; i < servers.size(); ++i) {
    BOOST_TEST(servers[i].name + " " + servers[i].address.to_string() + " " +
                   std::to_string(servers[i].port) + " " + std::to_string(servers[i].weight) ==
               expected[i]);
  }
  BOOST_TEST((balancer.groups[0].protocol == config::BackendProtocol::tcp));
}

BOOST_AUTO_TEST_CASE(defaults_are_those_of_a_scenario) {
  const auto alone = balancer_of(
      "balancer: {listeners: {web: {protocol: udp, port: 53, group: dns}}, groups: {dns: {servers: "
      "{b1: {address: 192.168.1.1, port: 53}}}}}\n");
  const Scenario scenario = testing::decoded(
      "scenario: X\ntitle: x\nhosts: {c1: {role: client}, b1: {role: server}}\n"
      "balancer: {listeners: {web: {protocol: udp, port: 53, group: dns}}, groups: {dns: {servers: "
      "{b1: {port: 53}}}}}\nworkload: {w: {from: c1, to: web, datagrams: 1/s, for: 5s}}\n");
  BOOST_TEST(alone.address.to_string() == scenario.balancers.front().address.to_string());
  BOOST_TEST(alone.backend_subnet.to_string() == scenario.balancers.front().backend_subnet.to_string());
  BOOST_TEST(alone.profile == scenario.balancers.front().profile);
  BOOST_TEST((alone.groups[0].protocol == scenario.balancers.front().groups[0].protocol));
  BOOST_TEST(alone.groups[0].servers[0].address.to_string() ==
             scenario.balancers.front().groups[0].servers[0].address.to_string());
}

BOOST_AUTO_TEST_CASE(the_address_may_be_public) {
  const auto balancer =
      balancer_of(with(kAlone, "balancer:\n", "balancer:\n  eip: {bandwidth: 5Mbps}\n"));
  BOOST_REQUIRE(balancer.eip.has_value());
  BOOST_TEST(balancer.eip->bits_per_second == 5e6);
}

BOOST_AUTO_TEST_CASE(a_scenario_gives_its_balancer_with_the_assigned_addresses) {
  const auto balancer = balancer_of(kExample);
  const Scenario scenario = testing::decoded(kExample);
  BOOST_REQUIRE_EQUAL(balancer.groups[0].servers.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(balancer.groups[0].servers[i].address.to_string() ==
               scenario.hosts[i + 1].addresses[0].to_string());
  }
}

BOOST_AUTO_TEST_CASE(the_profile_can_be_replaced) {
  BOOST_TEST(balancer_of(kAlone, "dedicated").profile->name == "dedicated");
  BOOST_TEST(balancer_of(kExample, "shared").profile->name == "shared");
  BOOST_TEST(answer(kAlone, "dedicatd") ==
             "--profile: 'dedicatd' is not one of: shared-2020, shared, dedicated did you mean "
             "'dedicated'?");
  // What one profile offers another may lack.
  const std::string range = with(kAlone, "port: 80,", "port: 80-90,");
  balancer_of(range, "dedicated");
  BOOST_TEST(answer(range, "shared-2020").starts_with("lb.yaml:5:32: "));
}

BOOST_AUTO_TEST_CASE(a_name_in_two_groups_is_one_host) {
  const std::string two =
      "balancer:\n  listeners:\n    a: {protocol: tcp, port: 80, group: x}\n"
      "    b: {protocol: tcp, port: 81, group: y}\n  groups:\n"
      "    x: {servers: {b1: {address: 10.0.1.5, port: 90}}}\n"
      "    y: {servers: {b1: {address: 10.0.1.5, port: 91}}}\n";
  BOOST_TEST(balancer_of(two).groups[1].servers[0].port == 91);
  BOOST_TEST(
      answer(with(two, "10.0.1.5, port: 91", "10.0.1.6, port: 91")) ==
      "lb.yaml:7:33: server b1 has the address 10.0.1.5 already: a name stands for one host");
}

BOOST_AUTO_TEST_CASE(each_mistake_is_answered_at_its_place) {
  struct Row {
    std::string from, to, first_line;
  };
  for (const Row& row : std::vector<Row>{
           {"10.0.1.11-10.0.1.13", "10.0.1.11-10.0.1.12",
            "lb.yaml:7:42: 2 addresses for 3 servers: each needs one"},
           {"10.0.1.99", "10.0.1.98-10.0.1.99",
            "lb.yaml:7:88: 2 addresses for 1 server: each needs one"},
           {"10.0.1.99", "4",
            "lb.yaml:7:88: '4' is not an IP address, nor a range or list of them"},
           {"address: 10.0.1.99, ", "",
            "lb.yaml:7:74: addressed server needs 'address': its address; of b[1..4] a range or a "
            "list of four"},
           {"10.0.1.99", "198.51.100.10",
            "lb.yaml:7:88: 198.51.100.10 is the virtual address of a balancer"},
           {"weight: 5", "wieght: 5", "lb.yaml:7:109: unknown key 'wieght' in addressed server"},
           {"weight: 5", "weight: 500", "lb.yaml:7:117: 500 is out of range: allowed are 0 … 100"},
           {"profile: shared", "profil: shared",
            "lb.yaml:1:1: unknown key 'profil' in the balancer file"},
           {"group: app", "group: apq", "lb.yaml:5:43: there is no group named 'apq'"},
           {"  groups:\n", "  groups:\n    idle: {servers: {z: {address: 10.0.1.9, port: 9}}}\n",
            "lb.yaml:7:5: no listener uses group 'idle', and it names no 'protocol'"},
           {"balancer:", "balanser:", "lb.yaml:2:1: unknown key 'balanser' in the balancer file"},
           {"protocol: tcp", "protocol: tcq",
            "lb.yaml:5:21: 'tcq' is not one of: "
            "tcp, udp, http, https, tls"}}) {
    BOOST_TEST_CONTEXT(row.to) {
      BOOST_TEST(answer(with(kAlone, row.from, row.to)) == row.first_line);
    }
  }
  BOOST_TEST(answer("").starts_with("lb.yaml: the file is empty: a balancer file has"));
  BOOST_TEST(
      answer("profile: shared\n") ==
      "lb.yaml:1:1: the balancer file needs exactly one of: balancer, balancers");
  BOOST_TEST(answer("hello").starts_with("lb.yaml:1:1: the balancer file must be a map of"));
  BOOST_TEST(answer(with(kExample, "to: web", "to: wep")) ==
             "lb.yaml:24:25: there is no listener named 'wep'");
  const auto none = load_balancer_file("/nonexistent/lb.yaml");
  BOOST_TEST(testing::all(none.errors) == "/nonexistent/lb.yaml: there is no such file");
}

BOOST_AUTO_TEST_CASE(a_balancer_file_is_told_from_a_scenario) {
  const fs::path folder =
      fs::temp_directory_path() / ("elblab-balancer-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  };
  const fs::path alone = write("lb.yaml", kAlone);
  BOOST_TEST(is_balancer_file(alone));
  BOOST_TEST(is_balancer_file(write("wrong.yaml", with(kAlone, "port: 90", "prt: 90"))));
  BOOST_TEST(!is_balancer_file(write("scenario.yaml", kExample)));
  BOOST_TEST(!is_balancer_file(write("neither.yaml", "a: b\n")));
  BOOST_TEST(!is_balancer_file(folder / "none.yaml"));
  BOOST_TEST(load_balancer_file(alone).balancers.size() == 1);
  BOOST_TEST(testing::all(ScenarioFile::load(alone).errors) ==
             alone.string() +
                 ": this is a balancer file, without hosts and a workload; elblab "
                 "replay takes it with --balancer");
  fs::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(random_changes_are_answered_by_a_balancer_or_located_errors) {
  std::mt19937 random(7);
  std::size_t usable = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string text = kAlone;
    for (unsigned n = 1 + random() % 3; n > 0; --n) {
      const std::size_t at = random() % text.size();
      constexpr std::string_view kSpecial = "{}[]:,-#\"' \n0~";
      if (random() % 2 == 0) {
        text[at] = kSpecial[random() % kSpecial.size()];
      } else {
        text.erase(at, random() % 12);
      }
    }
    const auto loaded = parse_balancer(text, "lb.yaml");
    BOOST_REQUIRE_EQUAL(!loaded.balancers.empty(), loaded.errors.empty());
    for (const Diagnostic& error : loaded.errors) {
      BOOST_REQUIRE(error.to_string().starts_with("lb.yaml:"));
    }
    usable += loaded.balancers.empty() ? 0 : 1;
  }
  BOOST_TEST(usable > 30u);
  BOOST_TEST(usable < 1970u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
