// Rules as people write them: what they mean, what is refused and where the caret stands.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "scenarios/language/access_sections.hpp"
#include "scenarios/language/tree_loader.hpp"
#include "scenarios/language/yaml_writer.hpp"

namespace elblab::language {
namespace {

template <typename T>
struct Read {
  T value;
  std::vector<Diagnostic> errors;
  std::string text() const {
    std::string all;
    for (const Diagnostic& error : errors) all += error.to_string() + "\n";
    return all;
  }
};

template <typename T>
Read<T> read(const Section<T>& section, const std::string& text) {
  Read<T> result;
  Diagnostics diagnostics;
  const auto source = std::make_shared<const Source>("f.yaml", text);
  const auto node = load_tree(source, diagnostics);
  if (node) section.read(*node, node->place, diagnostics, result.value);
  result.errors = diagnostics.take();
  return result;
}

// Of a network ACL with this one inbound rule.
std::string error_of(const std::string& rule) {
  const auto result = read(network_acl_section(), "in: [" + rule + "]\n");
  BOOST_TEST(result.errors.size() == 1u);
  return result.text();
}

void expect_error(const std::string& rule, std::string_view message, std::string_view caret_under) {
  const std::string error = error_of(rule);
  BOOST_TEST_CONTEXT(error) {
    BOOST_TEST(error.find(message) != std::string::npos);
    const std::size_t caret = error.rfind("| ");
    const std::string_view below = std::string_view(error).substr(caret + 2);
    const std::string line = "in: [" + rule + "]";
    const std::size_t at = below.find('^');
    const std::size_t length = below.find_last_of('^') + 1 - at;
    BOOST_TEST(line.substr(at, length) == caret_under);
  }
}

std::string written(const config::NetworkAcl& acl) {
  return to_yaml(network_acl_section().write(acl), 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules_in_files)

BOOST_AUTO_TEST_CASE(say_what_passes_from_where_to_where) {
  const auto acl = read(network_acl_section(),
                        "in:\n"
                        "  - {allow: tcp 90, from: 10.0.1.0/24}\n"
                        "  - {deny: udp 53, from: 0.0.0.0/0}\n"
                        "  - {allow: \"tcp 80, 8000-8010\", to: [10.0.1.1, 2001:db8::/32]}\n"
                        "  - {allow: icmp echo_request unreachable}\n"
                        "  - {allow: udp, from_ports: [53, 67-68]}\n"
                        "out: [{allow: all}]\n");
  BOOST_REQUIRE_MESSAGE(acl.errors.empty(), acl.text());
  const auto& in = acl.value.in;
  BOOST_REQUIRE_EQUAL(in.size(), 5u);
  BOOST_TEST(in[0].allow);
  BOOST_TEST((in[0].traffic.protocol == config::RuleProtocol::tcp));
  BOOST_TEST(in[0].traffic.ports.at(0).first == 90);
  BOOST_TEST(in[0].from.at(0).to_string() == "10.0.1.0/24");
  BOOST_TEST(!in[1].allow);
  BOOST_TEST(in[2].traffic.ports.size() == 2u);
  BOOST_TEST(in[2].traffic.ports.at(1).last == 8010);
  BOOST_TEST(in[2].to.size() == 2u);
  BOOST_TEST((in[3].traffic.protocol == config::RuleProtocol::icmp));
  BOOST_TEST((in[3].traffic.messages.at(1) == config::IcmpMessage::unreachable));
  BOOST_TEST(in[4].traffic.ports.empty());
  BOOST_TEST(in[4].from_ports.size() == 2u);
  BOOST_TEST((acl.value.out.at(0).traffic.protocol == config::RuleProtocol::all));
}

BOOST_AUTO_TEST_CASE(are_written_as_they_can_be_read) {
  const char* const text =
      "in:\n"
      "  - {allow: tcp 90, from: [10.0.1.0/24], from_ports: [1024-65535], to: [10.0.2.0/24]}\n"
      "  - {deny: icmp echo_request too_big}\n"
      "out:\n"
      "  - {allow: all}\n";
  const auto once = read(network_acl_section(), text);
  BOOST_REQUIRE_MESSAGE(once.errors.empty(), once.text());
  const std::string form = written(once.value);
  const auto twice = read(network_acl_section(), form);
  BOOST_REQUIRE_MESSAGE(twice.errors.empty(), form + twice.text());
  BOOST_TEST(written(twice.value) == form);
  BOOST_TEST(form.find("from_ports") != std::string::npos);
  BOOST_TEST(form.find("too_big") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(that_mean_nothing_are_refused_where_they_stand) {
  expect_error("{allow: 90}", "'90' has no protocol: write tcp 90 or udp 90", "90");
  expect_error("{allow: tpc 90}", "did you mean 'tcp'?", "tpc");
  expect_error("{allow: sctp 90}", "'sctp' is not one of: all, tcp, udp, icmp", "sctp");
  expect_error("{allow: tcp 90-80}", "port range '90-80' ends before it begins", "90-80");
  expect_error("{allow: tcp 80 70000}", "port 70000 is out of range", "70000");
  expect_error("{allow: tcp 0}", "port 0 is out of range", "0");
  expect_error("{allow: tcp http}", "'http' is not a port", "http");
  expect_error("{allow: all 90}", "'90' behind 'all'", "90");
  expect_error("{allow: icmp 8}", "'8' is not one of: echo_request", "8");
  expect_error("{allow: icmp echo_reqest}", "did you mean 'echo_request'?", "echo_reqest");
  expect_error("{allow: \"udp 53, x\"}", "'x' is not a port", "x");
  expect_error("{allow: [tcp, udp]}", "expected a protocol with ports, such as tcp 80, not a list",
               "[");
  expect_error("{allow: tcp, from: 10.0.1.0/33}", "'10.0.1.0/33' is not a subnet", "10.0.1.0/33");
  expect_error("{allow: tcp, from: []}", "an empty list matches nothing", "[");
  expect_error("{allow: icmp, from_ports: 80}", "only tcp and udp have ports", "from_ports");
  expect_error("{allow: all, from: 10.0.0.0/8, to: \"::/0\"}",
               "no packet goes from IPv4 to IPv6 or back", "to");
  expect_error("{allow: tcp, deny: udp}", "'deny' and 'allow' exclude each other", "deny");
  expect_error("{from: 10.0.0.0/8}", "needs exactly one of: allow, deny", "{");
  expect_error("{allow: tcp, form: 10.0.0.0/8}", "did you mean 'from'?", "form");
  expect_error("{allow: tcp 80,443}", "text with a comma needs quotes inside braces", "443");
  expect_error("{reject: tcp 80}", "rejecting (with RST or ICMP) is not built", "reject");
  expect_error("{drop: tcp 80}", "write 'deny'", "drop");
}

BOOST_AUTO_TEST_CASE(of_a_group_only_allow) {
  const auto group =
      read(security_group_section(), "in: [{allow: tcp 90, from: 10.0.1.0/24}, {allow: icmp}]\n");
  BOOST_REQUIRE_MESSAGE(group.errors.empty(), group.text());
  BOOST_TEST(group.value.in.size() == 2u);
  BOOST_TEST(!group.value.out.has_value());  // everything
  BOOST_TEST(group.value.stateful);
  const auto closed = read(security_group_section(), "{in: [], out: [], stateful: false}\n");
  BOOST_REQUIRE_MESSAGE(closed.errors.empty(), closed.text());
  BOOST_REQUIRE(closed.value.out.has_value());
  BOOST_TEST(closed.value.out->empty());
  BOOST_TEST(!closed.value.stateful);
  for (const char* rule : {"in: [{deny: tcp 90}]", "out: [{drop: all}]", "in: [{reject: all}]"}) {
    const std::string error = read(security_group_section(), rule).text();
    BOOST_TEST(error.find("a security group only allows") != std::string::npos, error);
  }
  const std::string wrong_end =
      read(security_group_section(), "in: [{allow: tcp 90, to: 10.0.1.0/24}]").text();
  BOOST_TEST(wrong_end.find("unknown key 'to' in inbound rule") != std::string::npos, wrong_end);
}

BOOST_AUTO_TEST_CASE(of_a_firewall_drop) {
  const auto firewall =
      read(host_firewall_section(), "{in: [{drop: tcp 90, from: 100.125.0.0/16}]}\n");
  BOOST_REQUIRE_MESSAGE(firewall.errors.empty(), firewall.text());
  BOOST_TEST(!firewall.value.in.at(0).allow);
  const std::string reject = read(host_firewall_section(), "in: [{reject: tcp 90}]").text();
  BOOST_TEST(reject.find("rejecting (with RST or ICMP) is not built") != std::string::npos, reject);
  const std::string deny = read(host_firewall_section(), "in: [{deny: tcp 90}]").text();
  BOOST_TEST(deny.find("a firewall drops: write 'drop'") != std::string::npos, deny);
}

BOOST_AUTO_TEST_CASE(are_bounded_in_number) {
  const auto rules = [](int count) {
    std::string text = "in:\n";
    for (int i = 0; i < count; ++i) text += fmt::format("  - {{allow: tcp {}}}\n", i + 1);
    return read(network_acl_section(), text);
  };
  BOOST_TEST(rules(1000).errors.empty());
  const auto refused = rules(10'000);
  BOOST_REQUIRE_EQUAL(refused.errors.size(), 1u);
  BOOST_TEST(refused.errors[0].line == 1002);
  BOOST_TEST(refused.text().find("10000 rules: a list holds at most 1000") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::language
