#include "models/host/tcp/handshake.hpp"

#include <algorithm>

namespace elblab::host {
namespace {
constexpr std::uint16_t kDefaultMss = 536;     // RFC 9293 §3.7.1
constexpr std::uint16_t kDefaultMssV6 = 1220;  // the least MTU of IPv6, less headers
constexpr std::uint16_t kLeastMss = 48;        // TCP_MIN_SND_MSS
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
  const std::uint16_t otherwise = c.local.address.is_v4() ? kDefaultMss : kDefaultMssV6;
  c.peer_mss = std::max(peer.mss.value_or(0) == 0 ? otherwise : *peer.mss, kLeastMss);
  const std::uint16_t options = c.timestamps ? kTimestampBytes : 0;
  c.send_mss = static_cast<std::uint16_t>(
      std::max<int>(std::min(c.peer_mss, mtu_segment) - options, kLeastMss - kTimestampBytes));
}

std::uint32_t first_timestamp(const TcpConnection& c) {
  return clock_ms(c.opened_at) + c.timestamp_offset;
}

bool answers_first(const TcpConnection& c, const Segment& segment) {
  return c.timestamps && segment.options.timestamps &&
         segment.options.timestamps->echo == first_timestamp(c);
}

void begin_round_trip(TcpConnection& c, const Segment& segment, Instant now) {
  if (c.retransmissions == 0 && !c.cookie) {
    c.round_trip.begin(now - c.opened_at);
    return;
  }
  if (c.timestamps && segment.options.timestamps && segment.options.timestamps->echo != 0) {
    const std::uint32_t ms = clock_ms(now) + c.timestamp_offset - segment.options.timestamps->echo;
    if (ms < 120'000) {
      c.round_trip.begin(std::chrono::milliseconds(std::max(ms, 1U)));
      return;
    }
  }
  c.round_trip.begin_without_sample();
}

}  // namespace elblab::host
