#include "pcap/conversations/flow_record.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "pcap/conversations/tcp_tracking.hpp"

namespace elblab::pcap {
namespace {

Side closer_of(Closing closing) {
  const bool server = closing == Closing::server_fin || closing == Closing::server_reset;
  return server ? Side::server : Side::client;
}

Duration less(Duration pause, Duration share) { return std::max(pause - share, Duration{0}); }

// A side that answers the other waited for the network as well; one that goes on by itself, or the
// client right after its own acknowledgment of the handshake, did not.
void take_off_network(std::span<Turn> turns, const PerSide<Duration>& share) {
  Side before = Side::client;
  for (Turn& turn : turns) {
    if (turn.from != before) turn.pause = less(turn.pause, share[turn.from]);
    before = turn.from;
  }
}

void set_close(Conversation& c, const Flow& flow, const PerSide<Duration>& share) {
  c.closing = flow.closing;
  c.half_closed = flow.half_closed;
  c.end = (flow.closing == Closing::none ? flow.last : flow.closed_at) - flow.begin;
  if (flow.closing == Closing::none) return;
  const Side closer = closer_of(flow.closing);
  const Side before = flow.turns.count > 0 ? flow.last_speaker : Side::client;
  const Duration since = flow.turns.count > 0                    ? flow.last_data
                         : flow.established_at != Flow::kNotSeen ? flow.established_at
                                                                 : flow.begin;
  c.close_pause = less(flow.closed_at - since, closer != before ? share[closer] : Duration{0});
  if (flow.followed_at != Flow::kNotSeen) {
    c.follow_pause = less(flow.followed_at - flow.closed_at, share[other(closer)]);
  }
}

}  // namespace

FlowKind kind_of(const Flow& flow) {
  if (flow.protocol == net::Protocol::udp) return FlowKind::conversation;
  const bool said_something = flow.bytes.client + flow.bytes.server > 0;
  if (flow.opening == Opening::midstream) {
    return said_something ? FlowKind::conversation : FlowKind::stray;
  }
  if (flow.refused) return FlowKind::refused;
  if (flow.established_at != Flow::kNotSeen || said_something) return FlowKind::conversation;
  return flow.syn_ack_at != Flow::kNotSeen ? FlowKind::half_open : FlowKind::unanswered;
}

Conversation record_of(Flow& flow, TurnPool& pool, std::vector<Turn>& turns) {
  const PerSide<Duration> share = network_share(flow);
  Conversation c;
  c.begin = flow.begin;
  c.length = flow.last - flow.begin;
  set_close(c, flow, share);
  c.round_trip = share.client + share.server;
  c.bytes = flow.bytes;
  c.packets = flow.packets;
  c.mark = flow.mark;
  c.client_port = flow.client.port;
  c.protocol = flow.protocol;
  c.opening = flow.opening;
  c.first_turn = static_cast<std::uint32_t>(turns.size());
  c.turns = flow.turns.count;
  pool.move_to(flow.turns, turns);
  if (c.protocol == net::Protocol::tcp) {
    take_off_network(std::span(turns).subspan(c.first_turn), share);
  }
  return c;
}

void turn_round(Conversation& c, std::vector<Turn>& turns) {
  std::swap(c.bytes.client, c.bytes.server);
  std::swap(c.packets.client, c.packets.server);
  std::swap(c.mark.client, c.mark.server);
  for (Turn& turn : std::span(turns).subspan(c.first_turn, c.turns)) turn.from = other(turn.from);
  switch (c.closing) {
    case Closing::client_fin:
      c.closing = Closing::server_fin;
      break;
    case Closing::server_fin:
      c.closing = Closing::client_fin;
      break;
    case Closing::client_reset:
      c.closing = Closing::server_reset;
      break;
    case Closing::server_reset:
      c.closing = Closing::client_reset;
      break;
    case Closing::none:
      break;
  }
  c.half_closed = false;
}

}  // namespace elblab::pcap
