// What a NAT box needs to work, and what it cannot do.
#include <algorithm>

#include "models/config/problem_list.hpp"

namespace elblab::config {
namespace {

constexpr std::string_view kFact = "FTC-S19";
// Numbers of sessions have 31 bits, those of outer addresses 16.
constexpr std::uint64_t kMostSessions = 1u << 30;
constexpr std::uint64_t kMostOuterAddresses = 65535;
// Idle times are told by ticks of 1 ms in 32 bits, compared modulo 2^32.
constexpr Duration kLongestTimeout = std::chrono::hours(24 * 24);

bool is_usable(const net::IpAddress& address) {
  return !address.is_unspecified() && !address.is_loopback() && !address.is_multicast();
}

void check_outer(const Nat& nat, ProblemList& problems) {
  problems.check_range<std::uint64_t>("addresses", "number of outer addresses",
                                      nat.addresses.size(), 1, kMostOuterAddresses, kFact);
  std::vector<net::IpAddress> sorted = nat.addresses;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    problems.add("addresses", twice->to_string() + " is there twice", kFact);
  }
  for (const net::IpAddress& address : nat.addresses) {
    if (!address.is_v4()) {
      problems.add(
          "addresses",
          address.to_string() + " is an IPv6 address; translating IPv6 (NAT66) is not built",
          kFact);
    } else if (!is_usable(address)) {
      problems.add("addresses", address.to_string() + " cannot be an outer address", kFact);
    }
  }
}

// Sorted by base, wider first: of two CIDR blocks that overlap, one holds the other.
void check_overlaps(const Nat& nat, ProblemList& problems) {
  std::vector<net::Subnet> sorted = nat.inside;
  std::sort(sorted.begin(), sorted.end(), [](const net::Subnet& a, const net::Subnet& b) {
    return a.base() != b.base() ? a.base() < b.base() : a.prefix_length() < b.prefix_length();
  });
  for (std::size_t i = 1, widest = 0; i < sorted.size(); ++i) {
    if (!sorted[widest].contains(sorted[i].base())) {
      widest = i;
      continue;
    }
    problems.add("inside",
                 sorted[i].to_string() + " lies in " + sorted[widest].to_string() +
                     ", which stands behind the box already",
                 kFact);
    return;
  }
}

void check_inside(const Nat& nat, ProblemList& problems) {
  if (nat.inside.empty()) problems.add("inside", "nothing stands behind the box", kFact);
  for (const net::Subnet& subnet : nat.inside) {
    if (!subnet.base().is_v4()) {
      problems.add("inside", subnet.to_string() + " is IPv6; translating IPv6 (NAT66) is not built",
                   kFact);
      continue;
    }
    for (const net::IpAddress& outer : nat.addresses) {
      if (!subnet.contains(outer)) continue;
      problems.add("inside", subnet.to_string() + " holds the outer address " + outer.to_string(),
                   kFact);
      break;
    }
  }
  check_overlaps(nat, problems);
}

void check_time(const std::string& field, Duration value, Duration least, ProblemList& problems) {
  if (value >= least && value <= kLongestTimeout) return;
  problems.add(field,
               ProblemList::text(value) + " is outside " + ProblemList::text(least) + ".." +
                   ProblemList::text(kLongestTimeout),
               kFact);
}

}  // namespace

std::vector<Problem> validate(const Nat& nat) {
  constexpr Duration kShortest = std::chrono::milliseconds(1);
  ProblemList problems;
  check_outer(nat, problems);
  check_inside(nat, problems);
  if (nat.ports.first == 0 || nat.ports.first > nat.ports.last) {
    problems.add("ports",
                 "outer ports " + std::to_string(nat.ports.first) + "-" +
                     std::to_string(nat.ports.last) + " are not an ascending range in 1..65535",
                 kFact);
  }
  check_time("timeouts.udp", nat.timeouts.udp, kShortest, problems);
  check_time("timeouts.tcp_established", nat.timeouts.tcp_established, kShortest, problems);
  check_time("timeouts.tcp_transitory", nat.timeouts.tcp_transitory, kShortest, problems);
  check_time("timeouts.icmp", nat.timeouts.icmp, kShortest, problems);
  check_time("quarantine", effective_quarantine(nat), Duration(0), problems);
  problems.check_range<std::uint64_t>("session_limit", "session limit", nat.session_limit, 1,
                                      kMostSessions, kFact);
  return problems.take();
}

}  // namespace elblab::config
