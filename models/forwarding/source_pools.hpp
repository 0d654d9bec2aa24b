// All fullNAT source ports of a node: one SourcePortPool per protocol and distinct server endpoint
// (BW-10), over the node's source addresses of the server's IP version.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/forwarding/listener_table.hpp"
#include "models/forwarding/server_directory.hpp"
#include "models/forwarding/source_port_pool.hpp"

namespace elblab::forwarding {

class SourcePools {
 public:
  SourcePools(std::vector<net::IpAddress> addresses, config::PortRange ports,
              const ListenerTable& listeners, const ServerDirectory& servers);

  // nullopt: every source port towards this server is in use.
  std::optional<SourcePort> take(std::uint16_t server, net::Protocol protocol);
  void give_back(std::uint16_t server, net::Protocol protocol, SourcePort port);

  net::Endpoint endpoint(SourcePort port) const {
    return {addresses_[port.address()], port.port()};
  }
  bool owns(const net::IpAddress& address) const;

  std::uint64_t in_use() const { return in_use_; }
  // Over all pools.
  std::uint64_t capacity() const { return capacity_; }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::uint32_t kNoPool = 0xFFFFFFFF;

  void add_pool(std::uint16_t server, net::Protocol protocol, config::PortRange ports,
                const ServerDirectory& servers);
  // Where the number of the server's pool stands.
  static std::size_t slot(std::uint16_t server, net::Protocol protocol) {
    return std::size_t{server} * 2 + (protocol == net::Protocol::udp ? 1 : 0);
  }

  std::vector<net::IpAddress> addresses_;  // IPv4 first
  std::uint32_t v4_addresses_ = 0;
  std::vector<std::uint32_t> pool_of_;  // by slot()
  std::vector<SourcePortPool> pools_;
  std::uint64_t in_use_ = 0;
  std::uint64_t capacity_ = 0;
};

}  // namespace elblab::forwarding
