#include "models/host/tcp/tcp_shared.hpp"

#include <algorithm>

#include "models/host/tcp/handshake.hpp"
#include "models/host/tcp/tcp_windows.hpp"
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

TransferState& TcpShared::transfer(TcpConnection& c, Instant now) {
  if (c.transfer == kNoIndex) {
    c.transfer = transfers.acquire();
    TransferState& t = transfers.at(c.transfer);
    c.round_trip.prepare(t, c.send_next);
    prepare_receive_buffer(c, t, sysctls(), largest_received(c), now);
    t.recovery_point = t.limited_until = c.send_unacknowledged;
  }
  return transfers.at(c.transfer);
}

void TcpShared::limit_segments(TcpConnection& c, Instant now) const {
  constexpr std::uint32_t kLeastMss = 48;  // TCP_MIN_SND_MSS
  constexpr std::uint32_t kDefaultMss = 536;
  constexpr std::uint32_t kLeastPayload = 48 - kTimestampBytes;
  const bool v4 = c.local.address.is_v4();
  const std::uint32_t stamps = c.timestamps ? kTimestampBytes : 0U;
  std::uint32_t mss = std::min(c.peer_mss, wire.largest_segment(v4)) - stamps;
  if (const std::optional<std::uint32_t> mtu = path_mtu.find(c.remote.address, now)) {
    const std::size_t headers = (v4 ? net::kV4Header : net::kV6Header) + net::kTcpHeader + stamps;
    mss = std::min(mss, static_cast<std::uint32_t>(std::max<std::size_t>(*mtu - headers, 88)));
  }
  // A peer with a tiny window is sent more than one segment of it.
  const std::uint32_t window = c.largest_send_window;
  const std::uint32_t cutoff = window > kDefaultMss ? window / 2 : window;
  if (cutoff > 0 && mss > cutoff) mss = std::max(cutoff, kLeastMss - stamps);
  c.send_mss = static_cast<std::uint16_t>(std::max(mss, kLeastPayload));
}

}  // namespace elblab::host
