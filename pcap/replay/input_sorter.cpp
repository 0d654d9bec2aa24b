#include "pcap/replay/input_sorter.hpp"

namespace elblab::replay {

using net::FlowKey;
using net::PacketView;

namespace {

bool is_tcp(const PacketView& packet) { return packet.protocol() == net::Protocol::tcp; }

bool opens(const PacketView& packet) {
  constexpr std::uint8_t kMask = net::tcp_flag::syn | net::tcp_flag::ack | net::tcp_flag::rst;
  return is_tcp(packet) && (packet.tcp_flags() & kMask) == net::tcp_flag::syn;
}

bool accepts(const PacketView& packet) {
  constexpr std::uint8_t kSynAck = net::tcp_flag::syn | net::tcp_flag::ack;
  return is_tcp(packet) && (packet.tcp_flags() & kSynAck) == kSynAck;
}

// A SYN+ACK, or the RST of a closed port: both acknowledge the SYN.
bool answers_syn(const PacketView& packet) {
  constexpr std::uint8_t kReset = net::tcp_flag::rst | net::tcp_flag::ack;
  return accepts(packet) || (is_tcp(packet) && (packet.tcp_flags() & kReset) == kReset);
}

AnswerKind kind_of(const PacketView& packet) {
  if (!packet.has_ports()) return AnswerKind::icmp;
  if (!is_tcp(packet)) return AnswerKind::datagram;
  const std::uint8_t flags = packet.tcp_flags();
  if ((flags & net::tcp_flag::syn) != 0) return AnswerKind::handshake;
  if ((flags & net::tcp_flag::rst) != 0) return AnswerKind::reset;
  return (flags & net::tcp_flag::fin) != 0 ? AnswerKind::end : AnswerKind::data;
}

}  // namespace

std::string_view to_string(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::handshake:
      return "SYN+ACK";
    case AnswerKind::data:
      return "data or ACK";
    case AnswerKind::end:
      return "FIN";
    case AnswerKind::reset:
      return "RST";
    case AnswerKind::datagram:
      return "datagram";
    case AnswerKind::icmp:
      return "ICMP";
    case AnswerKind::count_:
      break;
  }
  return "unknown";
}

InputSorter::InputSorter(Side side, const AddressPlan& plan, const worlds::Network& network)
    : side_(side), plan_(plan), network_(network), decisions_(plan.all_servers().size()) {}

bool InputSorter::admit(PacketView& packet, Lookup& lookup) {
  const std::uint64_t moved = counts_.moved;
  const Verdict verdict = sort(packet, lookup);
  if (counts_.moved != moved) lookup = Lookup();
  ++counts_.verdicts[static_cast<std::size_t>(verdict)];
  return verdict == Verdict::from_client || verdict == Verdict::from_server ||
         verdict == Verdict::beside;
}

// What the fabric knows of a packet already tells its leg.
Leg InputSorter::leg_of(const PacketView& packet, const Lookup& lookup) const {
  if (!lookup.known()) return plan_.leg_of(packet);
  if (lookup.claim.kind == network::Claim::Kind::answer) return Leg::server_to_client;
  const bool request = plan_.is_virtual(lookup.claim.flow.destination.address);
  return request ? Leg::client_to_virtual : Leg::server_to_pool;
}

Verdict InputSorter::sort(PacketView& packet, const Lookup& lookup) {
  const Leg leg = leg_of(packet, lookup);
  if (leg == Leg::client_to_virtual) return request(packet);
  if (leg == Leg::elsewhere) return Verdict::elsewhere;
  switch (side_) {
    case Side::client_side:
      return sort_client_side(packet, leg);
    case Side::server_side:
      return sort_server_side(packet, leg);
    case Side::before_balancer:
    case Side::both_sides:
      break;
  }
  return sort_inputs(packet, lookup, leg);
}

Verdict InputSorter::request(const PacketView& packet) {
  if (opens(packet)) {
    recent_syns_.note(packet.sequence(), packet.flow());
  }
  return Verdict::from_client;
}

Verdict InputSorter::sort_client_side(PacketView& packet, Leg leg) {
  if (leg != Leg::virtual_to_client) return Verdict::elsewhere;
  const std::optional<FlowKey> answer = flow_of(packet);
  if (!answer) return Verdict::output;  // an echo reply: the balancer's own
  return move_into(packet, answer->reversed());
}

Verdict InputSorter::sort_server_side(PacketView& packet, Leg leg) {
  switch (leg) {
    case Leg::client_to_server:
    case Leg::pool_to_server:
      return request_seen_by_server(packet);
    case Leg::server_to_client:
    case Leg::server_to_pool:
      return answer_seen_by_server(packet);
    default:
      return Verdict::elsewhere;
  }
}

Verdict InputSorter::sort_inputs(PacketView& packet, const Lookup& lookup, Leg leg) {
  const bool before = side_ == Side::before_balancer;
  switch (leg) {
    case Leg::server_to_pool:
    case Leg::server_to_client:
      return answer(packet, lookup);
    case Leg::virtual_to_client:
    case Leg::pool_to_server:
      return Verdict::output;
    case Leg::client_to_server:
      return before ? Verdict::beside : Verdict::output;
    default:
      return before ? Verdict::beside : Verdict::elsewhere;
  }
}

// Moved to the first listener in front of the server; which of several it was is not in the
// capture.
Verdict InputSorter::request_seen_by_server(PacketView& packet) {
  const std::optional<FlowKey> flow = flow_of(packet);
  if (!flow) return Verdict::elsewhere;
  const std::optional<std::size_t> server = plan_.server_at(flow->destination);
  if (!server) return Verdict::elsewhere;
  const auto front = first_front(flow->destination, *server, flow->protocol);
  if (!front) return Verdict::elsewhere;
  FlowKey moved{flow->source, *front, flow->protocol};
  if (plan_.is_pool(moved.source.address)) {
    moved.source = stand_ins_.of(moved.source, flow->destination);
  }
  if (!move_to_flow(packet, moved)) return without_flow(packet);
  if (opens(packet)) recent_syns_.note(packet.sequence(), moved);
  ++counts_.moved;
  return Verdict::from_client;
}

Verdict InputSorter::answer_seen_by_server(PacketView& packet) {
  const std::optional<FlowKey> captured = flow_of(packet);
  if (!captured) return Verdict::elsewhere;
  const std::optional<std::size_t> server = plan_.server_at(captured->source);
  if (!server) return Verdict::elsewhere;
  const auto front = first_front(captured->source, *server, captured->protocol);
  if (!front) return Verdict::elsewhere;
  FlowKey client{captured->destination, *front, captured->protocol};
  if (plan_.is_pool(client.source.address)) {
    client.source = stand_ins_.of(client.source, captured->source);
  }
  if (const auto ours = network_.server_flow(client)) note_decision(packet, *captured, *ours);
  return move_into(packet, client);
}

Verdict InputSorter::answer(PacketView& packet, const Lookup& lookup) {
  const std::optional<FlowKey> captured =
      lookup.known() ? std::optional(lookup.claim.flow) : flow_of(packet);
  if (!captured) return Verdict::beside;
  std::optional<FlowKey> client;
  if (!plan_.is_pool(captured->destination.address)) {
    if (is_in_its_flow(packet, lookup, *captured)) return Verdict::from_server;
    client = client_flow_by_endpoint(*captured);
  }
  if (!client) client = client_flow_by_tuple(packet, *captured);
  // None known: the engine takes it as its own if it holds it, else as a server's own traffic.
  if (!client) return Verdict::from_server;
  const std::optional<FlowKey> ours = network_.server_flow(*client);
  if (!ours) return without_flow(packet);
  note_decision(packet, *captured, *ours);
  if (ours->reversed() == *captured) return Verdict::from_server;
  if (!move_to_flow(packet, ours->reversed())) return without_flow(packet);
  ++counts_.moved;
  return Verdict::from_server;
}

bool InputSorter::is_in_its_flow(const PacketView& packet, const Lookup& lookup,
                                 const FlowKey& captured) {
  if (!diverged_ && is_tcp(packet) && !answers_syn(packet)) return true;
  const bool held =
      lookup.known() ? network_.holds_answer(lookup) : network_.holds_answer(captured);
  if (held) {
    note_decision(packet, captured, captured.reversed());
  } else if (answers_syn(packet)) {
    diverged_ = true;
  }
  return held;
}

// A listener's flow of this client that another server was chosen for.
std::optional<FlowKey> InputSorter::client_flow_by_endpoint(const FlowKey& answer) const {
  const std::optional<std::size_t> server = plan_.server_at(answer.source);
  if (!server) return std::nullopt;
  std::optional<FlowKey> found;
  plan_.any_front(answer.source, *server, answer.protocol == net::Protocol::tcp,
                  [&](const net::Endpoint& front) {
                    const FlowKey client{answer.destination, front, answer.protocol};
                    if (network_.server_flow(client)) found = client;
                    return found.has_value();
                  });
  return found;
}

std::optional<net::Endpoint> InputSorter::first_front(const net::Endpoint& endpoint,
                                                      std::size_t server,
                                                      net::Protocol protocol) const {
  std::optional<net::Endpoint> first;
  plan_.any_front(endpoint, server, protocol == net::Protocol::tcp,
                  [&](const net::Endpoint& front) {
                    first = front;
                    return true;
                  });
  return first;
}

std::optional<FlowKey> InputSorter::client_flow_by_tuple(const PacketView& packet,
                                                         const FlowKey& answer) {
  if (answers_syn(packet)) {
    const FlowKey* syn = recent_syns_.find(packet.acknowledgment() - 1);
    const std::optional<FlowKey> ours = syn ? network_.server_flow(*syn) : std::nullopt;
    if (ours) {
      if (ours->reversed() == answer) {
        if (!tuples_.empty()) tuples_.erase(answer);
      } else if (tuples_.size() < kMostTuples) {
        tuples_[answer] = *syn;
      }
      return *syn;
    }
  }
  if (tuples_.empty()) return std::nullopt;
  const auto known = tuples_.find(answer);
  return known == tuples_.end() ? std::nullopt : std::optional<FlowKey>(known->second);
}

Verdict InputSorter::move_into(PacketView& packet, const FlowKey& client_flow) {
  const std::optional<FlowKey> ours = network_.server_flow(client_flow);
  if (!ours || !move_to_flow(packet, ours->reversed())) return without_flow(packet);
  ++counts_.moved;
  return Verdict::from_server;
}

Verdict InputSorter::without_flow(const PacketView& packet) {
  ++counts_.without_flow[static_cast<std::size_t>(kind_of(packet))];
  return Verdict::answer_without_flow;
}

void InputSorter::note_decision(const PacketView& packet, const FlowKey& answer,
                                const FlowKey& ours) {
  if (!accepts(packet)) return;
  const auto captured = plan_.server_at(answer.source);
  const auto replayed = plan_.server_at(ours.destination);
  if (captured && replayed) decisions_.add(*captured, *replayed);
}

}  // namespace elblab::replay
