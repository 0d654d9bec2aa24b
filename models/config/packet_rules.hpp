// What an operator writes down about the packets that may pass: network ACLs of subnets, security
// groups and firewalls of hosts.
//
// Plain values, as the scenario language reads them; models/access compiles them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/net/address.hpp"

namespace elblab::config {

enum class RuleProtocol : std::uint8_t { all, tcp, udp, icmp };  // icmp: of both IP versions

// Messages that rules tell apart, of ICMP (RFC 792) and ICMPv6 (RFC 4443) alike.
enum class IcmpMessage : std::uint8_t {
  echo_request,
  echo_reply,
  unreachable,  // any code but fragmentation needed
  too_big,      // fragmentation needed, packet too big
  time_exceeded,
};

struct Traffic {
  RuleProtocol protocol = RuleProtocol::all;
  std::vector<PortRange> ports;       // destination, tcp and udp only; empty: all
  std::vector<IcmpMessage> messages;  // icmp only; empty: all
};

struct PacketRule {
  bool allow = false;
  Traffic traffic;
  std::vector<net::Subnet> from;      // source; empty: everywhere
  std::vector<PortRange> from_ports;  // source, tcp and udp only; empty: all
  std::vector<net::Subnet> to;        // destination; empty: everywhere
};

// Of a subnet: the first rule that matches decides; a packet that none matches is dropped (ACL-24,
// ACL-25). `in` is into the subnet.
struct NetworkAcl {
  std::vector<PacketRule> in;
  std::vector<PacketRule> out;
};

// Of hosts: what no rule of one of their groups allows is dropped. Rules all allow.
struct SecurityGroup {
  std::string name;
  std::vector<PacketRule> in;
  std::optional<std::vector<PacketRule>> out;  // nullopt: everything (ACL-20)
  // Whether answers of what it admitted pass without a rule, as in clouds [M]. The sources ask for
  // an outbound rule towards who probes (ACL-23), as if they did not.
  bool stateful = true;
};

// Of one host (iptables): the first rule that matches decides; a packet that none matches passes.
struct HostFirewall {
  std::vector<PacketRule> in;
  std::vector<PacketRule> out;
};

}  // namespace elblab::config
