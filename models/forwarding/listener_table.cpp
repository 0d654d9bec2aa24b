#include "models/forwarding/listener_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace elblab::forwarding {

namespace {

net::Protocol protocol_of(const config::Listener& listener) {
  return listener.protocol == config::ListenerProtocol::udp ? net::Protocol::udp
                                                            : net::Protocol::tcp;
}

// By protocol, then by port.
std::vector<const config::Listener*> in_order(const std::vector<config::Listener>& listeners) {
  std::vector<const config::Listener*> order;
  for (const config::Listener& listener : listeners) order.push_back(&listener);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::tuple(protocol_of(*a), a->port.first) < std::tuple(protocol_of(*b), b->port.first);
  });
  return order;
}

}  // namespace

ListenerTable::ListenerTable(const config::LoadBalancer& balancer) {
  for (const config::Listener* const listener : in_order(balancer.listeners)) {
    const auto group = std::find_if(
        balancer.groups.begin(), balancer.groups.end(),
        [&](const config::BackendGroup& candidate) { return candidate.name == listener->group; });
    if (group == balancer.groups.end()) continue;  // validate() has refused it
    ListenerEntry& entry = entries_.emplace_back();
    entry.protocol = protocol_of(*listener);
    entry.port = listener->port;
    entry.group = static_cast<std::uint16_t>(group - balancer.groups.begin());
    entry.full_nat = !config::transfers_client_ip(balancer, *listener);
    entry.same_port = listener->server_port == config::ServerPort::listening;
    entry.refuses = group->no_healthy_server != config::NoHealthyServer::drop;
    entry.switches = listener->transfer_switches;
    entry.idle_timeout = config::effective_idle_timeout(balancer, *listener);
    if (listener->access) entry.access.emplace(*listener->access);
    entry.index = static_cast<std::size_t>(listener - balancer.listeners.data());
  }
}

std::optional<std::uint16_t> ListenerTable::find(net::Protocol protocol, std::uint16_t port) const {
  const auto behind = std::upper_bound(
      entries_.begin(), entries_.end(), port,
      [protocol](std::uint16_t wanted, const ListenerEntry& entry) {
        return std::tie(protocol, wanted) < std::tie(entry.protocol, entry.port.first);
      });
  if (behind == entries_.begin()) return std::nullopt;
  const ListenerEntry& entry = *std::prev(behind);
  if (entry.protocol != protocol || !entry.port.contains(port)) return std::nullopt;
  return static_cast<std::uint16_t>(std::prev(behind) - entries_.begin());
}

bool ListenerTable::full_nat_reaches(std::size_t group, net::Protocol protocol) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const ListenerEntry& entry) {
    return (entry.full_nat || entry.switches) && !entry.same_port && entry.group == group &&
           entry.protocol == protocol;
  });
}

bool ListenerTable::has_timeouts_of(const ListenerTable& other) const {
  return std::equal(entries_.begin(), entries_.end(), other.entries_.begin(), other.entries_.end(),
                    [](const ListenerEntry& a, const ListenerEntry& b) {
                      return a.idle_timeout == b.idle_timeout;
                    });
}

std::size_t ListenerTable::ports() const {
  std::size_t ports = 0;
  for (const ListenerEntry& entry : entries_) {
    ports += std::size_t{entry.port.last} - entry.port.first + 1;
  }
  return ports;
}

bool ListenerTable::any_keeps_client_address() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const ListenerEntry& entry) { return !entry.full_nat || entry.switches; });
}

}  // namespace elblab::forwarding
