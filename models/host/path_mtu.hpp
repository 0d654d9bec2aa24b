// What a host has learned of the paths to others: the longest packet that gets through, told by
// ICMP "fragmentation needed" or "packet too big" (RFC 1191, RFC 8201).
//
// As Linux keeps it: per destination, for net.ipv4.route.mtu_expires (600 s), never below
// net.ipv4.route.min_pmtu (552) for IPv4 and 1280 for IPv6. Bounded: beyond kMost destinations the
// one learned first is forgotten. find: O(log destinations), and O(1) where nothing was learned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::host {

class PathMtu {
 public:
  static constexpr std::size_t kMost = 4096;
  static constexpr Duration kExpires = std::chrono::seconds(600);
  static constexpr std::uint32_t kLeastV4 = 552;
  static constexpr std::uint32_t kLeastV6 = 1280;

  // Returns what holds from now on.
  std::uint32_t learn(const net::IpAddress& destination, std::uint32_t mtu_bytes, Instant now) {
    const std::uint32_t mtu = std::max(mtu_bytes, destination.is_v4() ? kLeastV4 : kLeastV6);
    const auto [at, added] = paths_.insert_or_assign(destination, Path{mtu, now + kExpires});
    if (added) order_.push_back(destination);
    if (order_.size() > kMost) {
      paths_.erase(order_.front());
      order_.pop_front();
    }
    return at->second.mtu_bytes;
  }
  // nullopt: nothing is known, or no longer.
  std::optional<std::uint32_t> find(const net::IpAddress& destination, Instant now) const {
    if (paths_.empty()) return std::nullopt;
    const auto at = paths_.find(destination);
    if (at == paths_.end() || at->second.until <= now) return std::nullopt;
    return at->second.mtu_bytes;
  }

 private:
  struct Path {
    std::uint32_t mtu_bytes = 0;
    Instant until;
  };
  std::map<net::IpAddress, Path> paths_;
  std::deque<net::IpAddress> order_;  // as learned
};

}  // namespace elblab::host
