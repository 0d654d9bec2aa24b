// A host's `service`: what it listens on, answers over HTTP and denies, and each mistake at its
// place.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using testing::decoded;
using testing::errors_of;
using testing::first_error_of;
using testing::with;

const std::string kService = R"(scenario: SVC-X
title: A service that says what it does
hosts:
  c1: {role: client}
  b1: {role: server, service: {ports: [90, 8080], pages: {/: 200, /health: 503}, host_name: www.example.com, deny: [100.125.0.0/16]}}
  b2: {role: server}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}, dns: {protocol: udp, port: 53, group: names}}
  groups: {app: {servers: {b1: {port: 70}, b2: {port: 70}}}, names: {servers: {b2: {port: 53}}}}
workload:
  load: {from: c1, to: web, short_connections: 10/s, for: 10s}
expect:
  all:
    - {measure: connected(c1), above: 0}
)";

std::string with_service(const std::string& service) {
  return with(kService,
              "{ports: [90, 8080], pages: {/: 200, /health: 503}, host_name: www.example.com, "
              "deny: [100.125.0.0/16]}",
              service);
}

std::vector<std::pair<std::uint16_t, bool>> ports_of(const HostSpec& host) {
  std::vector<std::pair<std::uint16_t, bool>> ports;
  for (const auto& service : host.services) ports.emplace_back(service.port, service.udp);
  return ports;
}
using Ports = std::vector<std::pair<std::uint16_t, bool>>;

struct Mistake {
  std::string service;
  std::string answer;  // without "x.yaml:"
};

}  // namespace

BOOST_AUTO_TEST_SUITE(services)

BOOST_AUTO_TEST_CASE(have_pages_a_host_name_and_sources_that_they_deny) {
  const workload::ServerParameters service = decoded(kService).hosts[1].services.at(0);
  BOOST_REQUIRE_EQUAL(service.pages.size(), 2u);
  BOOST_TEST(service.pages[0].path == "/");
  BOOST_TEST(service.pages[0].status == 200);
  BOOST_TEST(service.pages[1].path == "/health");
  BOOST_TEST(service.pages[1].status == 503);
  BOOST_TEST(service.host_name == "www.example.com");
  BOOST_REQUIRE_EQUAL(service.deny.size(), 1u);
  BOOST_TEST(service.deny[0].to_string() == "100.125.0.0/16");
}

BOOST_AUTO_TEST_CASE(answer_every_path_and_host_and_deny_nobody_by_default) {
  const workload::ServerParameters service = decoded(kService).hosts[2].services.at(0);
  BOOST_TEST(service.pages.empty());
  BOOST_TEST(service.host_name.empty());
  BOOST_TEST(service.deny.empty());
}

BOOST_AUTO_TEST_CASE(listen_on_their_own_ports_instead_of_those_that_groups_name) {
  const Scenario s = decoded(kService);
  BOOST_TEST((ports_of(s.hosts[1]) == Ports{{90, false}, {8080, false}}));
  BOOST_TEST((ports_of(s.hosts[2]) == Ports{{53, true}, {70, false}}));
  // The group keeps its port, which is closed.
  BOOST_TEST(s.balancers[0].groups[0].servers[0].port == 70);
}

BOOST_AUTO_TEST_CASE(listen_on_their_own_ports_over_the_protocols_of_their_groups) {
  const Scenario s =
      decoded(with(kService, "  b2: {role: server}", "  b2: {role: server, service: {ports: 99}}"));
  BOOST_TEST((ports_of(s.hosts[2]) == Ports{{99, false}, {99, true}}));
  const Scenario none = decoded(with_service("{ports: []}"));
  BOOST_TEST(none.hosts[1].services.empty());
}

BOOST_AUTO_TEST_CASE(are_asked_past_the_balancer_at_a_port_of_theirs_or_find_it_closed) {
  for (const std::uint16_t port : {std::uint16_t{8080}, std::uint16_t{70}}) {
    const Scenario s = decoded(with(kService, "to: web", fmt::format("to: b1, port: {}", port)));
    BOOST_TEST(s.workloads[0].parameters.destination.port == port);
    BOOST_TEST((ports_of(s.hosts[1]) == Ports{{90, false}, {8080, false}}));
  }
  const Scenario plain = decoded(with(kService, "to: web", "to: b2, port: 8080"));
  BOOST_TEST((ports_of(plain.hosts[2]) == Ports{{53, true}, {70, false}, {8080, false}}));
}

BOOST_AUTO_TEST_CASE(are_written_out_as_a_file_that_means_the_same) {
  for (const std::string& text : {kService, with_service("{pages: {}, deny: []}"),
                                  with_service("{ports: [], pages: {/a.html: 599}}"),
                                  with_service("{pages: {/a.b/c:d: 204, \"/{x}\": 404}}")}) {
    const Scenario once = decoded(text);
    BOOST_TEST(decoded(once.effective_yaml).effective_yaml == once.effective_yaml);
  }
}

// A path of `set` may name a page, dots and all.
BOOST_AUTO_TEST_CASE(have_pages_that_runs_change) {
  const std::vector<Override> change{{"hosts.b1.service.pages./index.html", "404"},
                                     {"hosts.b1.service.pages./health", "200"}};
  const auto pages = decoded(kService, {}, change).hosts[1].services.at(0).pages;
  BOOST_REQUIRE_EQUAL(pages.size(), 3u);
  BOOST_TEST(pages[1].status == 200);
  BOOST_TEST(pages[2].path == "/index.html");
  BOOST_TEST(pages[2].status == 404);
}

BOOST_AUTO_TEST_CASE(answer_each_mistake_at_its_place) {
  const std::vector<Mistake> mistakes{
      {"{pages: {/: 99}}", "5:43: 99 is out of range: allowed are 100 … 599"},
      {"{pages: {/: 600}}", "5:43: 600 is out of range: allowed are 100 … 599"},
      {"{pages: {/: \"200\"}}", "5:43: expected whole number 100 … 599, not text in quotes"},
      {"{pages: {/: }}", "5:40: '/' needs a status: whole number 100 … 599"},
      {"{pages: {health: 200}}",
       "5:40: 'health' is not a path: it begins with '/' and holds no blank, '?' or '#'"},
      {"{pages: {\"/a?b\": 200}}",
       "5:40: '/a?b' is not a path: it begins with '/' and holds no blank, '?' or '#'"},
      {"{pages: {/: 200, /: 404}}", "5:48: key '/' stands here a second time"},
      {"{pages: [/]}", "5:39: expected a map of paths to status codes, not a list"},
      {"{pages: 200}", "5:39: expected a map of paths to status codes, not a single value"},
      {"{host_name: \"www.example.com:90\"}",
       "5:43: 'www.example.com:90' is not the name of a host: letters, digits, '-', '_' and '.', "
       "without a port"},
      {"{ports: [90, 0]}", "5:44: 0 is out of range: allowed are 1 … 65535"},
      {"{ports: 90-92}", "5:39: '90-92' is not a whole number"},
      {"{deny: [100.125.0.0/33]}",
       "5:39: '100.125.0.0/33' is not a subnet; write an address and a prefix length, 10.0.1.0/24"},
      {"{page: {/: 200}}", "5:32: unknown key 'page' in service"},
  };
  for (const Mistake& mistake : mistakes) {
    BOOST_TEST(first_error_of(with_service(mistake.service)) == "x.yaml:" + mistake.answer);
  }
}

BOOST_AUTO_TEST_CASE(mark_a_wrong_status_with_a_caret) {
  const std::string errors = errors_of(with_service("{pages: {/health: 1000}}"));
  const std::string marked = "/health: 1000}}}\n";
  BOOST_TEST(errors.find(marked) != std::string::npos, errors);
  BOOST_TEST(errors.find("^^^^") != std::string::npos, errors);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::language
