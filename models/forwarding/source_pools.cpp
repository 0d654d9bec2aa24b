#include "models/forwarding/source_pools.hpp"

#include <algorithm>
#include <utility>

namespace elblab::forwarding {

SourcePools::SourcePools(std::vector<net::IpAddress> addresses, config::PortRange ports,
                         const ListenerTable& listeners, const ServerDirectory& servers)
    : ports_(ports), addresses_(std::move(addresses)), pool_of_(servers.size() * 2, kNoPool) {
  const auto first_v6 = std::stable_partition(addresses_.begin(), addresses_.end(),
                                              [](const auto& address) { return address.is_v4(); });
  v4_addresses_ = static_cast<std::uint32_t>(first_v6 - addresses_.begin());
  for (std::uint32_t i = 0; i < addresses_.size(); ++i) numbers_.insert({addresses_[i], 0}, i);
  for (std::size_t s = 0; s < servers.size(); ++s) {
    const auto server = static_cast<std::uint16_t>(s);
    for (const net::Protocol protocol : {net::Protocol::tcp, net::Protocol::udp}) {
      if (listeners.full_nat_reaches(servers[server].group, protocol)) {
        pool_of_[slot(server, protocol)] = pool_towards(servers[server].endpoint, protocol);
      }
    }
  }
}

// A server that stands in several groups is one endpoint, and has one pool.
std::uint32_t SourcePools::pool_towards(const net::Endpoint& endpoint, net::Protocol protocol) {
  if (const std::uint32_t* const pool = towards_[kind(protocol)].find(endpoint)) return *pool;
  const bool v4 = endpoint.address.is_v4();
  const std::uint32_t first = v4 ? 0 : v4_addresses_;
  const std::uint32_t count =
      v4 ? v4_addresses_ : static_cast<std::uint32_t>(addresses_.size()) - v4_addresses_;
  const auto number = static_cast<std::uint32_t>(pools_.size());
  towards_[kind(protocol)].insert(endpoint, number);
  pools_.emplace_back(first, count, ports_);
  capacity_ += pools_.back().capacity();
  return number;
}

std::optional<SourcePort> SourcePools::take(std::uint32_t pool, std::uint32_t holder) {
  if (pool == kNoPool) return std::nullopt;
  const std::optional<SourcePort> port = pools_[pool].take(holder);
  if (port) ++in_use_;
  return port;
}

void SourcePools::give_back(std::uint32_t pool, SourcePort port) {
  ELBLAB_REQUIRE(pool < pools_.size(), "a source port to give back is of a pool");
  pools_[pool].give_back(port);
  --in_use_;
}

std::size_t SourcePools::memory_bytes() const {
  std::size_t bytes = pool_of_.capacity() * sizeof(std::uint32_t);
  for (const SourcePortPool& pool : pools_) bytes += pool.memory_bytes();
  return bytes;
}

}  // namespace elblab::forwarding
