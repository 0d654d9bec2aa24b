// Which ICMP messages a Linux host may send (rows 30–34; HC-45..47, HC-49, HC-52; net/ipv4/icmp.c,
// inetpeer.c).
//
// Types outside icmp_ratemask are never limited. The others pass a limiter for the host as a whole
// (icmp_msgs_per_sec, icmp_msgs_burst; credit is added at most every 20 ms; a message costs 0, 1
// or 2, on average 1), then a bucket per peer: icmp_ratelimit ms of credit per message, at most
// six messages' worth.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "models/host/sysctls.hpp"
#include "models/net/address.hpp"
#include "models/random/stream.hpp"

namespace elblab::host {

class IcmpLimiter {
 public:
  explicit IcmpLimiter(random::Stream stream) : stream_(stream) {}

  // Takes the credit when the answer is yes. `type` is an ICMP (IPv4) type. O(1).
  bool allow(std::uint8_t type, const net::IpAddress& peer, const Sysctls& sysctls, Instant now);

 private:
  static constexpr std::size_t kMostPeers = 65664;  // inet_peer_threshold

  struct Bucket {
    Duration credit{};
    Instant last;
  };
  struct AddressHash {
    std::size_t operator()(const net::IpAddress& address) const;
  };

  bool host_allows(const Sysctls& sysctls, Instant now);
  bool peer_allows(const net::IpAddress& peer, Duration interval, Instant now);
  Bucket& bucket(const net::IpAddress& peer, Duration interval, Instant now);

  random::Stream stream_;
  std::int64_t host_credit_ = 0;
  Instant host_last_ = Instant{std::chrono::seconds(-1)};
  std::unordered_map<net::IpAddress, Bucket, AddressHash> buckets_;
  std::deque<net::IpAddress> order_;  // of creation: the oldest is forgotten first
};

}  // namespace elblab::host
