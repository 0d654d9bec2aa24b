#include "models/access/flow_tracker.hpp"

#include "models/access/rule_table.hpp"
#include "models/net/bytes.hpp"
#include "models/net/icmp.hpp"

namespace elblab::access {
namespace {

constexpr std::size_t kEchoHeader = 8;

bool is_tcp(const net::FlowKey& flow) { return flow.protocol == net::Protocol::tcp; }

bool has_flag(const net::PacketView& packet, std::uint8_t flag) {
  return packet.protocol() == net::Protocol::tcp && (packet.tcp_flags() & flag) != 0;
}

bool asks_to_open(const net::PacketView& packet) {
  return has_flag(packet, net::tcp_flag::syn) && !has_flag(packet, net::tcp_flag::ack);
}

}  // namespace

FlowTracker::FlowTracker(const TrackingLimits& limits, std::uint64_t hash_seed)
    : times_{limits.tcp_opening, limits.tcp_established, limits.tcp_closing,
             limits.tcp_closed,  limits.one_way,         limits.both_ways},
      limit_(limits.flows),
      seed_(hash_seed) {}

std::optional<FlowTracker::Sighting> FlowTracker::look_at(const net::PacketView& packet) {
  if (packet.has_ports()) {
    Sighting sighting = look_at_ports(packet.flow());
    sighting.begins = !has_flag(packet, net::tcp_flag::rst);
    return sighting;
  }
  const std::uint16_t number = icmp_number(packet);
  const bool asks = number == icmp_number(config::IcmpMessage::echo_request);
  const bool answers = number == icmp_number(config::IcmpMessage::echo_reply);
  if ((!asks && !answers) || packet.transport().size() < kEchoHeader) return std::nullopt;
  // Named from who asks: the request of the other side with the same identifier is another flow.
  net::FlowKey flow = packet.flow();
  flow.source.port = flow.destination.port = net::load16(packet.transport().data() + 4);
  return Sighting{asks ? flow : flow.reversed(), answers, asks};
}

FlowTracker::Sighting FlowTracker::look_at_ports(const net::FlowKey& flow) {
  if (flow.destination < flow.source) return Sighting{flow.reversed(), true, false};
  return Sighting{flow, false, false};
}

FlowTracker::Number FlowTracker::find(const net::FlowKey& key) const {
  return index_.find(hash(key), [&](Number number) { return flows_[number].key == key; });
}

bool FlowTracker::passes(const net::PacketView& packet, Instant now) {
  expire(now);
  if (const auto quoted = net::quoted_flow(packet)) {
    const bool ports =
        quoted->protocol == net::Protocol::tcp || quoted->protocol == net::Protocol::udp;
    return ports && find(look_at_ports(*quoted).flow) != kNobody;
  }
  const auto sighting = look_at(packet);
  if (!sighting) return false;
  const Number number = find(sighting->flow);
  if (number == kNobody) return false;
  if (flows_[number].state == State::tcp_closed && asks_to_open(packet)) {
    remove(number);
    return false;
  }
  unlink(number);
  flows_[number].last = now;
  append(number, state_after(flows_[number], packet, *sighting));
  return true;
}

bool FlowTracker::open(const net::PacketView& packet, Instant now) {
  const auto sighting = look_at(packet);
  if (!sighting || !sighting->begins) return true;
  if (index_.size() >= limit_) {
    ++refused_;
    return false;
  }
  Number number = 0;
  if (free_.empty()) {
    number = static_cast<Number>(flows_.size());
    flows_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  Flow& flow = flows_[number];
  flow = Flow{};
  flow.key = sighting->flow;
  flow.last = now;
  flow.opened_backwards = sighting->backwards;
  append(number, state_after(flow, packet, *sighting));
  index_.insert(hash(flow.key), number);
  return true;
}

FlowTracker::State FlowTracker::state_after(Flow& flow, const net::PacketView& packet,
                                            const Sighting& sighting) {
  if (sighting.backwards != flow.opened_backwards) flow.answered = true;
  if (!is_tcp(flow.key)) return flow.answered ? State::both_ways : State::one_way;
  if (flow.state == State::tcp_closed || has_flag(packet, net::tcp_flag::rst)) {
    return State::tcp_closed;
  }
  if (has_flag(packet, net::tcp_flag::fin)) flow.finished[sighting.backwards ? 1 : 0] = true;
  if (flow.finished[0] && flow.finished[1]) return State::tcp_closed;
  if (flow.finished[0] || flow.finished[1]) return State::tcp_closing;
  return flow.answered ? State::tcp_established : State::tcp_opening;
}

void FlowTracker::expire(Instant now) {
  for (std::size_t state = 0; state < lists_.size(); ++state) {
    while (lists_[state].oldest != kNobody &&
           now - flows_[lists_[state].oldest].last >= times_[state]) {
      remove(lists_[state].oldest);
    }
  }
}

void FlowTracker::append(Number number, State state) {
  List& list = lists_[static_cast<std::size_t>(state)];
  Flow& flow = flows_[number];
  flow.state = state;
  flow.older = list.newest;
  flow.newer = kNobody;
  (list.newest == kNobody ? list.oldest : flows_[list.newest].newer) = number;
  list.newest = number;
}

void FlowTracker::unlink(Number number) {
  const Flow& flow = flows_[number];
  List& list = lists_[static_cast<std::size_t>(flow.state)];
  (flow.older == kNobody ? list.oldest : flows_[flow.older].newer) = flow.newer;
  (flow.newer == kNobody ? list.newest : flows_[flow.newer].older) = flow.older;
}

void FlowTracker::remove(Number number) {
  unlink(number);
  index_.erase(hash(flows_[number].key), number);
  free_.push_back(number);
}

}  // namespace elblab::access
