#include "models/config/load_balancer.hpp"

#include <algorithm>
#include <numeric>

namespace elblab::config {

const BackendGroup* LoadBalancer::find_group(const std::string& group_name) const {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const BackendGroup& group) {
    return group.name == group_name;
  });
  return found == groups.end() ? nullptr : &*found;
}

bool transfers_client_ip(const LoadBalancer& balancer, const Listener& listener) {
  if (balancer.profile->ip_as_backend && balancer.ip_as_backend) return false;  // FWD-11
  if (!balancer.profile->transfer_client_ip_configurable) {                     // SRC-03
    return balancer.profile->transfer_client_ip_default;
  }
  return listener.transfer_client_ip.value_or(balancer.profile->transfer_client_ip_default);
}

std::vector<std::uint16_t> server_ports(const Listener& listener, const Server& server) {
  if (listener.server_port == ServerPort::own) return {server.port};
  std::vector<std::uint16_t> ports(listener.port.size());
  std::iota(ports.begin(), ports.end(), listener.port.first);
  return ports;
}

Duration effective_propagation_delay(const LoadBalancer& balancer) {
  return balancer.propagation_delay.value_or(balancer.profile->propagation_delay);
}

bool transfer_bypasses_rules(const LoadBalancer& balancer) {
  return balancer.transfer_rules.value_or(balancer.profile->l4_transfer_rules) ==
         RuleEnforcement::bypassed;
}

bool may_stick(const BackendGroup& group) {
  return group.stickiness.has_value() || group.stickiness_switches;
}

Duration effective_duration(const LoadBalancer& balancer, const Stickiness& stickiness) {
  return stickiness.duration.value_or(balancer.profile->l4_stickiness_default);
}

Duration effective_idle_timeout(const LoadBalancer& balancer, const Listener& listener) {
  if (listener.idle_timeout) return *listener.idle_timeout;                      // TO-04
  return listener.protocol == ListenerProtocol::udp ? balancer.udp_idle_timeout  // OPEN-06
                                                    : balancer.profile->tcp_idle_timeout_default;
}

namespace {

// 10 frames: the first segments of a TCP connection (RFC 6928) fit.
constexpr double kSmallestDefault = 15'000;

std::uint64_t carried_in(Duration time, double bits_per_second) {
  return static_cast<std::uint64_t>(
      std::max(bits_per_second / 8 * to_seconds(time), kSmallestDefault));
}

}  // namespace

std::uint64_t effective_burst(const PublicAddress& eip) {
  return eip.burst_bytes.value_or(carried_in(std::chrono::milliseconds(100), eip.bits_per_second));
}

std::uint64_t effective_queue(const PublicAddress& eip) {
  return eip.queue_bytes.value_or(carried_in(std::chrono::milliseconds(200), eip.bits_per_second));
}

net::Subnet effective_source_block(const LoadBalancer& balancer) {
  return balancer.profile->source_pool.value_or(balancer.backend_subnet);
}

std::vector<net::IpAddress> source_addresses(const LoadBalancer& balancer) {
  const net::Subnet block = effective_source_block(balancer);
  std::vector<net::IpAddress> addresses;
  if (block.base().is_unspecified() || block.size() < 4) return addresses;
  // Network, first (gateway) and last (broadcast) address stay free.
  const std::uint64_t skipped = balancer.source_pool.skipped;
  const std::uint64_t usable = block.size() - 3 - std::min(skipped, block.size() - 3);
  const std::uint64_t count = std::min<std::uint64_t>(balancer.source_pool.addresses, usable);
  addresses.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    addresses.push_back(block.base().plus(block.size() - 2 - skipped - i));
  }
  return addresses;
}

std::vector<net::IpAddress> source_addresses_of_node(const LoadBalancer& balancer, unsigned node) {
  if (node >= balancer.nodes.lvs) return {};
  const std::vector<net::IpAddress> all = source_addresses(balancer);
  const std::size_t share = all.size() / balancer.nodes.lvs;
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(share * node);
  return {first, first + static_cast<std::ptrdiff_t>(share)};
}

std::string_view to_string(ListenerProtocol protocol) {
  switch (protocol) {
    case ListenerProtocol::tcp:
      return "tcp";
    case ListenerProtocol::udp:
      return "udp";
    case ListenerProtocol::http:
      return "http";
    case ListenerProtocol::https:
      return "https";
    case ListenerProtocol::tls:
      return "tls";
  }
  return "unknown";
}

std::string_view to_string(BackendProtocol protocol) {
  switch (protocol) {
    case BackendProtocol::tcp:
      return "tcp";
    case BackendProtocol::udp:
      return "udp";
    case BackendProtocol::http:
      return "http";
    case BackendProtocol::https:
      return "https";
    case BackendProtocol::grpc:
      return "grpc";
    case BackendProtocol::quic:
      return "quic";
    case BackendProtocol::tls:
      return "tls";
  }
  return "unknown";
}

std::string_view to_string(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::weighted_round_robin:
      return "weighted_round_robin";
    case Algorithm::weighted_least_connections:
      return "weighted_least_connections";
    case Algorithm::source_ip_hash:
      return "source_ip_hash";
    case Algorithm::connection_id:
      return "connection_id";
  }
  return "unknown";
}

std::string_view to_string(StickinessType type) {
  switch (type) {
    case StickinessType::source_ip:
      return "source_ip";
    case StickinessType::load_balancer_cookie:
      return "load_balancer_cookie";
    case StickinessType::application_cookie:
      return "application_cookie";
  }
  return "unknown";
}

std::string_view to_string(ProbeProtocol protocol) {
  switch (protocol) {
    case ProbeProtocol::tcp:
      return "tcp";
    case ProbeProtocol::http:
      return "http";
    case ProbeProtocol::https:
      return "https";
    case ProbeProtocol::udp:
      return "udp";
  }
  return "unknown";
}

}  // namespace elblab::config
