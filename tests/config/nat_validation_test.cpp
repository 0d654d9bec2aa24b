#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>

#include "models/config/validation.hpp"

namespace elblab::config {
namespace {

Nat sample_nat() {
  Nat nat;
  nat.addresses = {net::IpAddress::v4(198, 51, 100, 1), net::IpAddress::v4(198, 51, 100, 2)};
  nat.inside = {*net::Subnet::parse("10.1.0.0/24"), *net::Subnet::parse("10.2.0.7")};
  return nat;
}

struct NatRow {
  const char* field;
  const char* words;  // of the message
  std::function<void(Nat&)> spoil;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(nat_validation)

BOOST_AUTO_TEST_CASE(accepts_a_box_as_it_is_by_default) {
  BOOST_TEST(validate(sample_nat()).empty());
  BOOST_CHECK(sample_nat().timeouts.udp == std::chrono::minutes(5));  // RFC 4787 REQ-5
  BOOST_CHECK(sample_nat().timeouts.tcp_established == std::chrono::minutes(124));
  BOOST_CHECK(effective_quarantine(sample_nat()) == std::chrono::minutes(4));
  Nat nat = sample_nat();
  nat.quarantine = Duration(0);
  BOOST_TEST(validate(nat).empty());
  BOOST_CHECK(effective_quarantine(nat) == Duration(0));
}

BOOST_AUTO_TEST_CASE(names_what_does_not_fit) {
  using std::chrono::hours;
  const NatRow rows[] = {
      {"addresses", "number of outer addresses 0 is outside", [](Nat& n) { n.addresses.clear(); }},
      {"addresses", "NAT66",
       [](Nat& n) { n.addresses[0] = *net::IpAddress::parse("2001:db8::1"); }},
      {"addresses", "198.51.100.1 is there twice", [](Nat& n) { n.addresses[1] = n.addresses[0]; }},
      {"addresses", "224.0.0.1 cannot be",
       [](Nat& n) { n.addresses[0] = net::IpAddress::v4(224, 0, 0, 1); }},
      {"inside", "nothing stands behind", [](Nat& n) { n.inside.clear(); }},
      {"inside", "NAT66", [](Nat& n) { n.inside[0] = *net::Subnet::parse("2001:db8::/64"); }},
      {"inside", "holds the outer address 198.51.100.1",
       [](Nat& n) { n.inside[0] = *net::Subnet::parse("198.51.100.0/24"); }},
      {"inside", "10.1.0.9/32 lies in 10.1.0.0/24",
       [](Nat& n) { n.inside[1] = *net::Subnet::parse("10.1.0.9"); }},
      {"inside", "10.1.0.0/24 lies in 10.1.0.0/24", [](Nat& n) { n.inside[1] = n.inside[0]; }},
      {"ports", "1024-1023",
       [](Nat& n) {
         n.ports = {1024, 1023};
       }},
      {"ports", "0-1023",
       [](Nat& n) {
         n.ports = {0, 1023};
       }},
      {"timeouts.udp", "0 s is outside", [](Nat& n) { n.timeouts.udp = Duration(0); }},
      {"timeouts.tcp_established", "is outside",
       [](Nat& n) { n.timeouts.tcp_established = hours(24 * 365); }},
      {"timeouts.tcp_transitory", "is outside",
       [](Nat& n) { n.timeouts.tcp_transitory = Duration(-1); }},
      {"timeouts.icmp", "is outside", [](Nat& n) { n.timeouts.icmp = Duration(1); }},
      {"quarantine", "is outside", [](Nat& n) { n.quarantine = Duration(-1); }},
      {"session_limit", "session limit 0 is outside", [](Nat& n) { n.session_limit = 0; }},
  };
  for (const NatRow& row : rows) {
    Nat nat = sample_nat();
    row.spoil(nat);
    const std::vector<Problem> problems = validate(nat);
    const bool named = std::any_of(problems.begin(), problems.end(), [&](const Problem& p) {
      return p.field == row.field && p.message.find(row.words) != std::string::npos;
    });
    std::string found;
    for (const Problem& p : problems) found += p.field + ": " + p.message + "; ";
    BOOST_CHECK_MESSAGE(named, "wanted " << row.field << ": " << row.words << ", found " << found);
  }
}

BOOST_AUTO_TEST_CASE(looks_at_thousands_of_inside_hosts_at_once) {
  Nat nat = sample_nat();
  nat.inside.clear();
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    nat.inside.emplace_back(net::IpAddress::v4(0x0A000000 + 2 * i), 32);
  }
  BOOST_TEST(validate(nat).empty());
  nat.inside.emplace_back(net::IpAddress::v4(0x0A000000), 24);
  BOOST_TEST(validate(nat).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::config
