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

Refusal refused_by(Filter& filter, Reason reason, const net::PacketView& packet) {
  filter.block(packet);
  return {reason, filter.object()};
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

Refusal Filters::leave(const Side& from, const Side& to, const net::PacketView& packet,
                       Instant now) const {
  if (refuses(from.host_firewall, packet, Direction::out, now)) {
    return refused_by(*from.host_firewall, Reason::host_firewall, packet);
  }
  return rules_of_operators(border(from, to), from.security_groups, Direction::out, packet, now);
}

Refusal Filters::enter(const Side& from, const Side& to, const net::PacketView& packet,
                       Instant now) const {
  const Refusal refusal =
      rules_of_operators(border(to, from), to.security_groups, Direction::in, packet, now);
  if (refusal) return refusal;
  if (!refuses(to.host_firewall, packet, Direction::in, now)) return {};
  return refused_by(*to.host_firewall, Reason::host_firewall, packet);
}

// On the way out the groups stand before the ACL, on the way in behind it.
Refusal Filters::rules_of_operators(Filter* network_acl, Filter* security_groups,
                                    Direction direction, const net::PacketView& packet,
                                    Instant now) const {
  const bool out = direction == Direction::out;
  Filter* const first = out ? security_groups : network_acl;
  Filter* const second = out ? network_acl : security_groups;
  Filter* refusing = nullptr;
  if (refuses(first, packet, direction, now)) {
    refusing = first;
  } else if (refuses(second, packet, direction, now)) {
    refusing = second;
  }
  if (refusing == nullptr || is_exempt(packet)) return {};
  const bool by_acl = refusing == network_acl;
  return refused_by(*refusing, by_acl ? Reason::network_acl : Reason::security_group, packet);
}

bool Filters::is_exempt(const net::PacketView& packet) const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [&](const Node* node) { return node->exempts(packet); });
}

}  // namespace elblab::network
