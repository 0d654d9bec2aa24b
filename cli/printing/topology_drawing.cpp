#include "cli/printing/topology_drawing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "cli/text/text_table.hpp"
#include "scenarios/language/quantities.hpp"

namespace elblab::cli {
namespace {

using language::HostRole;
using language::HostSpec;
using language::PlaceLinkSpec;
using language::Scenario;

struct Leaf {
  bool inner = false;  // belongs to the leaf before
  std::string name;
  std::string kind;
  std::string addresses;
  std::string about;
};

std::string link_text(const language::Link& link) {
  std::string text = fmt::format("{} {}", language::format_bit_rate(link.rate_bits_per_second),
                                 language::format_duration(link.delay));
  if (link.loss > 0) text += fmt::format(", loses {}", language::format_share(link.loss));
  if (link.jitter > Duration(0)) {
    text += fmt::format(", jitter {}", language::format_duration(link.jitter));
  }
  return text;
}

std::string network_of(const HostSpec& host) {
  if (!host.subnet.empty()) return host.subnet;
  if (!host.behind.empty()) return "host";
  return host.role == HostRole::client ? "client" : "server";
}

std::string kind_of(const HostSpec& host) {
  if (!host.relay) return network_of(host);
  const bool cdn = host.relay->kind == language::RelaySpec::Kind::cdn;
  return fmt::format("{}, {} to {}", network_of(host), cdn ? "CDN" : "WAF", host.relay->to);
}

// Where a name's last digits begin: b12 -> 1.
std::size_t digits_of(const std::string& name) {
  std::size_t at = name.size();
  while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') --at;
  return at;
}

bool follows(const HostSpec& host, const HostSpec& next) {
  const std::size_t at = digits_of(host.name);
  if (at == host.name.size() || host.name.size() - at > 9) return false;
  const std::string expected =
      host.name.substr(0, at) + std::to_string(std::stoul(host.name.substr(at)) + 1);
  return next.name == expected && host.place == next.place && host.subnet == next.subnet &&
         host.role == next.role && kind_of(host) == kind_of(next) &&
         link_text(host.link) == link_text(next.link);
}

std::string name_of(const HostSpec& first, const HostSpec& last) {
  if (first.name == last.name) return first.name;
  const std::size_t at = digits_of(first.name);
  return fmt::format("{}[{}..{}]", first.name.substr(0, at), first.name.substr(at),
                     last.name.substr(digits_of(last.name)));
}

std::string addresses_of(const HostSpec& first, const HostSpec& last) {
  const std::string from = first.addresses.front().to_string();
  const std::string to = last.addresses.back().to_string();
  return from == to ? from : from + " … " + to;
}

// Hosts that differ by their number stand in one line.
void add_hosts(const Scenario& scenario, std::size_t place, std::vector<Leaf>& leaves) {
  const auto& hosts = scenario.hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i].place != place) continue;
    std::size_t last = i;
    while (last + 1 < hosts.size() && follows(hosts[last], hosts[last + 1])) ++last;
    leaves.push_back({false, name_of(hosts[i], hosts[last]), kind_of(hosts[i]),
                      addresses_of(hosts[i], hosts[last]), link_text(hosts[i].link)});
    i = last;
  }
}

std::string port_text(const config::PortRange& ports) {
  return ports.first == ports.last ? fmt::format("{}", ports.first)
                                   : fmt::format("{}-{}", ports.first, ports.last);
}

constexpr std::size_t kMostServers = 6;

std::string servers_text(const config::BackendGroup& group) {
  std::vector<std::string> servers;
  for (const config::Server& server : group.servers) {
    if (servers.size() == kMostServers) {
      servers.push_back(fmt::format("… {} in all", group.servers.size()));
      break;
    }
    servers.push_back(fmt::format("{}:{}{}{}", server.name, server.port,
                                  server.weight == 1 ? "" : fmt::format(" ×{}", server.weight),
                                  server.member ? "" : " (later)"));
  }
  return fmt::format("{}: {}", group.name, fmt::join(servers, ", "));
}

std::size_t nodes_at(const config::LoadBalancer& balancer, std::size_t place) {
  if (balancer.node_places.empty()) return place == 0 ? balancer.nodes.lvs : 0;
  return static_cast<std::size_t>(
      std::count(balancer.node_places.begin(), balancer.node_places.end(), place));
}

// A balancer stands in every place where it has a node; what it does stands in the first.
void add_balancers(const Scenario& scenario, std::size_t place, std::vector<Leaf>& leaves) {
  for (const config::LoadBalancer& balancer : scenario.balancers) {
    const std::size_t nodes = nodes_at(balancer, place);
    if (nodes == 0) continue;
    const bool first = balancer.node_places.empty() || balancer.node_places.front() == place;
    leaves.push_back({false, balancer.name, std::string(balancer.profile->name),
                      balancer.address.to_string(),
                      fmt::format("{} LVS node{}", nodes, nodes == 1 ? "" : "s")});
    if (!first) continue;
    for (const config::Listener& listener : balancer.listeners) {
      const config::BackendGroup* group = balancer.find_group(listener.group);
      const bool kept = config::transfers_client_ip(balancer, listener);
      leaves.push_back(
          {true, listener.name, "listener",
           fmt::format("{} {}", config::to_string(listener.protocol), port_text(listener.port)),
           fmt::format("→ {}{}", group ? servers_text(*group) : listener.group,
                       kept ? "" : " (fullNAT)")});
    }
  }
}

std::string order_text(const config::Nat& nat) {
  const std::string order(config::to_string(nat.order));
  return nat.mapping == config::NatMapping::per_destination ? order + ", per destination" : order;
}

// A NAT box stands where its outer addresses are; what is behind it is a place of its own.
void add_middleboxes(const Scenario& scenario, std::size_t place, std::vector<Leaf>& leaves) {
  for (const language::MiddleboxSpec& box : scenario.middleboxes) {
    if (box.outside_place != place) continue;
    const auto& addresses = box.nat.addresses;
    const std::string from = addresses.front().to_string();
    leaves.push_back({false, box.name, "NAT",
                      addresses.size() == 1 ? from : from + " … " + addresses.back().to_string(),
                      fmt::format("ports {}, {}", port_text(box.nat.ports), order_text(box.nat))});
  }
}

std::string name_of_place(const Scenario& scenario, std::size_t place) {
  const language::PlaceSpec& spec = scenario.places[place];
  return spec.kind == language::PlaceSpec::Kind::inside ? "behind " + spec.name : spec.name;
}

std::string branch_of(const std::vector<Leaf>& leaves, std::size_t i) {
  const auto is_outer = [](const Leaf& leaf) { return !leaf.inner; };
  const auto next = leaves.begin() + static_cast<std::ptrdiff_t>(i) + 1;
  const bool last = std::none_of(next, leaves.end(), is_outer);
  if (!leaves[i].inner) return last ? "└─ " : "├─ ";
  const bool last_inner = next == leaves.end() || !next->inner;
  return std::string(last ? "   " : "│  ") + (last_inner ? "└─ " : "├─ ");
}

std::string place_text(const Scenario& scenario, std::size_t place, const Terminal& out) {
  std::vector<Leaf> leaves;
  add_hosts(scenario, place, leaves);
  add_middleboxes(scenario, place, leaves);
  add_balancers(scenario, place, leaves);
  TextTable table(2, "llll");
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    table.add({branch_of(leaves, i) + leaves[i].name, out.styled(leaves[i].kind, Style::dim),
               leaves[i].addresses, leaves[i].about});
  }
  return fmt::format("  {}\n{}", out.styled(name_of_place(scenario, place), Style::bold),
                     table.text());
}

std::string_view kind_text(PlaceLinkSpec::Kind kind) {
  switch (kind) {
    case PlaceLinkSpec::Kind::vpn:
      return "VPN, ";
    case PlaceLinkSpec::Kind::direct_connect:
      return "Direct Connect, ";
    case PlaceLinkSpec::Kind::peering:
      return "peering, ";
    default:
      return "";
  }
}

}  // namespace

std::string topology_drawing(const Scenario& scenario, const Terminal& out) {
  std::string text;
  for (std::size_t place = 0; place < scenario.places.size(); ++place) {
    text += place_text(scenario, place, out);
  }
  for (const PlaceLinkSpec& link : scenario.place_links) {
    const bool inner = link.kind == PlaceLinkSpec::Kind::inner;
    text += fmt::format("  {} ── {}{}\n", name_of_place(scenario, link.from),
                        name_of_place(scenario, link.to),
                        inner ? ""
                              : fmt::format("  {}{}, at most {} B", kind_text(link.kind),
                                            link_text(link.link), link.mtu_bytes));
  }
  return text;
}

}  // namespace elblab::cli
