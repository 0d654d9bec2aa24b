#include "models/host/icmp_limiter.hpp"

#include <algorithm>

#include "models/net/flow_key.hpp"

namespace elblab::host {
namespace {
constexpr std::int64_t kBurstFactor = 6;                            // XRLIM_BURST_FACTOR
constexpr Duration kLeastInterval = std::chrono::milliseconds(20);  // HZ / 50
constexpr Duration kLongestCredited = std::chrono::seconds(1);
constexpr std::uint8_t kLargestType = 18;  // NR_ICMP_TYPES
}  // namespace

std::size_t IcmpLimiter::AddressHash::operator()(const net::IpAddress& address) const {
  return net::hash_of(net::Endpoint{address, 0}, 0);
}

bool IcmpLimiter::allow(std::uint8_t type, const net::IpAddress& peer, const Sysctls& sysctls,
                        Instant now) {
  if (type > kLargestType || ((sysctls.icmp_ratemask >> type) & 1) == 0) return true;
  if (!host_allows(sysctls, now)) return false;
  if (!peer_allows(peer, std::chrono::milliseconds(sysctls.icmp_ratelimit), now)) return false;
  host_credit_ -= static_cast<std::int64_t>(stream_.below(3));  // "might make it negative"
  return true;
}

bool IcmpLimiter::host_allows(const Sysctls& sysctls, Instant now) {
  if (host_credit_ > 0) return true;
  const Duration elapsed = std::min(now - host_last_, kLongestCredited);
  if (elapsed < kLeastInterval) return false;
  const auto credit = static_cast<std::int64_t>(static_cast<double>(sysctls.icmp_msgs_per_sec) *
                                                to_seconds(elapsed));
  if (credit == 0) return false;
  host_last_ = now;
  host_credit_ = std::min(host_credit_ + credit, sysctls.icmp_msgs_burst);
  return true;
}

bool IcmpLimiter::peer_allows(const net::IpAddress& peer, Duration interval, Instant now) {
  if (interval.count() == 0) return true;
  Bucket& b = bucket(peer, interval, now);
  b.credit = std::min(b.credit + (now - b.last), kBurstFactor * interval);
  b.last = now;
  if (b.credit < interval) return false;
  b.credit -= interval;
  return true;
}

IcmpLimiter::Bucket& IcmpLimiter::bucket(const net::IpAddress& peer, Duration interval,
                                         Instant now) {
  const auto [at, added] = buckets_.try_emplace(peer);
  if (added) {
    at->second = {kBurstFactor * interval, now};
    order_.push_back(peer);
    if (order_.size() > kMostPeers) {
      buckets_.erase(order_.front());
      order_.pop_front();
      return buckets_.find(peer)->second;
    }
  }
  return at->second;
}

}  // namespace elblab::host
