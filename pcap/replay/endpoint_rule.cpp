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

struct NamedListener {
  std::string name;
  const config::LoadBalancer* balancer = nullptr;
  const config::Listener* listener = nullptr;
};

struct NamedServer {
  std::string name;
  const config::Server* server = nullptr;
};

// Those that a name may mean, and what there is.
template <typename Named>
struct Choice {
  std::vector<Named> meant;
  std::vector<std::string> names;
};

Choice<NamedListener> find_listeners(Balancers balancers, std::string_view name) {
  Choice<NamedListener> choice;
  for (const auto& balancer : balancers) {
    for (const auto& listener : balancer.listeners) {
      const std::string full =
          balancers.size() == 1 ? listener.name : balancer.name + "/" + listener.name;
      choice.names.push_back(full);
      if (full == name || listener.name == name)
        choice.meant.push_back({full, &balancer, &listener});
    }
  }
  return choice;
}

Choice<NamedServer> find_servers(Balancers balancers, std::string_view name) {
  Choice<NamedServer> choice;
  for (const auto& balancer : balancers) {
    for (const auto& group : balancer.groups) {
      for (const auto& server : group.servers) {
        const std::string own = group.name + "/" + server.name;
        const std::string full = balancers.size() == 1 ? own : balancer.name + "/" + own;
        choice.names.push_back(full);
        if (full == name || own == name) choice.meant.push_back({full, &server});
      }
    }
  }
  return choice;
}

template <typename Named>
Error not_one(std::string_view option, std::string_view text, std::string_view what,
              std::string_view name, const Choice<Named>& choice) {
  if (choice.meant.empty()) {
    return {fmt::format("{} {}: no {} '{}' (there are: {})", option, text, what, name,
                        fmt::join(choice.names, ", "))};
  }
  std::vector<std::string> names;
  for (const Named& each : choice.meant) names.push_back(each.name);
  return {fmt::format("{} {}: several balancers have a {} '{}': write one of {}", option, text,
                      what, name, fmt::join(names, ", "))};
}

Error no_endpoint(std::string_view option, std::string_view text, std::string_view wrong,
                  std::string_view example) {
  return {fmt::format("{} {}: '{}' is no address with a port (for example {})", option, text, wrong,
                      example)};
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

Expected<EndpointRule> parse_listener_rule(std::string_view text, Balancers balancers) {
  constexpr std::string_view kExample = "203.0.113.5:443=web";
  const auto halves = split(text);
  if (!halves) {
    return Error{fmt::format("--map {}: expected captured endpoint=listener, for example {}", text,
                             kExample)};
  }
  const auto captured = parse_endpoint(halves->captured);
  if (!captured) return no_endpoint("--map", text, halves->captured, "203.0.113.5:443");
  const auto choice = find_listeners(balancers, halves->name);
  if (choice.meant.size() != 1) return not_one("--map", text, "listener", halves->name, choice);
  const NamedListener& meant = choice.meant.front();
  const auto ours = virtual_endpoint(*meant.balancer, *meant.listener, captured->address);
  if (ours) return EndpointRule{EndpointRule::Part::listener, *captured, *ours, meant.name};
  return Error{fmt::format("--map {}: the balancer has no {} address", text,
                           captured->address.is_v4() ? "IPv4" : "IPv6")};
}

Expected<EndpointRule> parse_server_rule(std::string_view text, Balancers balancers) {
  constexpr std::string_view kExample = "10.0.0.7:8080=app/b1";
  const auto halves = split(text);
  if (!halves) {
    return Error{
        fmt::format("--map-server {}: expected captured endpoint=group/server, for example {}",
                    text, kExample)};
  }
  const auto captured = parse_endpoint(halves->captured);
  if (!captured) return no_endpoint("--map-server", text, halves->captured, "10.0.0.7:8080");
  const auto choice = find_servers(balancers, halves->name);
  if (choice.meant.size() != 1)
    return not_one("--map-server", text, "server", halves->name, choice);
  const NamedServer& meant = choice.meant.front();
  if (meant.server->address.is_v4() != captured->address.is_v4()) {
    return Error{fmt::format("--map-server {}: {} has an address of the other family, {}", text,
                             halves->name, meant.server->address.to_string())};
  }
  return EndpointRule{EndpointRule::Part::server,
                      *captured,
                      {meant.server->address, meant.server->port},
                      meant.name};
}

}  // namespace elblab::replay
