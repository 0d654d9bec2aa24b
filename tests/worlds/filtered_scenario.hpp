// A scenario whose rules are obeyed alike by simulated hosts and by kernels: one server for each
// kind of filter, asked past the balancer, and one behind it.
#pragma once

#include <string>

namespace elblab::worlds::test {

// Each workload makes 20 connections, and waits at most 1500 ms for each.
//   allowed    a group admits requests, answers need no rule
//   stateless  the same group without memory, and no rule for answers: SYNs arrive, answers do not
//   inbound    the subnet's ACL lets in and not out
//   dropped    the host's firewall drops requests
//   balanced   through a balancer in fullNAT whose addresses the group admits
inline const std::string kFilteredScenario = R"(scenario: SEC-TEST
title: Every kind of rule
profile: shared
duration: 6s
subnets:
  internet: {cidr: 203.0.113.0/24, public: true}
  web:      {cidr: 192.168.1.0/24}
  half:
    cidr: 192.168.2.0/24
    acl: {in: [{allow: tcp 90}], out: [{allow: udp}]}
security_groups:
  stateful:  {in: [{allow: tcp 90, from: [203.0.113.0/24, 100.125.0.0/16]}], out: []}
  stateless: {in: [{allow: tcp 90, from: 203.0.113.0/24}], out: [], stateful: false}
hosts:
  c1: {subnet: internet, link: {rate: 1Gbps, delay: 1ms}}
  b1: {subnet: web, security_groups: [stateful], link: {rate: 1Gbps, delay: 200us}}
  b2: {subnet: web, security_groups: [stateless], link: {rate: 1Gbps, delay: 200us}}
  b3: {subnet: half, link: {rate: 1Gbps, delay: 200us}}
  b4: {subnet: web, firewall: {in: [{drop: tcp 90}]}, link: {rate: 1Gbps, delay: 200us}}
balancer:
  listeners:
    web: {protocol: tcp, port: 80, group: app, transfer_client_ip: false}
    shut: {protocol: udp, port: 53, group: names, access: {kind: whitelist, entries: 198.51.100.0/24}}
  groups:
    app: {servers: {b1: {port: 90}}}
    names: {servers: {b1: {port: 53}}}
workload:
  allowed:   {from: c1, to: b1, port: 90, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  stateless: {from: c1, to: b2, port: 90, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  inbound:   {from: c1, to: b3, port: 90, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  dropped:   {from: c1, to: b4, port: 90, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  balanced:  {from: c1, to: web, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  refused:   {from: c1, to: shut, datagrams: 10/s, for: 2s, request: 100B, response: 100B, request_timeout: 1s}
)";

// The same kinds of servers, each behind a listener of its own in fullNAT: nothing goes past the
// balancer.
inline const std::string kFilteredServers = R"(scenario: SEC-TEST
title: Every kind of rule behind a balancer
profile: shared
duration: 6s
subnets:
  internet: {cidr: 203.0.113.0/24, public: true}
  web:      {cidr: 192.168.1.0/24}
  half:
    cidr: 192.168.2.0/24
    acl: {in: [{allow: tcp 90}], out: [{allow: udp}]}
security_groups:
  stateful:  {in: [{allow: tcp 90, from: 100.125.0.0/16}], out: []}
  stateless: {in: [{allow: tcp 90, from: 100.125.0.0/16}], out: [], stateful: false}
hosts:
  c1: {subnet: internet, link: {rate: 1Gbps, delay: 1ms}}
  b1: {subnet: web, security_groups: [stateful], link: {rate: 1Gbps, delay: 200us}}
  b2: {subnet: web, security_groups: [stateless], link: {rate: 1Gbps, delay: 200us}}
  b3: {subnet: half, link: {rate: 1Gbps, delay: 200us}}
  b4: {subnet: web, firewall: {in: [{drop: tcp 90}]}, link: {rate: 1Gbps, delay: 200us}}
balancer:
  listeners:
    one:   {protocol: tcp, port: 81, group: g1, transfer_client_ip: false}
    two:   {protocol: tcp, port: 82, group: g2, transfer_client_ip: false}
    three: {protocol: tcp, port: 83, group: g3, transfer_client_ip: false}
    four:  {protocol: tcp, port: 84, group: g4, transfer_client_ip: false}
    shut:  {protocol: tcp, port: 85, group: g1, transfer_client_ip: false, access: {kind: whitelist, entries: 198.51.100.0/24}}
  groups:
    g1: {servers: {b1: {port: 90}}}
    g2: {servers: {b2: {port: 90}}}
    g3: {servers: {b3: {port: 90}}}
    g4: {servers: {b4: {port: 90}}}
workload:
  allowed:   {from: c1, to: one, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  stateless: {from: c1, to: two, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  inbound:   {from: c1, to: three, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  dropped:   {from: c1, to: four, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
  refused:   {from: c1, to: shut, short_connections: 10/s, for: 2s, request: 200B, response: 1KB, request_timeout: 1500ms}
)";

}  // namespace elblab::worlds::test
