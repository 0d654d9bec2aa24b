// The outer ports of a NAT box: one pool per protocol, outer address and, where a mapping counts
// for one destination only, destination.
//
// A pool is made when it is first asked for and keeps its place in the order (a sequence goes on
// where it was) as long as there is room for it. Pools take at most kMostBytes together: of those
// without a port in use the one that became so first makes room; when all are in use, there is no
// new one. With 1,024 ports that is after 300,000 destinations, with 64,512 after 8,000.
//
// O(1) per call: at most ports / 64 words are looked at. No allocation once grown.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/config/nat.hpp"
#include "models/net/flow_key.hpp"
#include "models/random/stream.hpp"
#include "models/tables/handle_index.hpp"

namespace elblab::middlebox {

class PortPools {
 public:
  using PoolId = std::uint32_t;
  static constexpr PoolId kNoPool = 0xFFFFFFFF;
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

  struct Key {
    net::Protocol protocol = net::Protocol::tcp;
    net::IpAddress outer;
    net::Endpoint destination;  // all zero: a port counts for every destination
  };

  // stream: draws ports of the orders random and preserve, and the seed of the index.
  PortPools(config::PortRange ports, config::PortOrder order, random::Stream stream,
            std::size_t most_bytes = kMostBytes);

  // The pool of a key; kNoPool: there is none, and no room for one. Good until the pool has had a
  // port in use and then none.
  PoolId open(const Key& key);
  // A port of the pool that is in use from now on, by the order; nullopt: all are.
  std::optional<std::uint16_t> take(PoolId pool, std::uint16_t inside_port);
  // This port; false when it is in use.
  bool take_this(PoolId pool, std::uint16_t port);
  // Only a port in use.
  void give_back(PoolId pool, std::uint16_t port);

  // Of one protocol (TCP, UDP or ICMP), over its pools.
  std::uint64_t in_use(net::Protocol protocol) const { return tallies_[number(protocol)].in_use; }
  std::uint64_t capacity(net::Protocol protocol) const {
    return tallies_[number(protocol)].pools * ports_.size();
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Pool {
    Key key;
    std::uint32_t in_use = 0;
    std::uint32_t cursor = 0;     // where the sequence goes on: number of a port
    std::uint32_t newer = kNone;  // neighbours among the pools without a port in use
    std::uint32_t older = kNone;
  };
  struct Tally {
    std::uint64_t in_use = 0;
    std::uint64_t pools = 0;
  };

  static std::size_t number(net::Protocol protocol) {
    return protocol == net::Protocol::tcp ? 0 : protocol == net::Protocol::udp ? 1 : 2;
  }
  std::uint32_t hash(const Key& key) const;
  PoolId make(const Key& key, std::uint32_t hash);
  void begin(PoolId id, const Key& key, std::uint32_t hash);
  PoolId recycle();
  void link_idle(PoolId id);
  void unlink_idle(PoolId id);
  std::span<std::uint64_t> words(PoolId id) {
    return {words_.data() + id * words_per_pool_, words_per_pool_};
  }
  bool is_in_use(PoolId id, std::uint32_t number) {
    return (words(id)[number / 64] >> (number % 64) & 1) != 0;
  }
  // Numbers of ports count from the first of the range. There is a free one.
  std::uint32_t next_free(PoolId id, std::uint32_t from);
  std::uint32_t nth_free(PoolId id, std::uint32_t n);
  void mark(PoolId id, std::uint32_t number);

  config::PortRange ports_;
  config::PortOrder order_;
  random::Stream stream_;
  std::uint64_t seed_;
  std::size_t words_per_pool_;
  std::size_t most_pools_;
  std::vector<Pool> pools_;
  std::vector<std::uint64_t> words_;  // a bit per port: in use
  tables::HandleIndex by_key_;
  std::uint32_t newest_idle_ = kNone;
  std::uint32_t oldest_idle_ = kNone;
  std::array<Tally, 3> tallies_{};
};

}  // namespace elblab::middlebox
