#include "models/host/tcp/tcp_shared.hpp"

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

}  // namespace elblab::host
