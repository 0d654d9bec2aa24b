#include "pcap/streams/stream_table.hpp"

#include <algorithm>
#include <array>

#include "models/net/endpoint_map.hpp"
#include "models/net/packet_view.hpp"
#include "pcap/conversations/extractor.hpp"
#include "pcap/link_layer.hpp"
#include "pcap/streams/tracking.hpp"
#include "pcap/tunnels.hpp"

namespace elblab::streams {
namespace {

namespace flag = net::tcp_flag;
using pcap::PacketHeaders;

constexpr std::uint32_t kNone = tables::HandleIndex::kNone;
constexpr std::size_t kMostTypes = 16;
constexpr std::uint16_t kFirstUserPort = 1024;  // RFC 6335

std::uint32_t hash_of(const net::FlowKey& flow) {
  return static_cast<std::uint32_t>(net::hash_either_way(flow, 0) >> 32U);
}

// Whether the first packet comes from the client, and whether that is sure.
bool from_client(const PacketHeaders& headers, bool& oriented) {
  const net::FlowKey& flow = headers.flow;
  oriented = true;
  if (flow.protocol == net::Protocol::udp) {
    return flow.source.port >= kFirstUserPort || flow.destination.port < kFirstUserPort;
  }
  if ((headers.flags & flag::syn) != 0) return (headers.flags & flag::ack) == 0;
  oriented = false;
  return flow.source.port >= flow.destination.port;
}

void turn_round(Connection& c) {
  const auto turn = [](auto& sides) { std::swap(sides.client, sides.server); };
  std::swap(c.client, c.server);
  turn(c.last_packet);
  turn(c.sides);
  turn(c.first_sequence);
  turn(c.first_acknowledged);
  turn(c.last_acknowledged);
  turn(c.acknowledges);
  turn(c.first_payload);
  turn(c.first_payload_at);
  c.reset_from = pcap::other(c.reset_from);
  c.closed_from = pcap::other(c.closed_from);
  // Who asked whom was the wrong way round, too: not known.
  c.owed = c.reset_owed = false;
  c.questions = c.answers = 0;
  c.answer_time_sum = c.longest_answer_time = Duration{0};
}

}  // namespace

void StreamTable::add(const pcap::Record& record) {
  StreamReport& report = streams_.report;
  ++report.records;
  const Duration at = clock_.take(record.at_ns);
  const pcap::Frame frame = pcap::open_frame(record.link_type, record.bytes);
  switch (frame.content) {
    case pcap::FrameContent::ip: {
      const auto innermost = pcap::innermost_packet(frame.packet);
      if (innermost.data() != frame.packet.data()) ++report.tunnelled;
      take_packet(innermost, at);
      return;
    }
    case pcap::FrameContent::not_ip:
      ++report.not_ip;
      if (report.not_ip_types.size() < kMostTypes ||
          report.not_ip_types.contains(frame.ether_type)) {
        ++report.not_ip_types[frame.ether_type];
      }
      return;
    case pcap::FrameContent::cut_short:
      ++report.cut_short;
      return;
    case pcap::FrameContent::unknown_link_type:
      ++report.unread_links[record.link_type];
      return;
  }
}

void StreamTable::take_packet(std::span<const std::uint8_t> packet, Duration at) {
  StreamReport& report = streams_.report;
  PacketHeaders headers;
  switch (pcap::read_headers(packet, headers)) {
    case pcap::HeaderProblem::none:
      take_flow(headers, at);
      return;
    case pcap::HeaderProblem::not_tcp_or_udp:
      if (const auto error = read_icmp_error(packet)) {
        take_error(*error, at);
      } else {
        ++report.other;
      }
      return;
    case pcap::HeaderProblem::fragment:
      ++report.fragments;
      return;
    case pcap::HeaderProblem::cut:
    case pcap::HeaderProblem::damaged:
      ++report.unreadable;
      return;
  }
}

void StreamTable::take_flow(const PacketHeaders& headers, Duration at) {
  const bool tcp = headers.flow.protocol == net::Protocol::tcp;
  ++(tcp ? streams_.report.tcp : streams_.report.udp);
  const std::uint32_t hash = hash_of(headers.flow);
  const std::uint32_t slot_of_before = find(headers.flow, hash);
  std::uint32_t slot = slot_of_before;
  if (slot != kNone && begins_anew(streams_.list[slot], headers, at)) {
    index_.erase(hash, slot);
    slot = kNone;
  }
  const bool again = slot_of_before != kNone && slot == kNone;
  if (slot == kNone) slot = open(headers, hash, at);
  if (slot == kNone) return;
  if (again) succeed(streams_.list[slot_of_before], streams_.list[slot], at);
  Connection& connection = streams_.list[slot];
  const bool sent_by_client = headers.flow.source == connection.client;
  const Side from = sent_by_client ? Side::client : Side::server;
  connection.crossed_gap = jumps_at_begin_[slot] != clock_.jumps();
  if (tcp) {
    track_segment(connection, from, headers, at);
  } else {
    track_datagram(connection, from, headers, at);
  }
}

void StreamTable::succeed(Connection& before, Connection& after, Duration at) {
  after.ports_used_before = true;
  const bool open = before.is_tcp() && before.established_at != kNotSeen && !before.reset &&
                    before.closed_at == kNotSeen && at - before.last <= kAlive;
  after.took_over = before.taken_over = open;
}

std::uint32_t StreamTable::find(const net::FlowKey& flow, std::uint32_t hash) const {
  return index_.find(hash, [&](std::uint32_t slot) {
    const Connection& c = streams_.list[slot];
    if (c.protocol != flow.protocol) return false;
    return (c.client == flow.source && c.server == flow.destination) ||
           (c.server == flow.source && c.client == flow.destination);
  });
}

bool StreamTable::begins_anew(const Connection& c, const PacketHeaders& headers,
                              Duration at) const {
  if (!c.is_tcp()) return at - c.last > pcap::kDatagramSilence;
  if ((headers.flags & (flag::syn | flag::ack)) != flag::syn) return false;
  const bool sent_by_client = headers.flow.source == c.client;
  if (!sent_by_client) return c.established_at != kNotSeen || !c.oriented;
  if (c.syn_at != kNotSeen) return c.first_sequence.client != headers.sequence;
  // Its SYN+ACK may have been captured first.
  return c.syn_ack_at == kNotSeen || c.counts(Side::client).packets > 0;
}

std::uint32_t StreamTable::open(const PacketHeaders& headers, std::uint32_t hash, Duration at) {
  if (streams_.list.size() >= kMostConnections) {
    ++streams_.report.not_followed;
    return kNone;
  }
  const auto slot = static_cast<std::uint32_t>(streams_.list.size());
  Connection& c = streams_.list.emplace_back();
  jumps_at_begin_.push_back(clock_.jumps());
  c.hash = hash;
  c.protocol = headers.flow.protocol;
  c.begin = c.last = at;
  const bool client_first = from_client(headers, c.oriented);
  c.client = client_first ? headers.flow.source : headers.flow.destination;
  c.server = client_first ? headers.flow.destination : headers.flow.source;
  index_.insert(hash, slot);
  return slot;
}

void StreamTable::take_error(const IcmpError& error, Duration at) {
  ++streams_.report.icmp_errors;
  const std::uint32_t slot = find(error.about, hash_of(error.about));
  if (slot == kNone || !error.unreachable) return;
  Connection& c = streams_.list[slot];
  c.unreachable = true;
  c.last = std::max(c.last, at);
}

void StreamTable::decide_roles() {
  net::EndpointMap servers;
  for (const Connection& c : streams_.list) {
    if (c.oriented && c.is_tcp() && !servers.contains(c.server)) servers.insert(c.server, 1);
  }
  for (Connection& c : streams_.list) {
    if (c.oriented || !c.is_tcp()) continue;
    if (servers.contains(c.client) && !servers.contains(c.server)) turn_round(c);
  }
}

Streams StreamTable::finish() {
  decide_roles();
  streams_.report.set_back = clock_.set_back();
  streams_.report.gaps = clock_.gaps();
  streams_.report.first_ns = clock_.first_ns();
  streams_.report.length = clock_.now();
  return std::move(streams_);
}

Streams read_streams(pcap::Reader& reader) {
  StreamTable table;
  std::array<pcap::Record, 256> batch;
  while (const std::size_t count = reader.next_batch(batch)) {
    for (std::size_t i = 0; i < count; ++i) table.add(batch[i]);
  }
  return table.finish();
}

}  // namespace elblab::streams
