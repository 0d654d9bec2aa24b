// NAT boxes: what stands behind one is a place of its own, joined with the place of the box's outer
// addresses, which are assigned with those of hosts (resolve_hosts.cpp).
#include <fmt/format.h>

#include <algorithm>

#include "models/config/validation.hpp"
#include "scenarios/language/resolver.hpp"

namespace elblab::language {
namespace {

// Shared address space for what is behind boxes (RFC 6598): 4,094 hosts behind each. The addresses
// of balancers' nodes, 100.125.0.0/16, lie far behind those of the last box.
net::Subnet inside_of(std::size_t box) {
  const auto sixteens = static_cast<std::uint32_t>(box * 16);
  return net::Subnet(net::IpAddress::v4(100, static_cast<std::uint8_t>(64 + sixteens / 256),
                                        static_cast<std::uint8_t>(sixteens % 256), 0),
                     20);
}

class MiddleboxResolver {
 public:
  explicit MiddleboxResolver(Resolution& r) : r_(r) {}

  void resolve() {
    auto& boxes = r_.document.middleboxes;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      auto& inside = boxes[i].box().values.inside;
      if (inside.empty()) inside = {inside_of(i)};
    }
    for (const MiddleboxEntry& box : boxes) add(box);
  }

 private:
  void add(const MiddleboxEntry& entry) {
    if (!has_name_of_its_own(entry)) return;
    MiddleboxSpec box;
    box.name = entry.name;
    if (entry.subnet) {
      const SubnetSpec* subnet = r_.subnet_at(*entry.subnet, {"middleboxes", entry.name, "subnet"});
      if (subnet == nullptr) return;
      box.outside_place = subnet->place;
    }
    if (!stands_apart(entry)) return;
    box.inside_place = r_.scenario.places.size();
    r_.scenario.places.push_back({entry.name, PlaceSpec::Kind::inside});
    r_.scenario.place_links.push_back(uplink_of(entry, box));
    r_.scenario.middleboxes.push_back(std::move(box));
  }

  bool has_name_of_its_own(const MiddleboxEntry& entry) {
    const Place at = r_.key_place({"middleboxes", entry.name});
    const auto taken = [&](const auto& others, const char* what) {
      const bool found = std::any_of(others.begin(), others.end(),
                                     [&](const auto& o) { return o.name == entry.name; });
      if (found) {
        r_.diagnostics.error(at, fmt::format("there is a {} named '{}' already", what, entry.name));
      }
      return found;
    };
    if (taken(r_.document.hosts, "host") || taken(r_.scenario.places, "zone or site") ||
        taken(r_.document.all_balancers(), "balancer") || taken(r_.document.links, "link")) {
      return false;
    }
    if (r_.scenario.places.size() < kMostPlaces) return true;
    r_.diagnostics.error(at,
                         fmt::format("more than {} zones, sites and NAT boxes", kMostPlaces - 1));
    return false;
  }

  // What is behind the box is nobody else's.
  bool stands_apart(const MiddleboxEntry& entry) {
    for (const net::Subnet& inside : entry.box().values.inside) {
      const std::string other = who_has(inside, entry);
      if (other.empty()) continue;
      r_.diagnostics.error(inside_place(entry),
                           fmt::format("{} overlaps {}", inside.to_string(), other));
      return false;
    }
    return true;
  }

  // Empty: nobody.
  std::string who_has(const net::Subnet& inside, const MiddleboxEntry& of) const {
    for (const SubnetSpec& subnet : r_.scenario.subnets) {
      if (overlap(subnet.cidr, inside)) {
        return fmt::format("subnet '{}', {}", subnet.name, subnet.cidr.to_string());
      }
    }
    for (const auto& [networks, whose] : {std::pair(&r_.document.networks.clients, "clients"),
                                          std::pair(&r_.document.networks.servers, "servers")}) {
      for (const net::Subnet& network : *networks) {
        if (overlap(network, inside)) {
          return fmt::format("the network of {}, {}", whose, network.to_string());
        }
      }
    }
    for (const MiddleboxEntry& box : r_.document.middleboxes) {
      if (box.name == of.name) break;
      for (const net::Subnet& other : box.box().values.inside) {
        if (overlap(other, inside)) {
          return fmt::format("what stands behind '{}', {}", box.name, other.to_string());
        }
      }
    }
    return {};
  }

  Place inside_place(const MiddleboxEntry& entry) const {
    return r_.place({"middleboxes", entry.name, entry.kind(), "inside"});
  }

  static PlaceLinkSpec uplink_of(const MiddleboxEntry& entry, const MiddleboxSpec& box) {
    PlaceLinkSpec link;
    link.name = entry.name;
    link.kind = entry.link ? PlaceLinkSpec::Kind::uplink : PlaceLinkSpec::Kind::inner;
    link.from = box.outside_place;
    link.to = box.inside_place;
    link.link = entry.link.value_or(link_without_delay());
    return link;
  }

  Resolution& r_;
};

// The path of a field that validate() names, "timeouts.udp".
std::vector<std::string> nat_path(const MiddleboxEntry& box, const std::string& field) {
  std::vector<std::string> path{"middleboxes", box.name, box.kind()};
  const std::size_t dot = field.find('.');
  path.push_back(field.substr(0, dot));
  if (dot != std::string::npos) path.push_back(field.substr(dot + 1));
  return path;
}

}  // namespace

void resolve_middleboxes(Resolution& r) { MiddleboxResolver(r).resolve(); }

void complete_middleboxes(Resolution& r) {
  for (std::size_t i = 0; i < r.scenario.middleboxes.size(); ++i) {
    const MiddleboxEntry& entry = r.document.middleboxes[i];
    r.scenario.middleboxes[i].nat = entry.box().values;
    if (entry.container_node && entry.box().values.addresses.size() > 1) {
      r.diagnostics.error(r.place(nat_path(entry, "addresses")),
                          "a node hides its containers behind its own address, which is one");
    }
    for (const config::Problem& problem : config::validate(entry.box().values)) {
      r.diagnostics.error(r.place(nat_path(entry, problem.field)),
                          fmt::format("{} ({})", problem.message, problem.fact));
    }
  }
}

void check_middleboxes(Resolution& r) {
  for (const MiddleboxEntry& box : r.document.middleboxes) {
    for (const config::LoadBalancer& balancer : r.scenario.balancers) {
      std::vector<net::IpAddress> addresses = config::source_addresses(balancer);
      addresses.push_back(balancer.address);
      for (const net::Subnet& inside : box.box().values.inside) {
        const auto within = [&](const net::IpAddress& a) { return inside.contains(a); };
        const auto at = std::find_if(addresses.begin(), addresses.end(), within);
        if (at == addresses.end()) continue;
        r.diagnostics.error(r.place({"middleboxes", box.name, box.kind(), "inside"}),
                            fmt::format("{} holds {}, an address of balancer '{}'",
                                        inside.to_string(), at->to_string(), balancer.name));
        return;
      }
    }
  }
}

}  // namespace elblab::language
