#include "models/middlebox/port_pools.hpp"

#include <algorithm>
#include <bit>

#include "models/contract/require.hpp"

namespace elblab::middlebox {
namespace {

constexpr std::uint32_t kBits = 64;

}  // namespace

PortPools::PortPools(config::PortRange ports, config::PortOrder order, random::Stream stream,
                     std::size_t most_bytes)
    : ports_(ports),
      order_(order),
      stream_(stream),
      seed_(stream_.next()),
      words_per_pool_((ports.size() + kBits - 1) / kBits),
      most_pools_(std::max<std::size_t>(
          most_bytes / (sizeof(Pool) + words_per_pool_ * sizeof(std::uint64_t)), 1)) {}

std::uint32_t PortPools::hash(const Key& key) const {
  const net::FlowKey flow{{key.outer, 0}, key.destination, key.protocol};
  return static_cast<std::uint32_t>(net::hash_of(flow, seed_) >> 32);
}

PortPools::PoolId PortPools::open(const Key& key) {
  const std::uint32_t hashed = hash(key);
  const PoolId known = by_key_.find(hashed, [&](PoolId id) {
    const Key& other = pools_[id].key;
    return other.protocol == key.protocol && other.outer == key.outer &&
           other.destination == key.destination;
  });
  return known != tables::HandleIndex::kNone ? known : make(key, hashed);
}

PortPools::PoolId PortPools::make(const Key& key, std::uint32_t hashed) {
  PoolId id = kNoPool;
  if (pools_.size() < most_pools_) {
    id = static_cast<PoolId>(pools_.size());
    pools_.emplace_back();
    words_.resize(words_.size() + words_per_pool_);
  } else {
    id = recycle();
    if (id == kNoPool) return kNoPool;
  }
  begin(id, key, hashed);
  return id;
}

void PortPools::begin(PoolId id, const Key& key, std::uint32_t hashed) {
  pools_[id] = {};
  pools_[id].key = key;
  by_key_.insert(hashed, id);
  ++tallies_[number(key.protocol)].pools;
  // The bits behind the last port never become free.
  std::ranges::fill(words(id), 0);
  if (const std::uint32_t last = ports_.size() % kBits; last != 0) {
    words(id).back() = ~std::uint64_t{0} << last;
  }
  link_idle(id);
}

PortPools::PoolId PortPools::recycle() {
  const PoolId id = oldest_idle_;
  if (id == kNone) return kNoPool;
  unlink_idle(id);
  by_key_.erase(hash(pools_[id].key), id);
  --tallies_[number(pools_[id].key.protocol)].pools;
  return id;
}

std::optional<std::uint16_t> PortPools::take(PoolId id, std::uint16_t inside_port) {
  Pool& pool = pools_[id];
  const std::uint32_t free = ports_.size() - pool.in_use;
  if (free == 0) return std::nullopt;
  if (order_ == config::PortOrder::preserve && take_this(id, inside_port)) return inside_port;
  std::uint32_t port = 0;
  if (order_ == config::PortOrder::sequential) {
    port = next_free(id, pool.cursor);
    pool.cursor = port + 1 == ports_.size() ? 0 : port + 1;
  } else {
    port = nth_free(id, static_cast<std::uint32_t>(stream_.below(free)));
  }
  mark(id, port);
  return static_cast<std::uint16_t>(ports_.first + port);
}

bool PortPools::take_this(PoolId id, std::uint16_t port) {
  if (!ports_.contains(port)) return false;
  const std::uint32_t at = std::uint32_t{port} - ports_.first;
  if (is_in_use(id, at)) return false;
  mark(id, at);
  return true;
}

void PortPools::mark(PoolId id, std::uint32_t at) {
  words(id)[at / kBits] |= std::uint64_t{1} << (at % kBits);
  Pool& pool = pools_[id];
  if (pool.in_use++ == 0) unlink_idle(id);
  ++tallies_[number(pool.key.protocol)].in_use;
}

void PortPools::give_back(PoolId id, std::uint16_t port) {
  const std::uint32_t at = std::uint32_t{port} - ports_.first;
  ELBLAB_REQUIRE(ports_.contains(port) && is_in_use(id, at), "only a port in use is given back");
  words(id)[at / kBits] &= ~(std::uint64_t{1} << (at % kBits));
  Pool& pool = pools_[id];
  if (--pool.in_use == 0) link_idle(id);
  --tallies_[number(pool.key.protocol)].in_use;
}

std::uint32_t PortPools::next_free(PoolId id, std::uint32_t from) {
  const auto used = words(id);
  std::size_t word = from / kBits;
  std::uint64_t free = ~used[word] & (~std::uint64_t{0} << (from % kBits));
  while (free == 0) {
    word = word + 1 == used.size() ? 0 : word + 1;
    free = ~used[word];
  }
  return static_cast<std::uint32_t>(word * kBits) +
         static_cast<std::uint32_t>(std::countr_zero(free));
}

std::uint32_t PortPools::nth_free(PoolId id, std::uint32_t n) {
  const auto used = words(id);
  std::size_t word = 0;
  for (;; ++word) {
    const auto here = static_cast<std::uint32_t>(std::popcount(~used[word]));
    if (n < here) break;
    n -= here;
  }
  std::uint64_t free = ~used[word];
  for (; n > 0; --n) free &= free - 1;
  return static_cast<std::uint32_t>(word * kBits) +
         static_cast<std::uint32_t>(std::countr_zero(free));
}

void PortPools::link_idle(PoolId id) {
  pools_[id].newer = kNone;
  pools_[id].older = newest_idle_;
  (newest_idle_ == kNone ? oldest_idle_ : pools_[newest_idle_].newer) = id;
  newest_idle_ = id;
}

void PortPools::unlink_idle(PoolId id) {
  const Pool& pool = pools_[id];
  (pool.newer == kNone ? newest_idle_ : pools_[pool.newer].older) = pool.older;
  (pool.older == kNone ? oldest_idle_ : pools_[pool.older].newer) = pool.newer;
}

}  // namespace elblab::middlebox
