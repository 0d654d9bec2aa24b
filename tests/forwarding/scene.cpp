#include "tests/forwarding/scene.hpp"

#include <algorithm>
#include <stdexcept>

#include "models/config/validation.hpp"

namespace elblab::forwarding {

net::IpAddress ip(std::string_view text) { return net::IpAddress::parse(text).value(); }

net::Endpoint at(std::string_view address, std::uint16_t port) { return {ip(address), port}; }

Instant after(Duration since_start) { return kStart + since_start; }

Bytes from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

std::string to_hex(const Bytes& bytes) {
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::size_t Notebook::count(telemetry::EventKind kind) const {
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(), [kind](const auto& event) { return event.kind == kind; }));
}

Bytes Basket::only() {
  if (packets.size() != 1) throw std::runtime_error("the basket does not hold one packet");
  Bytes packet = std::move(packets.front());
  packets.clear();
  ports.clear();
  return packet;
}

Parsed::Parsed(Bytes packet) : bytes(std::move(packet)) {
  if (net::PacketView::parse(bytes, view) != net::ParseError::none) return;
  flow = view.flow();
  sound = view.ip_checksum_ok() && view.transport_checksum_ok();
}

namespace {

net::IpFields ip_fields(const net::IpAddress& from, const net::IpAddress& to, std::uint8_t ttl) {
  net::IpFields fields;
  fields.source = from;
  fields.destination = to;
  fields.time_to_live = ttl;
  return fields;
}

Bytes payload_of(std::size_t size) {
  Bytes payload(size);
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 7 + size);
  return payload;
}

}  // namespace

Bytes tcp(const net::Endpoint& from, const net::Endpoint& to, const Segment& segment) {
  Bytes bytes(net::kLargestPacket);
  net::TcpFields fields;
  fields.source_port = from.port;
  fields.destination_port = to.port;
  fields.sequence = segment.sequence;
  fields.acknowledgment = segment.acknowledgment;
  fields.flags = segment.flags;
  fields.window = 64240;
  bytes.resize(net::build_tcp(bytes, ip_fields(from.address, to.address, segment.time_to_live),
                              fields, payload_of(segment.payload)));
  return bytes;
}

Bytes udp(const net::Endpoint& from, const net::Endpoint& to, std::size_t payload,
          std::uint8_t time_to_live) {
  Bytes bytes(net::kLargestPacket);
  bytes.resize(net::build_udp(bytes, ip_fields(from.address, to.address, time_to_live), from.port,
                              to.port, payload_of(payload)));
  return bytes;
}

Bytes udp(const net::Endpoint& from, const net::Endpoint& to, const Bytes& payload) {
  Bytes bytes(net::kLargestPacket);
  bytes.resize(
      net::build_udp(bytes, ip_fields(from.address, to.address, 64), from.port, to.port, payload));
  return bytes;
}

Bytes icmp(const net::IpAddress& from, const net::IpAddress& to, std::uint8_t type,
           std::uint8_t code, std::uint32_t rest, const Bytes& body) {
  Bytes bytes(net::kLargestPacket);
  bytes.resize(net::build_icmp(bytes, ip_fields(from, to, 64), type, code, rest, body));
  return bytes;
}

namespace {

config::LoadBalancer balancer_of(const char* profile) {
  config::LoadBalancer balancer;
  balancer.profile = config::find_profile(profile);
  balancer.address = ip(kVirtual);
  balancer.nodes.lvs = 1;
  balancer.source_pool.addresses = 1;
  for (const char* name : {"app", "dns"}) {
    config::BackendGroup group;
    group.name = name;
    group.protocol = name[0] == 'a' ? config::BackendProtocol::tcp : config::BackendProtocol::udp;
    group.servers.push_back({"b1", ip("10.0.2.1"), 90, 1, false});
    group.servers.push_back({"b2", ip("10.0.2.2"), 90, 1, false});
    balancer.groups.push_back(group);
  }
  config::Listener web;
  web.name = "web";
  web.port = {80, 80};
  web.group = "app";
  balancer.listeners.push_back(web);
  config::Listener resolver;
  resolver.name = "resolver";
  resolver.protocol = config::ListenerProtocol::udp;
  resolver.port = {53, 53};
  resolver.group = "dns";
  balancer.listeners.push_back(resolver);
  return balancer;
}

config::LoadBalancer validated(config::LoadBalancer balancer) {
  for (const config::Problem& problem : config::validate(balancer)) {
    throw std::runtime_error(problem.field + ": " + problem.message);
  }
  return balancer;
}

}  // namespace

config::LoadBalancer kept_address_balancer() {
  config::LoadBalancer balancer = balancer_of("dedicated");
  balancer.address_v6 = ip("2001:db8:f::10");
  for (config::BackendGroup& group : balancer.groups) {
    group.servers.push_back({"s1", ip("2001:db8:b::1"), 90, 1, false});
    group.servers.push_back({"s2", ip("2001:db8:b::2"), 90, 1, false});
  }
  return validated(balancer);
}

config::LoadBalancer full_nat_balancer() { return validated(balancer_of("shared")); }

namespace {

NodeIdentity identity_of(const config::LoadBalancer& balancer) {
  NodeIdentity identity;
  identity.object = 1;
  identity.hash_seed = 42;
  identity.source_addresses = config::source_addresses(balancer);
  return identity;
}

std::vector<std::vector<telemetry::ObjectId>> objects_of(const config::LoadBalancer& balancer) {
  std::vector<std::vector<telemetry::ObjectId>> objects;
  telemetry::ObjectId next = 10;
  for (const config::BackendGroup& group : balancer.groups) {
    auto& list = objects.emplace_back();
    for (std::size_t s = 0; s < group.servers.size(); ++s) list.push_back(next++);
  }
  return objects;
}

}  // namespace

Scene::Scene(const config::LoadBalancer& balancer)
    : node(balancer, identity_of(balancer), notebook, objects_of(balancer)) {}

Bytes Scene::pass(Bytes packet, Instant now) {
  node.receive(packet, now, basket);
  return basket.packets.empty() ? Bytes() : basket.only();
}

void Scene::run_to(Instant now) {
  while (node.next_deadline() <= now) node.advance(node.next_deadline(), basket);
  node.advance(now, basket);
}

net::FlowKey Scene::connect(const net::Endpoint& client, const net::Endpoint& to, Instant now) {
  const Parsed syn(pass(tcp(client, to, {flag::syn, kClientNext - 1}), now));
  const net::FlowKey seen = syn.flow;
  pass(tcp(seen.destination, seen.source, {flag::syn_ack, kServerNext - 1, kClientNext}), now);
  pass(tcp(client, to, {flag::ack, kClientNext, kServerNext}), now);
  return seen;
}

}  // namespace elblab::forwarding
