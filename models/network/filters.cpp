#include "models/network/filters.hpp"

#include <algorithm>

namespace elblab::network {
namespace {

using telemetry::Reason;

bool refuses(Filter* filter, const net::PacketView& packet, Direction direction, Instant now) {
  return filter != nullptr && !filter->admits(packet, direction, now);
}

// What is not asked within one subnet.
Filter* border(const PortFilters& of, const PortFilters& other) {
  return of.network_acl == other.network_acl ? nullptr : of.network_acl;
}

}  // namespace

void Filters::set(PortIndex port, const PortFilters& filters) {
  if (port >= ports_.size()) ports_.resize(port + 1);
  ports_[port] = filters;
}

void Filters::set_node(const net::IpAddress& own_address, Filter* network_acl) {
  if (const std::uint32_t* known = node_addresses_.find({own_address, 0})) {
    node_acls_[*known] = network_acl;
    return;
  }
  node_addresses_.insert({own_address, 0}, static_cast<std::uint32_t>(node_acls_.size()));
  node_acls_.push_back(network_acl);
}

std::optional<Filters::Side> Filters::node(const net::IpAddress& own_address) const {
  const std::uint32_t* found = node_addresses_.find({own_address, 0});
  if (found == nullptr) return std::nullopt;
  return Side{node_acls_[*found], nullptr, nullptr};
}

Reason Filters::leave(const Side& from, const Side& to, const net::PacketView& packet,
                      Instant now) const {
  if (refuses(from.host_firewall, packet, Direction::out, now)) return Reason::host_firewall;
  return rules_of_operators(border(from, to), from.security_groups, Direction::out, packet, now);
}

Reason Filters::enter(const Side& from, const Side& to, const net::PacketView& packet,
                      Instant now) const {
  const Reason refused =
      rules_of_operators(border(to, from), to.security_groups, Direction::in, packet, now);
  if (refused != Reason::none) return refused;
  return refuses(to.host_firewall, packet, Direction::in, now) ? Reason::host_firewall
                                                               : Reason::none;
}

// On the way out the groups stand before the ACL, on the way in behind it.
Reason Filters::rules_of_operators(Filter* network_acl, Filter* security_groups,
                                   Direction direction, const net::PacketView& packet,
                                   Instant now) const {
  const auto ask = [&](Filter* filter, Reason reason) {
    return refuses(filter, packet, direction, now) ? reason : Reason::none;
  };
  const bool out = direction == Direction::out;
  Reason reason =
      out ? ask(security_groups, Reason::security_group) : ask(network_acl, Reason::network_acl);
  if (reason == Reason::none) {
    reason =
        out ? ask(network_acl, Reason::network_acl) : ask(security_groups, Reason::security_group);
  }
  return reason == Reason::none || is_exempt(packet) ? Reason::none : reason;
}

bool Filters::is_exempt(const net::PacketView& packet) const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [&](const Node* node) { return node->exempts(packet); });
}

}  // namespace elblab::network
