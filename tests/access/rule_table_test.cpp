#include "models/access/rule_table.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/access/reference_rules.hpp"
#include "tests/access/scene.hpp"

namespace elblab::access {
namespace {

std::optional<std::uint32_t> match(const std::vector<config::PacketRule>& rules,
                                   const Packet& packet) {
  return RuleTable(rules).first_match(PacketTraits::of(packet));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rule_table)

BOOST_AUTO_TEST_CASE(finds_the_first_of_several_rules_that_match) {
  const std::vector<config::PacketRule> rules{deny("tcp 22"),
                                              allow("tcp 20-30").from("10.0.0.0/8"),
                                              allow("udp 53"),
                                              deny("all").from("10.0.1.0/24"),
                                              allow("icmp echo_request"),
                                              allow("tcp")};
  const net::Endpoint inside = at("10.0.1.9", 5000);
  const net::Endpoint outside = at("192.0.2.9", 5000);
  BOOST_TEST(*match(rules, tcp(inside, at("10.0.2.1", 22))) == 0u);
  BOOST_TEST(*match(rules, tcp(inside, at("10.0.2.1", 30))) == 1u);
  BOOST_TEST(*match(rules, tcp(outside, at("10.0.2.1", 30))) == 5u);
  BOOST_TEST(*match(rules, udp(inside, at("10.0.2.1", 53))) == 2u);
  BOOST_TEST(*match(rules, udp(inside, at("10.0.2.1", 54))) == 3u);
  BOOST_TEST(!match(rules, udp(outside, at("10.0.2.1", 54))).has_value());
  BOOST_TEST(*match(rules, ping(outside.address, ip("10.0.2.1"), 1)) == 4u);
  BOOST_TEST(!match(rules, pong(outside.address, ip("10.0.2.1"), 1)).has_value());
}

BOOST_AUTO_TEST_CASE(of_no_rules_matches_nothing) {
  BOOST_TEST(!match({}, tcp(at("10.0.0.1", 1), at("10.0.0.2", 2))).has_value());
}

BOOST_AUTO_TEST_CASE(keeps_the_ip_versions_apart) {
  const std::vector<config::PacketRule> rules{allow("all").from("0.0.0.0/0"),
                                              allow("all").from("::/0")};
  BOOST_TEST(*match(rules, tcp(at("10.0.0.1", 1), at("10.0.0.2", 2))) == 0u);
  BOOST_TEST(*match(rules, tcp(at("2001:db8::1", 1), at("2001:db8::2", 2))) == 1u);
  BOOST_TEST(*match(rules, tcp(at("::1:0:0:0", 1), at("2001:db8::2", 2))) == 1u);
  BOOST_TEST(
      !match({allow("all").from("::/0")}, tcp(at("10.0.0.1", 1), at("10.0.0.2", 2))).has_value());
}

BOOST_AUTO_TEST_CASE(tells_messages_of_both_versions_of_icmp_apart) {
  const std::vector<config::PacketRule> rules{allow("icmp unreachable")};
  const net::IpAddress a = ip("10.0.0.1");
  const net::IpAddress b = ip("10.0.0.2");
  BOOST_TEST(match(rules, icmp(a, b, 3, 3)).has_value());
  BOOST_TEST(!match(rules, icmp(a, b, 3, 4)).has_value());  // fragmentation needed
  BOOST_TEST(!match(rules, icmp(a, b, 1, 4)).has_value());  // a number of ICMPv6
  BOOST_TEST(match(rules, icmp(ip("2001:db8::1"), ip("2001:db8::2"), 1, 4)).has_value());
  BOOST_TEST(!match(rules, icmp(ip("2001:db8::1"), ip("2001:db8::2"), 3, 0)).has_value());
}

BOOST_AUTO_TEST_CASE(agrees_with_a_look_at_every_rule) {
  random::Stream random(1, "rules");
  for (const std::size_t count : {1u, 2u, 7u, 63u, 64u, 65u, 130u, 500u}) {
    for (int trial = 0; trial < 12; ++trial) {
      std::vector<config::PacketRule> rules;
      for (std::size_t i = 0; i < count; ++i) rules.push_back(random_rule(random));
      const RuleTable table(rules);
      for (int i = 0; i < 400; ++i) {
        const Packet packet = random_packet(random);
        const auto expected = first_match_by_scan(rules, packet);
        const auto found = table.first_match(PacketTraits::of(packet));
        BOOST_REQUIRE_MESSAGE(found == expected, packet.view().flow().to_string()
                                                     << ", " << count << " rules: found "
                                                     << (found ? int(*found) : -1) << ", not "
                                                     << (expected ? int(*expected) : -1));
      }
    }
  }
}

// More rules than one word of the summary stands for, and most of them match nothing: the match
// lies far behind.
BOOST_AUTO_TEST_CASE(agrees_with_a_look_at_every_one_of_ten_thousand_rules) {
  random::Stream random(2, "rules");
  std::vector<config::PacketRule> rules;
  const auto address = [&] {
    return net::IpAddress::v4(static_cast<std::uint32_t>(0x0A000000 + random.below(1 << 16)));
  };
  for (int i = 0; i < 10'000; ++i) {
    config::PacketRule rule;
    rule.traffic.protocol =
        random.chance(0.5) ? config::RuleProtocol::tcp : config::RuleProtocol::udp;
    const auto port = static_cast<std::uint16_t>(1 + random.below(2000));
    rule.traffic.ports.push_back({port, static_cast<std::uint16_t>(port + random.below(20))});
    rule.from.push_back({address(), static_cast<unsigned>(22 + random.below(11))});
    if (random.chance(0.5)) {
      rule.to.push_back({address(), static_cast<unsigned>(20 + random.below(13))});
    }
    rules.push_back(rule);
  }
  const RuleTable table(rules);
  BOOST_TEST(table.memory_bytes() < 100'000'000u);
  std::size_t far_behind = 0;
  std::size_t unmatched = 0;
  for (int i = 0; i < 3000; ++i) {
    const net::Endpoint from{address(), static_cast<std::uint16_t>(random.below(65536))};
    const net::Endpoint to{address(), static_cast<std::uint16_t>(random.below(2100))};
    const Packet packet = random.chance(0.5) ? tcp(from, to) : udp(from, to);
    const auto expected = first_match_by_scan(rules, packet);
    BOOST_REQUIRE(table.first_match(PacketTraits::of(packet)) == expected);
    if (!expected) ++unmatched;
    if (expected && *expected > 4096) ++far_behind;
  }
  BOOST_TEST(far_behind > 20u);
  BOOST_TEST(unmatched > 20u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::access
