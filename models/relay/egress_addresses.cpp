#include "models/relay/egress_addresses.hpp"

#include <utility>

#include "models/contract/require.hpp"

namespace elblab::relay {

EgressAddresses::EgressAddresses(std::vector<net::IpAddress> addresses, random::Stream stream)
    : addresses_(std::move(addresses)),
      stream_(stream),
      key_(stream.child("clients").next()),
      used_(addresses_.size(), false) {
  ELBLAB_REQUIRE(!addresses_.empty(), "a relay connects from an address");
}

std::uint32_t EgressAddresses::of_client(const net::IpAddress& client) const {
  const std::uint64_t hash =
      random::splitmix64(random::splitmix64(key_ ^ client.high()) ^ client.low());
  return static_cast<std::uint32_t>(hash % addresses_.size());
}

void EgressAddresses::note_use(std::uint32_t index) {
  if (used_[index]) return;
  used_[index] = true;
  ++used_count_;
}

}  // namespace elblab::relay
