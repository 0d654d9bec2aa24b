#include "pcap/probes/probe_reader.hpp"

#include <algorithm>
#include <utility>

#include "models/contract/require.hpp"
#include "models/net/icmp.hpp"

namespace elblab::probes {

using config::ProbeProtocol;
using health::HttpAnswer;
using net::FlowKey;
using net::PacketView;
using telemetry::Reason;

namespace {

bool has(const PacketView& packet, std::uint8_t flag) { return (packet.tcp_flags() & flag) != 0; }

bool opens(const PacketView& packet) {
  return has(packet, net::tcp_flag::syn) && !has(packet, net::tcp_flag::ack);
}

bool accepts(const PacketView& packet) {
  return has(packet, net::tcp_flag::syn) && has(packet, net::tcp_flag::ack);
}

bool is_icmp(const PacketView& packet) { return !packet.has_ports(); }

bool is_unreachable(const PacketView& icmp) {
  return icmp.icmp_type() == (icmp.is_v4() ? net::icmp_type::destination_unreachable
                                           : net::icmp_type::v6_destination_unreachable);
}

bool is_port_unreachable(const PacketView& icmp) {
  return icmp.icmp_code() ==
         (icmp.is_v4() ? net::kIcmpPortUnreachable : net::kIcmpV6PortUnreachable);
}

// Identifier and sequence number; nullopt where the message is too short for both.
std::optional<std::uint32_t> echo_number(const PacketView& icmp) {
  if (icmp.transport().size() < 8) return std::nullopt;
  return net::load32(icmp.transport().data() + 4);
}

}  // namespace

ProbeReader::ProbeReader(ProbeSources sources, std::vector<health::Check> checks,
                         const std::vector<net::IpAddress>& nodes, ProbeReceiver& receiver)
    : sources_(std::move(sources)),
      checks_(std::move(checks)),
      trains_(nodes),
      receiver_(receiver),
      met_(checks_.size(), std::vector<bool>(nodes.size(), false)) {
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    const net::Endpoint& target = checks_[i].target;
    const auto number = static_cast<std::uint32_t>(i);
    if (!by_endpoint_.contains(target)) by_endpoint_.insert(target, number);
    const bool echoes = checks_[i].protocol == ProbeProtocol::udp;
    if (echoes && !by_address_.contains({target.address, 0})) {
      by_address_.insert({target.address, 0}, number);
    }
  }
}

std::optional<std::size_t> ProbeReader::found(const net::EndpointMap& map,
                                              const net::Endpoint& key) {
  const std::uint32_t* const value = map.find(key);
  return value == nullptr ? std::nullopt : std::optional<std::size_t>(*value);
}

bool ProbeReader::take(const PacketView& packet, std::size_t captured, Instant at) {
  const bool taken = take_from_prober(packet, at) || take_from_server(packet, captured, at);
  if (taken) ++counts_.packets;
  return taken;
}

bool ProbeReader::take_from_prober(const PacketView& packet, Instant at) {
  if (is_icmp(packet)) {
    if (!sources_.contains(packet.source())) return false;
    const auto echo = net::echo_of(packet);
    const auto server = found(by_address_, {packet.destination(), 0});
    if (!echo || !echo->request || !server) return false;
    begin_echo(packet, *server, at);
    return true;
  }
  const FlowKey flow = packet.flow();
  if (!sources_.contains(flow.source)) return false;
  const auto server = found(by_endpoint_, flow.destination);
  if (!server) return false;
  const bool udp = checks_[*server].protocol == ProbeProtocol::udp;
  if (udp != (flow.protocol == net::Protocol::udp)) return false;
  if (udp) {
    datagram_sent(packet, *server);
  } else if (opens(packet)) {
    begin_connection(packet, *server, at);
  }
  return true;
}

bool ProbeReader::take_from_server(const PacketView& packet, std::size_t captured, Instant at) {
  if (is_icmp(packet)) {
    if (!sources_.contains(packet.destination())) return false;
    if (const auto echo = net::echo_of(packet)) {
      if (echo->request || !found(by_address_, {packet.source(), 0})) return false;
      echo_replied(packet, at);
      return true;
    }
    const auto quoted = net::quoted_flow(packet);
    if (!quoted || !sources_.contains(quoted->source) ||
        !found(by_endpoint_, quoted->destination)) {
      return false;
    }
    error_came(packet, *quoted, at);
    return true;
  }
  const FlowKey flow = packet.flow().reversed();
  if (!sources_.contains(flow.source) || !found(by_endpoint_, flow.destination)) return false;
  const auto probe = by_flow_.find(flow);
  if (probe == by_flow_.end()) return true;  // of one that has ended
  const std::size_t number = probe->second;
  if (flow.protocol == net::Protocol::udp) {
    end(number, Reason::none, at);  // there is somebody
  } else {
    connection_answered(number, packet, captured, at);
  }
  return true;
}

void ProbeReader::begin_connection(const PacketView& packet, std::size_t server, Instant at) {
  const FlowKey flow = packet.flow();
  if (const auto before = by_flow_.find(flow); before != by_flow_.end()) {
    if (probes_[before->second].first_sequence == packet.sequence()) return;  // sent again
    leave(before->second);
  }
  const auto number = begin(Phase::connecting, server, flow.source.address, at);
  if (!number) return;
  Probe& probe = probes_[*number];
  probe.flow = flow;
  probe.first_sequence = packet.sequence();
  by_flow_.emplace(flow, *number);
}

void ProbeReader::begin_echo(const PacketView& packet, std::size_t server, Instant at) {
  const auto sent = echo_number(packet);
  if (!sent) return;
  forget_old_echoes(at);
  const Echo echo{packet.source(), packet.destination(), *sent};
  if (const auto before = echoes_.find(echo); before != echoes_.end()) return;  // captured twice
  const auto number = begin(Phase::echo, server, packet.source(), at);
  if (!number) return;
  probes_[*number].echo = echo;
  echoes_.emplace(echo, SentEcho{server, at, number});
  echoes_in_order_.push_back(echo);
}

// After the reply to its echo; of several probes that wait for their datagram, that of the first.
void ProbeReader::datagram_sent(const PacketView& packet, std::size_t server) {
  const FlowKey flow = packet.flow();
  if (by_flow_.find(flow) != by_flow_.end()) return;
  auto& waiting = without_datagram_[{flow.source.address, server}];
  while (!waiting.empty()) {
    const std::size_t number = waiting.front();
    waiting.pop_front();
    Probe& probe = probes_[number];
    const bool waits = probe.open && probe.phase == Phase::silence && probe.flow == FlowKey() &&
                       probe.server == server && probe.source == flow.source.address;
    if (!waits) continue;  // it has ended
    probe.flow = flow;
    by_flow_.emplace(flow, number);
    return;
  }
}

void ProbeReader::connection_answered(std::size_t number, const PacketView& packet,
                                      std::size_t captured, Instant at) {
  Probe& probe = probes_[number];
  if (has(packet, net::tcp_flag::rst)) {
    end(number, probe.phase == Phase::connecting ? Reason::refused_by_peer : Reason::reset_by_peer,
        at);
    return;
  }
  if (probe.phase == Phase::answer) {
    read_answer(number, packet, captured, at);
    return;
  }
  if (!accepts(packet)) return;
  if (checks_[probe.server].request.empty()) {
    receiver_.probe_answered(probe.server, at - probe.started);
    end(number, Reason::none, at);
    return;
  }
  probe.phase = Phase::answer;
  probe.next_from_server = packet.sequence() + 1;
}

// Bytes out of order are left out: the status line is in the first segment of all but hostile
// answers.
void ProbeReader::read_answer(std::size_t number, const PacketView& packet, std::size_t captured,
                              Instant at) {
  Probe& probe = probes_[number];
  const auto payload = packet.payload();
  if (!payload.empty() && packet.sequence() == probe.next_from_server) {
    probe.next_from_server += static_cast<std::uint32_t>(payload.size());
    const auto headers = static_cast<std::size_t>(payload.data() - packet.bytes().data());
    const std::size_t held = std::min(payload.size(), captured > headers ? captured - headers : 0);
    probe.answer.read(payload.first(held));
    if (probe.answer.state() == HttpAnswer::State::incomplete && held < payload.size()) {
      ++counts_.cut_short;
      leave(number);
      return;
    }
  }
  if (probe.answer.state() == HttpAnswer::State::complete) {
    receiver_.probe_answered(probe.server, at - probe.started);
    const auto& codes = checks_[probe.server].success_codes;
    const bool right = std::find(codes.begin(), codes.end(), probe.answer.status()) != codes.end();
    end(number, right ? Reason::none : Reason::wrong_code, at);
  } else if (probe.answer.state() == HttpAnswer::State::broken || has(packet, net::tcp_flag::fin)) {
    end(number, Reason::bad_answer, at);
  }
}

void ProbeReader::echo_replied(const PacketView& packet, Instant at) {
  const auto number = echo_number(packet);
  if (!number) return;
  const auto sent = echoes_.find({packet.destination(), packet.source(), *number});
  if (sent == echoes_.end()) return;
  const SentEcho echo = sent->second;
  receiver_.probe_answered(echo.server, at - echo.at);
  if (!echo.probe) {
    echoes_.erase(sent);  // too late, and told once
    return;
  }
  Probe& probe = probes_[*echo.probe];
  if (probe.phase != Phase::echo) return;
  probe.phase = Phase::silence;
  without_datagram_[{probe.source, probe.server}].push_back(*echo.probe);
}

void ProbeReader::error_came(const PacketView& packet, const FlowKey& quoted, Instant at) {
  const auto probe = by_flow_.find(quoted);
  if (probe == by_flow_.end() || !is_unreachable(packet)) return;
  const bool silence = probes_[probe->second].phase == Phase::silence;
  if (!is_port_unreachable(packet)) {
    end(probe->second, Reason::unreachable, at);
  } else {
    end(probe->second, silence ? Reason::port_unreachable : Reason::refused_by_peer, at);
  }
}

void ProbeReader::forget_old_echoes(Instant now) {
  while (!echoes_in_order_.empty()) {
    const auto oldest = echoes_.find(echoes_in_order_.front());
    const bool kept =
        oldest != echoes_.end() && (oldest->second.probe || oldest->second.at + kLateEcho > now);
    if (kept) return;
    if (oldest != echoes_.end()) echoes_.erase(oldest);
    echoes_in_order_.pop_front();
  }
}

std::optional<std::size_t> ProbeReader::begin(Phase phase, std::size_t server,
                                              const net::IpAddress& source, Instant at) {
  ++counts_.probes;
  if (deadlines_.size() >= kMostUnderWay) {
    ++counts_.too_many;
    return std::nullopt;
  }
  const health::Check& check = checks_[server];
  const auto node = trains_.node_of(source, server, check.interval, at);
  if (!node) {
    ++counts_.without_node;
    return std::nullopt;
  }
  if (!met_[server][*node]) {
    met_[server][*node] = true;
    receiver_.probed(*node, server, at);
  }
  if (free_.empty()) {
    free_.push_back(probes_.size());
    probes_.emplace_back();
  }
  const std::size_t number = free_.back();
  free_.pop_back();
  probes_[number] = Probe{};
  Probe& probe = probes_[number];
  probe.open = true;
  probe.phase = phase;
  probe.server = server;
  probe.node = *node;
  probe.source = source;
  probe.started = at;
  probe.deadline = deadlines_.emplace(at + check.timeout, number);
  return number;
}

void ProbeReader::advance(Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto [at, number] = *deadlines_.begin();
    switch (probes_[number].phase) {
      case Phase::connecting:
        end(number, Reason::timed_out, at);
        break;
      case Phase::answer:
        end(number, Reason::no_answer, at);
        break;
      case Phase::echo:
        end(number, Reason::echo_lost, at);
        break;
      case Phase::silence:
        end(number, Reason::none, at);  // HC-42
        break;
    }
  }
}

void ProbeReader::end(std::size_t number, Reason reason, Instant at) {
  const Probe& probe = probes_[number];
  CapturedProbe ended{probe.server, probe.node, probe.started, at, reason, 0};
  if (probe.answer.state() == HttpAnswer::State::complete) ended.status = probe.answer.status();
  ++counts_.judged;
  leave(number);
  receiver_.probe_ended(ended);
}

void ProbeReader::leave(std::size_t number) {
  Probe& probe = probes_[number];
  probe.open = false;
  deadlines_.erase(probe.deadline);
  by_flow_.erase(probe.flow);
  if (const auto echo = echoes_.find(probe.echo); echo != echoes_.end()) {
    echo->second.probe.reset();
    if (probe.phase != Phase::echo) echoes_.erase(echo);  // its reply has come
  }
  free_.push_back(number);
}

}  // namespace elblab::probes
