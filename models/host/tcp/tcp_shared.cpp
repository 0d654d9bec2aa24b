#include "models/host/tcp/tcp_shared.hpp"

#include <algorithm>

#include "models/net/header_sizes.hpp"

namespace elblab::host {

TcpShared::TcpShared(const HostOptions& host_options, const random::Stream& stream,
                     HostCounters& host_counters, HostLog& host_log, NetworkInterface& interface,
                     SocketNotices& socket_notices)
    : options(host_options),
      counters(host_counters),
      log(host_log),
      wire(interface),
      notices(socket_notices),
      seeds(stream.child("tcp")),
      flow_seed(seeds.next()),
      timers(connections),
      time_waits(host_options.time_wait),
      ports(stream.child("ports")),
      initial_sequences(host_options.initial_sequence, stream.child("isn")),
      cookies(seeds.next()) {}

std::uint32_t TcpShared::find_flow(std::uint32_t hash, const net::Endpoint& local,
                                   const net::Endpoint& remote) const {
  return flows.find(hash, [&](std::uint32_t handle) {
    if (handle & kTimeWaitBit) {
      const TimeWaitRecord& record = time_waits.at(handle & ~kTimeWaitBit);
      return record.local == local && record.remote == remote;
    }
    const TcpConnection& connection = connections.at(handle);
    return connection.local == local && connection.remote == remote;
  });
}

void TcpShared::limit_to_path(TcpConnection& c, Instant now) const {
  const std::optional<std::uint32_t> mtu = path_mtu.find(c.remote.address, now);
  if (!mtu) return;
  const std::size_t headers = (c.local.address.is_v4() ? net::kV4Header : net::kV6Header) +
                              net::kTcpHeader + (c.timestamps ? kTimestampBytes : 0);
  const auto fits = static_cast<std::uint16_t>(std::max<std::size_t>(*mtu - headers, 88));
  c.send_mss = std::min(c.send_mss, fits);
}

}  // namespace elblab::host
