#include "cli/captures/server_mapper.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pcap/conversations/script.hpp"

namespace elblab::cli {

std::uint32_t ServerMapper::target_of(const pcap::Conversation& c) {
  const auto [known, added] = mappings_.try_emplace({c.server, c.protocol}, ServerMapping{});
  ServerMapping& mapping = known->second;
  if (added) decide(c, mapping);
  ++mapping.conversations;
  return mapping.workload.value_or(pcap::kNoTarget);
}

std::vector<ServerMapping> ServerMapper::mappings() const {
  std::vector<ServerMapping> all;
  for (const auto& [server, mapping] : mappings_) all.push_back(mapping);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.conversations > b.conversations; });
  return all;
}

void ServerMapper::decide(const pcap::Conversation& c, ServerMapping& mapping) {
  mapping.captured = conversations_.servers[c.server];
  mapping.protocol = c.protocol;
  const config::Listener* const listener =
      rules_.empty() ? choose(mapping) : choose_by_rule(mapping);
  if (listener == nullptr) return;
  const std::uint16_t port = mapping.captured.port;
  const Target target{listener, listener->port.contains(port) ? port : listener->port.first};
  const auto known = std::find(targets_.begin(), targets_.end(), target);
  mapping.workload = static_cast<std::uint32_t>(known - targets_.begin());
  if (known == targets_.end()) targets_.push_back(target);
}

std::vector<const config::Listener*> ServerMapper::of_protocol(net::Protocol protocol) const {
  std::vector<const config::Listener*> fitting;
  for (const config::Listener& listener : balancer_.listeners) {
    const bool udp = listener.protocol == config::ListenerProtocol::udp;
    if (udp == (protocol == net::Protocol::udp)) fitting.push_back(&listener);
  }
  return fitting;
}

const config::Listener* ServerMapper::choose_by_rule(ServerMapping& mapping) const {
  const auto rule = rules_.find(mapping.captured);
  mapping.reason = rule == rules_.end() ? "no rule" : "by rule";
  if (rule == rules_.end()) return nullptr;
  for (const config::Listener* listener : of_protocol(mapping.protocol)) {
    if (listener->name == rule->second) return listener;
  }
  mapping.reason =
      fmt::format("listener {} is not {}", rule->second, net::to_string(mapping.protocol));
  return nullptr;
}

const config::Listener* ServerMapper::choose(ServerMapping& mapping) const {
  const auto fitting = of_protocol(mapping.protocol);
  mapping.reason = "by port";
  for (const config::Listener* listener : fitting) {
    if (listener->port.contains(mapping.captured.port)) return listener;
  }
  const char* const protocol = net::to_string(mapping.protocol);
  mapping.reason = fitting.empty()       ? fmt::format("no {} listener", protocol)
                   : fitting.size() == 1 ? fmt::format("the only {} listener", protocol)
                                         : "none of the listeners has this port";
  return fitting.size() == 1 ? fitting.front() : nullptr;
}

}  // namespace elblab::cli
