#include "pcap/conversations/tcp_tracking.hpp"

#include <algorithm>

#include "models/net/packet_view.hpp"

namespace elblab::pcap {
namespace {

namespace flag = net::tcp_flag;

constexpr std::int32_t kFarthest = 1 << 30;  // the largest window there can be (RFC 7323 §2.3)

// How far b is ahead of a.
std::int32_t ahead(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(b - a); }

bool has(const PacketHeaders& packet, std::uint8_t flags) { return (packet.flags & flags) != 0; }

void take_turn(Flow& flow, Side from, std::uint64_t bytes, bool new_turn, Duration at,
               TurnPool& turns, ExtractionCounts& counts) {
  if (flow.turns.count > 0 && !new_turn) {
    turns.last(flow.turns).bytes += bytes;
    return;
  }
  Turn* const joined = flow.turns.count >= kMostTurns ? turns.last_of(flow.turns, from) : nullptr;
  if (joined != nullptr) {
    joined->bytes += bytes;
    ++counts.turns_joined;
    return;
  }
  const Duration since = flow.turns.count > 0                    ? flow.last_data
                         : flow.established_at != Flow::kNotSeen ? flow.established_at
                                                                 : at;
  turns.append(flow.turns, {std::max(at - since, Duration{0}), bytes, from, at - flow.begin});
}

void take_data(Flow& flow, Side from, std::uint32_t begin, std::uint32_t size, Duration at,
               TurnPool& turns, ExtractionCounts& counts) {
  Stream& stream = flow.streams[from];
  const std::int32_t gap = ahead(stream.next, begin);
  const std::int32_t advance = ahead(stream.next, begin + size);
  if (gap > kFarthest || gap < -kFarthest) {
    ++counts.outside_window;
    return;
  }
  if (gap == -1 && size <= 1) return;  // a keepalive probe
  if (advance <= 0) {
    const bool fills = ahead(stream.hole_begin, begin) >= 0 &&
                       ahead(begin + size, stream.hole_end) >= 0 &&
                       stream.hole_begin != stream.hole_end;
    ++(fills ? counts.out_of_order : counts.retransmissions);
    if (fills && begin == stream.hole_begin) stream.hole_begin += size;
  } else {
    const bool all_acknowledged = stream.acknowledged_known && stream.acknowledged == stream.next;
    const bool paused = all_acknowledged && at - stream.last_data > kProgramsPause;
    const bool new_turn = flow.last_speaker != from || paused;
    if (gap > 0) {
      stream.hole_begin = stream.next;
      stream.hole_end = begin;
    }
    take_turn(flow, from, static_cast<std::uint64_t>(advance), new_turn, at, turns, counts);
    flow.bytes[from] += static_cast<std::uint64_t>(advance);
    flow.last_speaker = from;
    stream.next = begin + size;
    if (flow.closing == Closing::client_fin && from == Side::server) flow.half_closed = true;
  }
  stream.last_data = at;
  flow.last_data = at;
}

void take_syn(Flow& flow, Side from, const PacketHeaders& packet, Duration at) {
  if (has(packet, flag::ack)) {
    if (flow.established_at == Flow::kNotSeen) flow.syn_ack_at = at;
  } else if (flow.syn_ack_at == Flow::kNotSeen) {
    flow.syn_at = at;
  }
  Stream& stream = flow.streams[from];
  if (stream.known) return;
  stream.known = true;
  stream.next = packet.sequence + 1;
  flow.mark[from] = packet.sequence;
}

void take_end(Flow& flow, Side from, bool reset, Duration at) {
  const Closing how = from == Side::client ? (reset ? Closing::client_reset : Closing::client_fin)
                                           : (reset ? Closing::server_reset : Closing::server_fin);
  if (flow.closing == Closing::none) {
    flow.closing = how;
    flow.closed_at = at;
  } else if (!reset && flow.followed_at == Flow::kNotSeen) {
    flow.followed_at = at;
  }
}

void take_reset(Flow& flow, Side from, Duration at) {
  const bool of_handshake = flow.opening == Opening::handshake &&
                            flow.established_at == Flow::kNotSeen && from == Side::server;
  if (of_handshake && flow.syn_ack_at == Flow::kNotSeen) flow.refused = true;
  take_end(flow, from, true, at);
}

// An acknowledgment from the client completes the handshake, also where the SYN-ACK was not seen.
void take_acknowledgment(Flow& flow, Side from, const PacketHeaders& packet, Duration at) {
  Stream& acknowledged = flow.streams[other(from)];
  acknowledged.acknowledged = packet.acknowledgment;
  acknowledged.acknowledged_known = true;
  if (from == Side::client && !has(packet, flag::syn | flag::rst) &&
      flow.established_at == Flow::kNotSeen) {
    flow.established_at = at;
  }
}

}  // namespace

void track_tcp(Flow& flow, Side from, const PacketHeaders& packet, Duration at, TurnPool& turns,
               ExtractionCounts& counts) {
  ++flow.packets[from];
  flow.last = std::max(flow.last, at);
  if (flow.closing == Closing::client_reset || flow.closing == Closing::server_reset) return;
  Stream& stream = flow.streams[from];
  if (has(packet, flag::rst)) {
    take_reset(flow, from, at);
    return;
  }
  if (has(packet, flag::syn)) take_syn(flow, from, packet, at);
  if (!stream.known) {
    stream.known = true;
    stream.next = packet.sequence;
    flow.mark[from] = packet.sequence;
  }
  if (has(packet, flag::ack)) take_acknowledgment(flow, from, packet, at);
  if (packet.payload > 0) {
    const std::uint32_t begin = packet.sequence + (has(packet, flag::syn) ? 1 : 0);
    take_data(flow, from, begin, packet.payload, at, turns, counts);
  }
  if (has(packet, flag::fin) && !stream.finished) {
    stream.finished = true;
    take_end(flow, from, false, at);
  }
}

PerSide<Duration> network_share(const Flow& flow) {
  PerSide<Duration> share;
  if (flow.syn_at == Flow::kNotSeen || flow.syn_ack_at == Flow::kNotSeen) return share;
  share.server = std::max(flow.syn_ack_at - flow.syn_at, Duration{0});
  if (flow.established_at != Flow::kNotSeen) {
    share.client = std::max(flow.established_at - flow.syn_ack_at, Duration{0});
  }
  return share;
}

}  // namespace elblab::pcap
