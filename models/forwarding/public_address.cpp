#include "models/forwarding/public_address.hpp"

#include <cmath>

#include "models/contract/require.hpp"

namespace elblab::forwarding {
namespace {

bandwidth::Limit limit_of(const config::PublicAddress& eip) {
  return {static_cast<std::uint64_t>(std::llround(eip.bits_per_second)),
          config::effective_burst(eip), config::effective_queue(eip)};
}

const config::PublicAddress& set_eip(const config::LoadBalancer& balancer) {
  ELBLAB_REQUIRE(balancer.eip.has_value(), "the balancer has a bandwidth");
  return *balancer.eip;
}

}  // namespace

PublicAddress::PublicAddress(const config::LoadBalancer& balancer)
    : v4_(balancer.address),
      v6_(balancer.address_v6),
      eip_(set_eip(balancer)),
      inbound_(limit_of(eip_), kStart),
      outbound_(limit_of(eip_), kStart) {}

void PublicAddress::set_bandwidth(double bits_per_second, Instant now) {
  eip_.bits_per_second = bits_per_second;
  inbound_.set(limit_of(eip_), now);
  outbound_.set(limit_of(eip_), now);
}

PublicAddressFigures PublicAddress::figures() const {
  const bandwidth::LimiterCounters& in = inbound_.counters();
  const bandwidth::LimiterCounters& out = outbound_.counters();
  return {in.bytes_passed, out.bytes_passed, in.packets_dropped + out.packets_dropped,
          in.bytes_waiting + out.bytes_waiting, eip_.bits_per_second};
}

}  // namespace elblab::forwarding
