// All fullNAT source ports of a node: one SourcePortPool per protocol and distinct server endpoint
// (BW-10), over the node's source addresses of the server's IP version. Where a listener leads to
// the listening port of its servers, an endpoint's pool is made when its first connection comes: a
// range has many ports, of which few are used.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/forwarding/listener_table.hpp"
#include "models/forwarding/server_directory.hpp"
#include "models/forwarding/source_port_pool.hpp"
#include "models/net/endpoint_map.hpp"

namespace elblab::forwarding {

class SourcePools {
 public:
  static constexpr std::uint32_t kNoPool = 0xFFFFFFFF;

  SourcePools(std::vector<net::IpAddress> addresses, config::PortRange ports,
              const ListenerTable& listeners, const ServerDirectory& servers);

  // Of a server at its own port, by number; kNoPool where fullNAT does not reach it.
  std::uint32_t pool_of(std::uint16_t server, net::Protocol protocol) const {
    return pool_of_[slot(server, protocol)];
  }
  // Of any endpoint; made if there is none yet.
  std::uint32_t pool_towards(const net::Endpoint& endpoint, net::Protocol protocol);

  // nullopt: every source port of this pool is in use, or there is no pool. holder: a number to
  // know the binding by that gets it.
  std::optional<SourcePort> take(std::uint32_t pool, std::uint32_t holder);
  // One that take() gave for this pool, and that has not come back since.
  void give_back(std::uint32_t pool, SourcePort port);
  // Where the binding of a port was seen last, for find(): a hint.
  void note_place(std::uint32_t pool, SourcePort port, std::uint32_t place) {
    pools_[pool].cell(port)->place = place;
  }
  // A port of a pool, as an answer (server -> source) names it.
  struct Meant {
    std::uint32_t pool = kNoPool;
    SourcePort port;
  };
  // Its cell; nullptr: it never was anybody's.
  struct Held {
    SourcePort port;
    SourcePortPool::Cell* cell = nullptr;
  };
  Held held(const Meant& meant) const { return {meant.port, pools_[meant.pool].cell(meant.port)}; }
  // Brings the cell nearer.
  [[gnu::always_inline]] void prefetch(const Meant& meant) const {
    pools_[meant.pool].prefetch(meant.port);
  }
  // pool kNoPool: this is no answer to a port of the pools.
  Meant meant_by(const net::FlowKey& answer) const {
    const std::size_t address = number_of(answer.destination.address);
    if (address == addresses_.size()) return {};
    const std::uint32_t* const pool = towards_[kind(answer.protocol)].find(answer.source);
    if (pool == nullptr) return {};
    return {*pool, SourcePort::of(static_cast<std::uint32_t>(address), answer.destination.port)};
  }

  net::Endpoint endpoint(SourcePort port) const {
    return {addresses_[port.address()], port.port()};
  }
  bool owns(const net::IpAddress& address) const { return numbers_.find(address, 0) != nullptr; }

  std::uint64_t in_use() const { return in_use_; }
  // Over all pools that there are.
  std::uint64_t capacity() const { return capacity_; }
  std::size_t memory_bytes() const;

 private:
  // addresses_.size() when it is none of them. They mostly follow each other.
  std::size_t number_of(const net::IpAddress& address) const {
    const std::size_t first = address.is_v4() ? 0 : v4_addresses_;
    if (first == addresses_.size()) return addresses_.size();
    const std::uint64_t after = address.low() - addresses_[first].low();
    if (after < addresses_.size() - first && addresses_[first + after] == address) {
      return first + after;
    }
    const std::uint32_t* const number = numbers_.find(address, 0);
    return number == nullptr ? addresses_.size() : *number;
  }
  static std::size_t kind(net::Protocol protocol) { return protocol == net::Protocol::udp ? 1 : 0; }
  // Where the number of the server's pool stands.
  static std::size_t slot(std::uint16_t server, net::Protocol protocol) {
    return std::size_t{server} * 2 + kind(protocol);
  }

  config::PortRange ports_;
  std::vector<net::IpAddress> addresses_;  // IPv4 first
  std::uint32_t v4_addresses_ = 0;
  net::EndpointMap numbers_;                 // of addresses (port 0)
  std::array<net::EndpointMap, 2> towards_;  // pools by the server's endpoint; by kind()
  std::vector<std::uint32_t> pool_of_;       // by slot()
  std::vector<SourcePortPool> pools_;
  std::uint64_t in_use_ = 0;
  std::uint64_t capacity_ = 0;
};

}  // namespace elblab::forwarding
