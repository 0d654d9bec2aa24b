#include "models/host/tcp/tcp_windows.hpp"

#include <algorithm>
#include <bit>

#include "models/host/tcp/initial_sequence.hpp"
#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

constexpr std::uint32_t kLargestUnscaled = 65535;
constexpr std::uint8_t kLargestScale = 14;  // RFC 7323 §2.3
constexpr unsigned kScalingBits = 8;
constexpr std::uint8_t kFirstScaling = 128;
constexpr std::uint32_t kInitialSegments = 10;

std::uint32_t buffer_bytes(std::int64_t value) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 1, 0x3FFFFFFF));
}

std::int64_t window_of(std::int64_t space, std::uint8_t scaling) {
  return space * scaling >> kScalingBits;
}

// What the buffer still has room for (tcp_space).
std::int64_t free_window(const TransferState& t) {
  return window_of(std::int64_t{t.receive_buffer} - t.held, t.scaling);
}

std::uint32_t align_up(std::uint32_t bytes, unsigned scale) {
  return ((bytes + (1U << scale) - 1) >> scale) << scale;
}

std::uint32_t clamp_for(std::uint32_t full, std::uint8_t scale, std::uint32_t largest) {
  const std::uint32_t clamp = std::min(full, kLargestUnscaled << scale);
  // One segment is kept in reserve.
  const bool reserves = clamp > 2 * largest && clamp + largest > full;
  return reserves ? std::max(2 * largest, full - largest) : clamp;
}

std::uint32_t full_window(const Sysctls& sysctls) {
  return static_cast<std::uint32_t>(
      window_of(buffer_bytes(sysctls.tcp_rmem_default), kFirstScaling));
}

}  // namespace

std::uint8_t offered_scale(const Sysctls& sysctls) {
  if (sysctls.tcp_window_scaling == 0) return 0;
  const auto space = static_cast<std::uint64_t>(std::max<std::int64_t>(sysctls.tcp_rmem_max, 1));
  const int bits = std::bit_width(space) - 1;
  return static_cast<std::uint8_t>(std::clamp(bits - 15, 0, int{kLargestScale}));
}

std::uint32_t first_window(const Sysctls& sysctls, std::uint32_t segment) {
  const auto half = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(sysctls.tcp_rmem_default / 2, 1, kLargestUnscaled + 1));
  const std::uint32_t window = half > segment ? half / segment * segment : half;
  return std::min(window, kLargestUnscaled);
}

void begin_window(TcpConnection& c, const Sysctls& sysctls, std::uint32_t largest, Instant now) {
  const std::uint32_t clamp = clamp_for(full_window(sysctls), c.receive_scale, largest);
  c.window_limit = std::min(c.window_limit, clamp);
  c.delayed_ack.begin(std::min<std::uint32_t>(largest, c.send_mss), c.receive_window,
                      clock_ms(now));
}

void prepare_receive_buffer(const TcpConnection& c, TransferState& t, const Sysctls& sysctls,
                            std::uint32_t largest, Instant now) {
  t.receive_buffer = buffer_bytes(sysctls.tcp_rmem_default);
  t.scaling = kFirstScaling;
  t.window_clamp = clamp_for(full_window(sysctls), c.receive_scale, largest);
  t.read_since = c.established_at == kNever ? now : c.established_at;
  t.read_sequence = c.receive_next;
  // With timestamps 6.18 counts round trips from the first on; where it takes them from is not
  // known.
  if (c.timestamps) {
    t.round_trip_us =
        static_cast<std::uint32_t>(8 * (c.round_trip.smoothed() / std::chrono::microseconds(1)));
  }
  t.read_per_round = std::min({c.window_limit, c.receive_window, kInitialSegments * largest});
}

namespace {

// Of a packet's block that payload may use, and what lies before it. Measured with SO_MEMINFO on
// Linux 6.18 (x86-64): blocks of 576, 1024 or 2048 bytes.
constexpr std::uint32_t kShared = 320;  // skb_shared_info, behind the bytes
constexpr std::uint32_t kRecord = 256;  // sk_buff

std::uint32_t headers_of(const Segment& segment) {
  constexpr std::uint32_t kEthernet = 14;
  return kEthernet + (segment.local.address.is_v4() ? 20U : 40U) + segment.header_bytes;
}

std::uint32_t block_of_packet(const Segment& segment) {
  constexpr std::uint32_t kSmallest = 576;
  constexpr std::uint32_t kReserved = 15;
  const std::uint32_t bytes = segment.payload_size() + headers_of(segment) + kReserved + kShared;
  return bytes <= kSmallest ? kSmallest : std::bit_ceil(bytes);
}

}  // namespace

std::uint32_t buffer_of_packet(const Segment& segment) {
  return block_of_packet(segment) + kRecord;
}

void hold_packet(TransferState& t, const Segment& segment, bool in_order) {
  constexpr std::uint32_t kAlignment = 2;
  const std::uint32_t payload = segment.payload_size();
  if (in_order && t.held > 0 && payload <= t.tail_room) {
    t.tail_room = static_cast<std::uint16_t>(t.tail_room - payload);
    return;
  }
  t.held += buffer_of_packet(segment);
  if (!in_order) return;
  t.tail_room = static_cast<std::uint16_t>(block_of_packet(segment) - kShared - kAlignment -
                                           headers_of(segment) - payload);
}

namespace {

// tcp_set_window_clamp
void set_clamp(TcpConnection& c, TransferState& t, std::uint32_t clamp) {
  const bool shrinks = clamp < t.window_clamp;
  t.window_clamp = clamp;
  c.window_limit = shrinks ? std::min(c.window_limit, clamp)
                           : std::max(c.window_limit, std::min(c.receive_window, clamp));
}

}  // namespace

void measure_segment(TcpConnection& c, TransferState& t, const Segment& segment,
                     std::uint32_t largest) {
  const std::uint32_t payload = segment.payload_size();
  if (payload == 0) return;
  const std::uint32_t plain = 20U + (c.timestamps ? 12U : 0U);
  const bool changed = c.delayed_ack.measure(
      static_cast<std::uint16_t>(payload), static_cast<std::uint16_t>(largest),
      segment.header_bytes, plain, segment.psh(), segment.fin());
  if (!changed) return;
  const std::uint64_t scaling =
      (std::uint64_t{payload} << kScalingBits) / buffer_of_packet(segment);
  const auto ratio = static_cast<std::uint8_t>(std::clamp<std::uint64_t>(scaling, 1, 255));
  if (ratio == t.scaling) return;
  t.scaling = ratio;
  set_clamp(c, t, static_cast<std::uint32_t>(window_of(t.receive_buffer, ratio)));
  t.read_per_round = std::min(t.read_per_round, t.window_clamp);
}

void grow_window(TcpConnection& c, TransferState& t, const Sysctls& sysctls, const Segment& segment,
                 std::uint32_t largest) {
  const std::uint32_t payload = segment.payload_size();
  const std::int64_t room =
      std::min<std::int64_t>(t.window_clamp, free_window(t)) - std::int64_t{c.window_limit};
  if (room <= 0) return;
  std::int64_t taken = window_of(buffer_of_packet(segment), t.scaling);
  std::int64_t more = 0;
  if (taken <= payload) {
    more = 2 * std::int64_t{largest};
  } else {  // the smaller the share of payload, the smaller the window that may grow still
    taken >>= 1;
    std::int64_t window = window_of(buffer_bytes(sysctls.tcp_rmem_max), t.scaling) >> 1;
    while (c.window_limit <= window && more == 0) {
      if (taken <= payload) more = 2 * std::int64_t{c.delayed_ack.segment()};
      taken >>= 1;
      window >>= 1;
    }
  }
  if (more == 0) return;
  more = std::max(more, 2 * std::int64_t{payload});
  c.window_limit += static_cast<std::uint32_t>(std::min(room, more));
  c.delayed_ack.tell_growth();
}

namespace {

// The least counts (tcp_rcv_rtt_update, since 6.16).
void take_round(TransferState& t, Duration sample) {
  const auto us = static_cast<std::uint32_t>(std::max<std::int64_t>(
      1, std::chrono::duration_cast<std::chrono::microseconds>(sample).count()));
  if (t.round_trip_us == 0 || us * 8 < t.round_trip_us) t.round_trip_us = us * 8;
}

}  // namespace

void measure_round(const TcpConnection& c, TransferState& t, Instant now) {
  if (t.round_since != kNever) {
    if (before(c.receive_next, t.round_sequence)) return;
    take_round(t, now - t.round_since);
  }
  t.round_sequence = c.receive_next + c.receive_window;
  t.round_since = now;
}

void measure_round_by_echo(const TcpConnection& c, TransferState& t, const Segment& segment,
                           Instant now) {
  if (!c.timestamps || !segment.options.timestamps) return;
  const std::uint32_t echo = segment.options.timestamps->echo;
  if (echo == t.measured_echo) return;
  t.measured_echo = echo;
  if (segment.end - segment.sequence < c.delayed_ack.segment()) return;
  const std::uint32_t ms = clock_ms(now) + c.timestamp_offset - echo;
  if (ms > 0 && ms < 120'000) take_round(t, std::chrono::milliseconds(ms));
}

void adjust_buffer(const TcpConnection& c, TransferState& t, const Sysctls& sysctls,
                   std::uint32_t read_sequence, std::uint32_t held_end, Instant now) {
  const auto elapsed_us =
      std::chrono::duration_cast<std::chrono::microseconds>(now - t.read_since).count();
  if (t.round_trip_us == 0 || elapsed_us < (t.round_trip_us >> 3)) return;
  const std::int64_t waiting = static_cast<std::int32_t>(c.receive_next - read_sequence);
  const std::int64_t read = static_cast<std::int32_t>(read_sequence - t.read_sequence) - waiting;
  if (read > t.read_per_round) {
    // Twice what a round trip brought, and more while that grows.
    std::uint64_t window = static_cast<std::uint64_t>(read) << 1;
    window += window * static_cast<std::uint64_t>(read - t.read_per_round) / t.read_per_round << 1;
    if (after(held_end, c.receive_next)) window += held_end - c.receive_next;
    const std::uint64_t wanted = std::min<std::uint64_t>((window << kScalingBits) / t.scaling,
                                                         buffer_bytes(sysctls.tcp_rmem_max));
    if (wanted > t.receive_buffer) {
      t.receive_buffer = static_cast<std::uint32_t>(wanted);
      t.window_clamp = static_cast<std::uint32_t>(window_of(t.receive_buffer, t.scaling));
    }
    t.read_per_round = static_cast<std::uint32_t>(read);
  }
  t.read_sequence = read_sequence;
  t.read_since = now;
}

std::uint32_t select_window(TcpConnection& c, const TransferState* t, const Sysctls& sysctls) {
  const std::int64_t allowed =
      t != nullptr ? window_of(t->receive_buffer, t->scaling) : full_window(sysctls);
  const std::int64_t full =
      t != nullptr ? std::min<std::int64_t>(t->window_clamp, allowed) : allowed;
  std::int64_t room = t != nullptr ? free_window(*t) : allowed;
  const std::int64_t segment = std::min<std::int64_t>(c.delayed_ack.segment(), full);
  if (segment <= 0) return 0;
  if (room < (full >> 1)) {
    c.delayed_ack.stop_quick();
    room = room <= 0 ? room : room >> c.receive_scale << c.receive_scale;
    if (room < (allowed >> 4) || room < segment) return 0;
  }
  room = std::min<std::int64_t>(room, c.window_limit);
  if (c.receive_scale > 0) return align_up(static_cast<std::uint32_t>(room), c.receive_scale);
  // Kept where it is while that is within a segment of what could be offered.
  const std::int64_t window = c.receive_window;
  if (window <= room - segment || window > room) {
    return static_cast<std::uint32_t>(room / segment * segment);
  }
  if (segment == full && room > window + (full >> 1)) return static_cast<std::uint32_t>(room);
  return static_cast<std::uint32_t>(window);
}

std::uint16_t announce_window(TcpConnection& c, const TransferState* t, const Sysctls& sysctls) {
  const std::uint32_t offered = c.open_window();
  std::uint32_t window = select_window(c, t, sysctls);
  // Rounded up, so that scaling does not take back an offer (RFC 7323 §2.4).
  if (window < offered) window = align_up(offered, c.receive_scale);
  c.receive_acknowledged = c.receive_next;
  c.receive_window = window;
  return static_cast<std::uint16_t>(std::min(window, kLargestUnscaled << c.receive_scale) >>
                                    c.receive_scale);
}

}  // namespace elblab::host
