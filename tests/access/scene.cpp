#include "tests/access/scene.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <utility>

#include "models/net/packet_builder.hpp"

namespace elblab::access {
namespace {

using config::IcmpMessage;
using config::PacketRule;
using config::PortRange;
using config::RuleProtocol;

std::uint16_t number(std::string_view text) {
  std::uint16_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr std::array kV4Prefixes{0U, 8U, 24U, 25U, 30U, 31U, 32U};
constexpr std::array kV6Prefixes{0U, 16U, 64U, 90U, 95U, 96U, 112U, 127U, 128U};

net::IpAddress random_address(random::Stream& random, bool v4) {
  if (v4) {
    const auto host = static_cast<std::uint32_t>(random.below(8));
    return net::IpAddress::v4((random.chance(0.7) ? 0x0A000000 : 0xC0A80100) + host);
  }
  // Near the addresses that stand for IPv4 inside the program, too.
  const std::string_view bases[] = {"2001:db8::", "::", "::fffe:0:0", "::1:0:0:0", "ff00::"};
  return ip(bases[random.below(std::size(bases))]).plus(random.below(8));
}

net::Subnet random_subnet(random::Stream& random) {
  const bool v4 = random.chance(0.6);
  const unsigned length = v4 ? kV4Prefixes[random.below(kV4Prefixes.size())]
                             : kV6Prefixes[random.below(kV6Prefixes.size())];
  return {random_address(random, v4), length};
}

PortRange random_ports(random::Stream& random) {
  if (random.chance(0.1)) return {65535, 65535};
  const auto first = static_cast<std::uint16_t>(1 + random.below(12));
  return {first, static_cast<std::uint16_t>(first + random.below(4))};
}

template <typename Draw>
auto some(random::Stream& random, Draw&& draw) {
  std::vector<decltype(draw())> drawn;
  for (std::uint64_t i = random.below(3); i > 0; --i) drawn.push_back(draw());
  return drawn;
}

IcmpMessage message_named(std::string_view word) {
  if (word == "echo_request") return IcmpMessage::echo_request;
  if (word == "echo_reply") return IcmpMessage::echo_reply;
  BOOST_REQUIRE(word == "unreachable");
  return IcmpMessage::unreachable;
}

PortRange range_of(std::string_view word) {
  const std::size_t dash = word.find('-');
  const std::uint16_t first = number(word.substr(0, dash));
  return {first, dash == std::string_view::npos ? first : number(word.substr(dash + 1))};
}

}  // namespace

net::IpAddress ip(std::string_view text) { return *net::IpAddress::parse(text); }
net::Subnet subnet(std::string_view text) { return *net::Subnet::parse(text); }
net::Endpoint at(std::string_view address, std::uint16_t port) { return {ip(address), port}; }
Instant after(Duration since_start) { return kStart + since_start; }

Packet::Packet(Bytes bytes) : bytes_(std::move(bytes)) {
  BOOST_REQUIRE(net::PacketView::parse(bytes_, view_) == net::ParseError::none);
}

Packet tcp(const net::Endpoint& from, const net::Endpoint& to, std::uint8_t flags) {
  Bytes bytes(128);
  net::TcpFields fields;
  fields.source_port = from.port;
  fields.destination_port = to.port;
  fields.flags = flags;
  bytes.resize(net::build_tcp(bytes, {from.address, to.address}, fields, {}));
  return Packet(bytes);
}

Packet udp(const net::Endpoint& from, const net::Endpoint& to) {
  Bytes bytes(128);
  bytes.resize(net::build_udp(bytes, {from.address, to.address}, from.port, to.port, Bytes(8)));
  return Packet(bytes);
}

Packet icmp(const net::IpAddress& from, const net::IpAddress& to, std::uint8_t type,
            std::uint8_t code, std::uint32_t rest, const Bytes& body) {
  Bytes bytes(256 + body.size());
  bytes.resize(net::build_icmp(bytes, {from, to}, type, code, rest, body));
  return Packet(bytes);
}

Packet ping(const net::IpAddress& from, const net::IpAddress& to, std::uint16_t identifier) {
  return icmp(from, to, from.is_v4() ? 8 : 128, 0, std::uint32_t{identifier} << 16 | 1);
}

Packet pong(const net::IpAddress& from, const net::IpAddress& to, std::uint16_t identifier) {
  return icmp(from, to, from.is_v4() ? 0 : 129, 0, std::uint32_t{identifier} << 16 | 1);
}

Packet unreachable(const Packet& about, const net::IpAddress& from) {
  return icmp(from, about.view().source(), from.is_v4() ? 3 : 1, from.is_v4() ? 3 : 4, 0,
              about.bytes());
}

Rule::Rule(bool allow, std::string_view traffic) {
  rule_.allow = allow;
  const std::string_view protocol = traffic.substr(0, traffic.find(' '));
  rule_.traffic.protocol = protocol == "tcp"    ? RuleProtocol::tcp
                           : protocol == "udp"  ? RuleProtocol::udp
                           : protocol == "icmp" ? RuleProtocol::icmp
                                                : RuleProtocol::all;
  while (traffic.find(' ') != std::string_view::npos) {
    traffic.remove_prefix(traffic.find(' ') + 1);
    const std::string_view word = traffic.substr(0, traffic.find(' '));
    if (rule_.traffic.protocol == RuleProtocol::icmp) {
      rule_.traffic.messages.push_back(message_named(word));
    } else {
      rule_.traffic.ports.push_back(range_of(word));
    }
  }
}

Rule Rule::from(std::string_view text) const {
  Rule copy = *this;
  copy.rule_.from.push_back(subnet(text));
  return copy;
}

Rule Rule::to(std::string_view text) const {
  Rule copy = *this;
  copy.rule_.to.push_back(subnet(text));
  return copy;
}

Rule Rule::from_ports(std::uint16_t first, std::uint16_t last) const {
  Rule copy = *this;
  copy.rule_.from_ports.push_back({first, last});
  return copy;
}

PacketRule random_rule(random::Stream& random) {
  PacketRule rule;
  rule.allow = random.chance(0.5);
  rule.traffic.protocol = static_cast<RuleProtocol>(random.below(4));
  const auto ports = [&] { return random_ports(random); };
  const auto subnets = [&] { return random_subnet(random); };
  if (rule.traffic.protocol == RuleProtocol::tcp || rule.traffic.protocol == RuleProtocol::udp) {
    rule.traffic.ports = some(random, ports);
    if (random.chance(0.3)) rule.from_ports = some(random, ports);
  }
  if (rule.traffic.protocol == RuleProtocol::icmp) {
    rule.traffic.messages = some(random, [&] { return static_cast<IcmpMessage>(random.below(5)); });
  }
  rule.from = some(random, subnets);
  rule.to = some(random, subnets);
  return rule;
}

Packet random_packet(random::Stream& random) {
  const bool v4 = random.chance(0.6);
  const auto end = [&] {
    const auto port = static_cast<std::uint16_t>(random.chance(0.1) ? 65535 : random.below(16));
    return net::Endpoint{random_address(random, v4), port};
  };
  switch (random.below(4)) {
    case 0: {
      const net::Endpoint from = end();
      return udp(from, end());
    }
    case 1: {
      const std::uint8_t types[] = {0, 3, 8, 11, 13, 1, 2, 128, 129, 130};
      const std::uint8_t type = types[random.below(std::size(types))];
      const net::IpAddress from = random_address(random, v4);
      return icmp(from, random_address(random, v4), type,
                  static_cast<std::uint8_t>(random.below(6)));
    }
    default: {
      const net::Endpoint from = end();
      return tcp(from, end());
    }
  }
}

}  // namespace elblab::access
