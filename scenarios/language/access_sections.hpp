// The field tables of what filters packets: network ACLs, security groups, host firewalls.
//
// One rule is a map: {allow: tcp 80 8000-8010, from: 10.0.1.0/24}. What is allowed or denied is a
// protocol and, behind it, ports or ICMP messages. For where they stand see docs/filters.md.
#pragma once

#include "models/config/packet_rules.hpp"
#include "scenarios/language/codecs.hpp"

namespace elblab::language {

// Of one list: enough for any network, few enough to be compiled without a thought [M].
inline constexpr std::size_t kMostRules = 1000;
// Of a scenario, those of each host counted: each list is compiled for itself.
inline constexpr std::size_t kMostRulesInTotal = 10'000;

const Section<config::NetworkAcl>& network_acl_section();
const Section<config::SecurityGroup>& security_group_section();
const Section<config::HostFirewall>& host_firewall_section();

// "tcp 80 8000-8010", "icmp echo_request", "all".
Codec<config::Traffic> traffic();

}  // namespace elblab::language
