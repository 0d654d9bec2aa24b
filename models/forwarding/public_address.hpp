// The public address (EIP) in front of the cluster: its bandwidth bounds, each on its own, what
// comes from clients to the virtual address and what goes from it to clients (BW-01, BW-03). What
// exceeds it waits in a queue per direction, or is dropped (BW-06).
//
// The load balancer's own figures (m7, m8) count inside of this limit: what it sent may exceed what
// the address let through (MET-38). Packets that do not come from or go to the virtual address -
// the balancer's traffic with servers, direct access to servers - know nothing of it (BW-12).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "models/bandwidth/bandwidth_limiter.hpp"
#include "models/config/load_balancer.hpp"

namespace elblab::forwarding {

// IP bytes; since the start of the run where nothing else is said.
struct PublicAddressFigures {
  std::uint64_t bytes_in = 0;   // passed, from clients
  std::uint64_t bytes_out = 0;  // passed, to clients
  std::uint64_t packets_dropped = 0;
  std::uint64_t bytes_waiting = 0;  // now, both directions together
  double bits_per_second = 0;       // now
};

class PublicAddress {
 public:
  // balancer.eip must be set.
  explicit PublicAddress(const config::LoadBalancer& balancer);

  bool is(const net::IpAddress& address) const { return address == v4_ || address == v6_; }
  bandwidth::BandwidthLimiter& inbound() { return inbound_; }
  bandwidth::BandwidthLimiter& outbound() { return outbound_; }
  const bandwidth::BandwidthLimiter& inbound() const { return inbound_; }

  Instant next_deadline() const {
    return std::min(inbound_.next_deadline(), outbound_.next_deadline());
  }
  // At run time, for both directions (BW-04, LIFE-31). Burst and queue follow the bandwidth unless
  // the configuration gives them.
  void set_bandwidth(double bits_per_second, Instant now);
  PublicAddressFigures figures() const;

 private:
  net::IpAddress v4_;  // or the only one, which may be of IPv6
  std::optional<net::IpAddress> v6_;
  config::PublicAddress eip_;
  bandwidth::BandwidthLimiter inbound_;
  bandwidth::BandwidthLimiter outbound_;
};

}  // namespace elblab::forwarding
