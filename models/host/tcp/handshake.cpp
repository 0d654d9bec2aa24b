#include "models/host/tcp/handshake.hpp"

#include <algorithm>

namespace elblab::host {
namespace {
constexpr std::uint16_t kDefaultMss = 536;  // RFC 9293 §3.7.1
constexpr std::uint16_t kLeastMss = 48;     // TCP_MIN_SND_MSS
}  // namespace

void negotiate(TcpConnection& c, const net::TcpOptions& peer, std::uint16_t mtu_segment,
               Instant now) {
  c.timestamps = c.timestamps && peer.timestamps.has_value();
  c.sack = c.sack && peer.sack_permitted;
  c.scaling = c.scaling && peer.window_scale.has_value();
  c.send_scale = c.scaling ? *peer.window_scale : 0;
  if (!c.scaling) c.receive_scale = 0;
  if (c.timestamps) {
    c.recent_timestamp = peer.timestamps->value;
    c.recent_timestamp_ms = clock_ms(now);
  }
  c.peer_mss = std::max(peer.mss.value_or(kDefaultMss), kLeastMss);
  const std::uint16_t options = c.timestamps ? kTimestampBytes : 0;
  c.send_mss = static_cast<std::uint16_t>(
      std::max<int>(std::min(c.peer_mss, mtu_segment) - options, kLeastMss - kTimestampBytes));
}

}  // namespace elblab::host
