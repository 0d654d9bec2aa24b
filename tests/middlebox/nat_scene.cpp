#include "tests/middlebox/nat_scene.hpp"

#include <stdexcept>

#include "models/config/validation.hpp"

namespace elblab::middlebox {

config::Nat small_nat() {
  config::Nat nat;
  nat.addresses = {ip(kOuter)};
  nat.inside = {*net::Subnet::parse("10.1.0.0/24")};
  nat.ports = {1024, 1031};
  nat.order = config::PortOrder::sequential;
  return nat;
}

namespace {

const config::Nat& validated(const config::Nat& nat) {
  for (const config::Problem& problem : config::validate(nat)) {
    throw std::runtime_error(problem.field + ": " + problem.message);
  }
  return nat;
}

Bytes packet_of(const net::FlowKey& flow, std::uint8_t flags) {
  if (flow.protocol == net::Protocol::udp) return udp(flow.source, flow.destination, 20);
  return tcp(flow.source, flow.destination, {flags, 1, 1, 20});
}

}  // namespace

NatScene::NatScene(const config::Nat& config, std::uint64_t seed)
    : nat(validated(config), random::Stream(seed, "nat"), 7, notebook) {}

Bytes NatScene::pass(Bytes packet, Instant now) {
  run_to(now);
  net::PacketView view;
  if (net::PacketView::parse(packet, view) != net::ParseError::none) {
    throw std::runtime_error("the packet does not parse");
  }
  const network::Claim claim = nat.claim(view);
  if (claim.kind != network::Claim::Kind::certain) throw std::runtime_error("not claimed");
  nat.receive(view, packet.size(), claim, now, basket);
  return basket.packets.empty() ? Bytes() : basket.only();
}

Parsed NatScene::through(Bytes packet, Instant now) {
  Parsed parsed(pass(std::move(packet), now));
  if (!parsed.sound) throw std::runtime_error("dropped, or not right");
  return parsed;
}

void NatScene::run_to(Instant now) {
  while (nat.next_deadline() <= now) nat.advance(nat.next_deadline(), basket);
}

std::optional<net::FlowKey> NatScene::out(const net::FlowKey& flow, Instant now,
                                          std::uint8_t flags) {
  const Bytes packet = pass(packet_of(flow, flags), now);
  if (packet.empty()) return std::nullopt;
  const Parsed parsed(packet);
  if (!parsed.sound) throw std::runtime_error("a packet came out wrong");
  return parsed.flow;
}

std::optional<net::FlowKey> NatScene::in(const net::FlowKey& flow, Instant now,
                                         std::uint8_t flags) {
  return out(flow, now, flags);
}

net::Endpoint NatScene::connect(const net::Endpoint& from, const net::Endpoint& to, Instant now) {
  const net::Endpoint outer = out(over_tcp(from, to), now).value().source;
  in(over_tcp(to, outer), now, flag::syn_ack).value();
  out(over_tcp(from, to), now, flag::ack).value();
  return outer;
}

void NatScene::close(const net::Endpoint& from, const net::Endpoint& to, const net::Endpoint& outer,
                     Instant now) {
  out(over_tcp(from, to), now, kFin).value();
  in(over_tcp(to, outer), now, kFin).value();
  out(over_tcp(from, to), now, flag::ack).value();
}

}  // namespace elblab::middlebox
