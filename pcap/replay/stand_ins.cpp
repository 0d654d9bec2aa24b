#include "pcap/replay/stand_ins.hpp"

namespace elblab::replay {

// Bounded by the configuration: addresses of the pool times servers.
net::Endpoint StandIns::of(const net::Endpoint& source, const net::Endpoint& server) {
  const auto [entry, fresh] = known_.try_emplace({source.address, server});
  if (fresh) {
    const net::IpAddress first = source.address.is_v4() ? net::IpAddress::v4(198, 18, 0, 0)
                                                        : *net::IpAddress::parse("2001:2::");
    entry->second = first.plus(known_.size());
  }
  return {entry->second, source.port};
}

}  // namespace elblab::replay
