#include "pcap/replay/endpoint_rule.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace elblab::replay {
namespace {

struct Halves {
  std::string_view captured;
  std::string_view name;
};

std::optional<Halves> split(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  return Halves{text.substr(0, equals), text.substr(equals + 1)};
}

std::string names_of(const std::vector<config::Listener>& listeners) {
  std::vector<std::string> names;
  for (const auto& listener : listeners) names.push_back(listener.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string names_of(const std::vector<config::BackendGroup>& groups) {
  std::vector<std::string> names;
  for (const auto& group : groups) {
    for (const auto& server : group.servers) names.push_back(group.name + "/" + server.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string no_endpoint(std::string_view option, std::string_view text, std::string_view wrong,
                        std::string_view example) {
  return fmt::format("{} {}: '{}' is no address with a port (for example {})", option, text, wrong,
                     example);
}

}  // namespace

std::optional<net::Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return std::nullopt;
  std::string_view address = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);
  const auto parsed = net::IpAddress::parse(address);
  if (!parsed || parsed->is_v4() == bracketed) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return std::nullopt;
  }
  return net::Endpoint{*parsed, port};
}

std::optional<net::Endpoint> virtual_endpoint(const config::LoadBalancer& balancer,
                                              const config::Listener& listener,
                                              const net::IpAddress& like) {
  if (balancer.address.is_v4() == like.is_v4()) {
    return net::Endpoint{balancer.address, listener.port.first};
  }
  if (!balancer.address_v6 || like.is_v4()) return std::nullopt;
  return net::Endpoint{*balancer.address_v6, listener.port.first};
}

RuleOrError parse_listener_rule(std::string_view text, const config::LoadBalancer& balancer) {
  constexpr std::string_view kExample = "203.0.113.5:443=web";
  const auto halves = split(text);
  if (!halves) {
    return fmt::format("--map {}: expected captured endpoint=listener, for example {}", text,
                       kExample);
  }
  const auto captured = parse_endpoint(halves->captured);
  if (!captured) return no_endpoint("--map", text, halves->captured, "203.0.113.5:443");
  for (const config::Listener& listener : balancer.listeners) {
    if (listener.name != halves->name) continue;
    const auto ours = virtual_endpoint(balancer, listener, captured->address);
    if (ours) return EndpointRule{EndpointRule::Part::listener, *captured, *ours, listener.name};
    return fmt::format("--map {}: the balancer has no {} address", text,
                       captured->address.is_v4() ? "IPv4" : "IPv6");
  }
  return fmt::format("--map {}: no listener '{}' (there are: {})", text, halves->name,
                     names_of(balancer.listeners));
}

RuleOrError parse_server_rule(std::string_view text, const config::LoadBalancer& balancer) {
  constexpr std::string_view kExample = "10.0.0.7:8080=app/b1";
  const auto halves = split(text);
  if (!halves) {
    return fmt::format("--map-server {}: expected captured endpoint=group/server, for example {}",
                       text, kExample);
  }
  const auto captured = parse_endpoint(halves->captured);
  if (!captured) return no_endpoint("--map-server", text, halves->captured, "10.0.0.7:8080");
  for (const config::BackendGroup& group : balancer.groups) {
    for (const config::Server& server : group.servers) {
      if (group.name + "/" + server.name != halves->name) continue;
      if (server.address.is_v4() != captured->address.is_v4()) {
        return fmt::format("--map-server {}: {} has an address of the other family, {}", text,
                           halves->name, server.address.to_string());
      }
      return EndpointRule{EndpointRule::Part::server,
                          *captured,
                          {server.address, server.port},
                          std::string(halves->name)};
    }
  }
  return fmt::format("--map-server {}: no server '{}' (there are: {})", text, halves->name,
                     names_of(balancer.groups));
}

}  // namespace elblab::replay
