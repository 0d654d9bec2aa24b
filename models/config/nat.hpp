// What an operator configures of a NAT box in front of clients (FTC-S19): a network address and
// port translator as RFC 4787 (UDP), RFC 5382 (TCP), RFC 5508 (ICMP) and RFC 7857 describe them.
//
// Plain values. In a scenario file: middleboxes: {nat1: {nat: {addresses: 1, ports: 1024-2047,
// order: random}}}; who stands behind it says so itself (hosts: {c1: {behind: nat1}}), and the
// world fills in `inside`. IPv4 only; validate() (validation.hpp) says what does not fit.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/config/port_range.hpp"
#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::config {

// Which of the free outer ports a new mapping gets.
enum class PortOrder : std::uint8_t {
  sequential,  // the next after the one given out last: each rests as long as it can
  random,      // any, all alike
  preserve,    // the inside port itself; any, where that is in use or not in the range
};

// What one outer port stands for.
enum class NatMapping : std::uint8_t {
  // One inside endpoint, whatever it talks to (RFC 4787 REQ-1). Whoever knows the outer endpoint
  // may send to it (endpoint-independent filtering: RFC 4787 REQ-8, RFC 5382 REQ-3).
  endpoint_independent,
  // One inside endpoint towards one destination address and port; towards every other destination
  // the same outer port is free (port overlapping, RFC 7857 §3). Only that destination may answer
  // (address- and port-dependent filtering: nothing else could tell the inside hosts apart).
  per_destination,
};

struct NatTimeouts {
  Duration udp = std::chrono::seconds(300);                                    // RFC 4787 REQ-5
  Duration tcp_established = std::chrono::hours(2) + std::chrono::minutes(4);  // RFC 5382 REQ-5
  // Handshake not complete, or one FIN seen (RFC 5382 REQ-5).
  Duration tcp_transitory = std::chrono::minutes(4);
  Duration icmp = std::chrono::seconds(60);  // RFC 5508 REQ-2
};

struct Nat {
  std::vector<net::IpAddress> addresses;  // the outer ones; an inside address always gets the same
  std::vector<net::Subnet> inside;        // what stands behind it
  PortRange ports{1024, 65535};           // of each outer address and protocol; ICMP: identifiers
  PortOrder order = PortOrder::random;
  NatMapping mapping = NatMapping::endpoint_independent;
  NatTimeouts timeouts;
  // How long after a RST, or after both FINs, the outer port of a TCP connection is kept from a new
  // use, counted from its last packet; nullopt: the transitory timeout. 0: free at once; a FIN that
  // was lost behind the box then meets the next connection (FTC-14).
  std::optional<Duration> quarantine;
  std::uint32_t session_limit = 1u << 20;  // flows at once
};

Duration effective_quarantine(const Nat& nat);

// Spellings of the scenario language.
std::string_view to_string(PortOrder order);
std::string_view to_string(NatMapping mapping);

}  // namespace elblab::config
