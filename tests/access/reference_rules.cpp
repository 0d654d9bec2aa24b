#include "tests/access/reference_rules.hpp"

#include <algorithm>

namespace elblab::access {
namespace {

using config::IcmpMessage;
using config::PacketRule;
using config::PortRange;
using config::RuleProtocol;

bool within(const std::vector<PortRange>& ranges, std::uint16_t port) {
  return ranges.empty() ||
         std::any_of(ranges.begin(), ranges.end(),
                     [port](const PortRange& range) { return range.contains(port); });
}

bool within(const std::vector<net::Subnet>& subnets, const net::IpAddress& address) {
  return subnets.empty() ||
         std::any_of(subnets.begin(), subnets.end(),
                     [&](const net::Subnet& each) { return each.contains(address); });
}

// By the numbers of RFC 792 and RFC 4443.
bool is_message(const net::PacketView& packet, IcmpMessage message) {
  const unsigned type = packet.icmp_type();
  const unsigned code = packet.icmp_code();
  const bool v6 = packet.protocol() == net::Protocol::icmpv6;
  switch (message) {
    case IcmpMessage::echo_request:
      return type == (v6 ? 128 : 8);
    case IcmpMessage::echo_reply:
      return type == (v6 ? 129 : 0);
    case IcmpMessage::unreachable:
      return v6 ? type == 1 : type == 3 && code != 4;
    case IcmpMessage::too_big:
      return v6 ? type == 2 : type == 3 && code == 4;
    case IcmpMessage::time_exceeded:
      return type == (v6 ? 3 : 11);
  }
  return false;
}

bool is_traffic(const config::Traffic& traffic, const net::PacketView& packet) {
  switch (traffic.protocol) {
    case RuleProtocol::all:
      return true;
    case RuleProtocol::tcp:
      return packet.protocol() == net::Protocol::tcp &&
             within(traffic.ports, packet.destination_port());
    case RuleProtocol::udp:
      return packet.protocol() == net::Protocol::udp &&
             within(traffic.ports, packet.destination_port());
    case RuleProtocol::icmp:
      return !packet.has_ports() &&
             (traffic.messages.empty() ||
              std::any_of(traffic.messages.begin(), traffic.messages.end(),
                          [&](IcmpMessage message) { return is_message(packet, message); }));
  }
  return false;
}

}  // namespace

std::optional<std::size_t> first_match_by_scan(std::span<const PacketRule> rules,
                                               const net::PacketView& packet) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const PacketRule& rule = rules[i];
    if (is_traffic(rule.traffic, packet) && within(rule.from, packet.source()) &&
        within(rule.to, packet.destination()) && within(rule.from_ports, packet.source_port())) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace elblab::access
