#include "models/config/validation.hpp"

#include <cstdio>

#include "models/config/allowing_profiles.hpp"
#include "models/config/problem_list.hpp"

namespace elblab::config {
namespace {

// Record numbers of a node's connection table have 31 bits.
constexpr std::uint64_t kLargestConnectionLimit = 1u << 30;
// A node numbers its servers, listeners and source addresses with 16 bits.
constexpr std::uint64_t kMostNumbered = 65535;
// Not given by the sources: enough for any sweep, small enough that a slip is noticed [M].
constexpr std::uint64_t kMostNodes = 256;
constexpr Duration kLongestPropagation = std::chrono::seconds(5);  // LIFE-01
// Of a public address: below a frame, packets would pass on credit only; above, a queue is no queue
// but a file [M].
constexpr std::uint64_t kSmallestBurst = 1500;
constexpr std::uint64_t kLargestBucketOrQueue = 100'000'000;

void check_positive(const std::string& field, Duration value, ProblemList& problems,
                    std::string_view fact) {
  if (value.count() > 0) return;
  problems.add(field, ProblemList::text(value) + " must be longer than 0 s", fact);
}

void validate_engine(const LoadBalancer& balancer, ProblemList& problems) {
  problems.check_range<std::uint64_t>("nodes.lvs", "number of LVS nodes", balancer.nodes.lvs, 1,
                                      kMostNodes, "GEN-04");
  problems.check_range<std::uint64_t>("connection_limit", "connection limit",
                                      balancer.connection_limit, 1, kLargestConnectionLimit,
                                      "GEN-14");
  std::uint64_t servers = 0;
  for (const BackendGroup& group : balancer.groups) servers += group.servers.size();
  problems.check_range<std::uint64_t>("groups", "number of servers in all groups", servers, 0,
                                      kMostNumbered, "GEN-03");
  problems.check_range<std::uint64_t>("listeners", "number of listeners", balancer.listeners.size(),
                                      0, kMostNumbered, "PRT-03");
  problems.check_range<std::uint64_t>("source_pool.addresses", "number of source addresses",
                                      balancer.source_pool.addresses, 0, kMostNumbered, "BW-10");
  check_positive("tcp_timeouts.handshake", balancer.tcp_timeouts.handshake, problems, "TO-01");
  check_positive("tcp_timeouts.closing", balancer.tcp_timeouts.closing, problems, "TO-01");
  check_positive("tcp_timeouts.closed", balancer.tcp_timeouts.closed, problems, "TO-01");
  check_positive("udp_idle_timeout", balancer.udp_idle_timeout, problems, "OPEN-06");
  if (balancer.propagation_delay) {
    problems.check_range<Duration>("propagation_delay", "propagation delay",
                                   *balancer.propagation_delay, Duration(0), kLongestPropagation,
                                   "LIFE-01");
  }
  if (!balancer.address_bound && balancer.eip) {
    problems.add("eip", "a balancer to which no address is bound has no public address either",
                 "HC-19");
  }
  if (balancer.frozen && !balancer.profile->may_be_frozen) {
    problems.add("frozen",
                 "of profile " + std::string(balancer.profile->name) +
                     " no source says what a frozen balancer does; " +
                     allowing_profiles([](const Profile& each) { return each.may_be_frozen; }),
                 "LIFE-27");
  }
  if (balancer.ip_as_backend && !balancer.profile->ip_as_backend) {
    problems.add("ip_as_backend",
                 "profile " + std::string(balancer.profile->name) + " has no IP as a Backend; " +
                     allowing_profiles([](const Profile& each) { return each.ip_as_backend; }),
                 "IPB-01");
  }
}

void validate_eip(const PublicAddress& eip, ProblemList& problems) {
  if (!(eip.bits_per_second >= 1000)) {
    problems.add("eip.bandwidth", "a public address needs a bandwidth of at least 1 kbit/s",
                 "BW-01");
  }
  problems.check_range("eip.burst", "burst in bytes", effective_burst(eip), kSmallestBurst,
                       kLargestBucketOrQueue, "BW-01");
  problems.check_range<std::uint64_t>("eip.queue", "queue in bytes", effective_queue(eip), 0,
                                      kLargestBucketOrQueue, "BW-01");
}

}  // namespace

std::string ProblemList::text(Duration value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.10g s", to_seconds(value));
  return buffer;
}

bool reached_by_full_nat(const LoadBalancer& balancer, const BackendGroup& group) {
  for (const Listener& listener : balancer.listeners) {
    if (listener.group == group.name && !transfers_client_ip(balancer, listener)) return true;
  }
  return false;
}

std::vector<Problem> validate(const LoadBalancer& balancer) {
  ProblemList problems;
  if (balancer.profile == nullptr) {
    problems.add("profile", "no profile is chosen", "0.4");
    return problems.take();
  }
  validate_engine(balancer, problems);
  if (balancer.eip) validate_eip(*balancer.eip, problems);
  validate_addresses(balancer, problems);
  validate_source_pool(balancer, problems);
  validate_listeners(balancer, problems);
  validate_groups(balancer, problems);
  return problems.take();
}

}  // namespace elblab::config
