// Zones, sites and the links between them become places; subnets lie in them.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

constexpr std::uint32_t kVpnMtuBytes =
    1400;  // of 1500: room for ESP, its padding and an outer header

class NetworkResolver {
 public:
  explicit NetworkResolver(Resolution& r) : r_(r) {}

  void resolve() {
    add_places();
    for (const SubnetEntry& subnet : r_.document.subnets) add_subnet(subnet);
    for (const SiteEntry& site : r_.document.sites) {
      for (const SubnetEntry& subnet : site.subnets) add_site_subnet(site, subnet);
    }
    if (!r_.diagnostics.empty()) return;
    for (const PlaceLinkEntry& link : r_.document.links) add_link(link);
    if (r_.diagnostics.empty()) join_with_core();
    if (r_.diagnostics.empty()) check_reachable();
  }

 private:
  void add_places() {
    for (const ZoneEntry& zone : r_.document.zones) {
      add_place(zone.name, PlaceSpec::Kind::zone, r_.key_place({"zones", zone.name}));
    }
    for (const SiteEntry& site : r_.document.sites) {
      add_place(site.name, PlaceSpec::Kind::site, r_.key_place({"sites", site.name}));
    }
  }

  void add_place(const std::string& name, PlaceSpec::Kind kind, const Place& at) {
    if (find(name)) {
      r_.diagnostics.error(at, fmt::format("there is a zone or site named '{}' already", name));
    } else if (r_.scenario.places.size() >= kMostPlaces) {
      r_.diagnostics.error(at, fmt::format("more than {} zones and sites", kMostPlaces - 1));
    } else {
      r_.scenario.places.push_back({name, kind});
    }
  }

  std::optional<std::size_t> find(const std::string& name) const { return r_.find_place(name); }

  std::string nearest_place(const std::string& name) const {
    std::vector<std::string> names;
    for (const PlaceSpec& place : r_.scenario.places) names.push_back(place.name);
    return nearest(name, names);
  }

  void add_subnet(const SubnetEntry& entry) {
    std::size_t place = 0;
    if (entry.zone) {
      const auto found = find(*entry.zone);
      if (!found || r_.scenario.places[*found].kind != PlaceSpec::Kind::zone) {
        r_.diagnostics.error(r_.place({"subnets", entry.name, "zone"}),
                             fmt::format("there is no zone named '{}'", *entry.zone),
                             did_you_mean(nearest_place(*entry.zone)));
        return;
      }
      place = *found;
    }
    take({entry.name, entry.cidr, place, entry.is_public, entry.acl},
         r_.place({"subnets", entry.name, "cidr"}));
  }

  void add_site_subnet(const SiteEntry& site, const SubnetEntry& entry) {
    take({site.name + "/" + entry.name, entry.cidr, *find(site.name), false, entry.acl},
         r_.place({"sites", site.name, "subnets", entry.name, "cidr"}));
  }

  void take(SubnetSpec subnet, const Place& at) {
    for (const SubnetSpec& other : r_.scenario.subnets) {
      if (!overlap(subnet.cidr, other.cidr)) continue;
      r_.diagnostics.error(at, fmt::format("{} overlaps subnet '{}', {}", subnet.cidr.to_string(),
                                           other.name, other.cidr.to_string()));
      return;
    }
    r_.scenario.subnets.push_back(std::move(subnet));
  }

  void add_link(const PlaceLinkEntry& entry) {
    PlaceLinkSpec link;
    link.name = entry.name;
    link.kind = entry.kind;
    link.link = entry.link;
    link.mtu_bytes = entry.mtu_bytes.value_or(
        entry.kind == PlaceLinkSpec::Kind::vpn ? kVpnMtuBytes : link.mtu_bytes);
    if (!ends_of(entry, link)) return;
    if (link.from == link.to) {
      r_.diagnostics.error(r_.key_place({"links", entry.name}), "joins a place with itself");
      return;
    }
    for (const PlaceLinkSpec& other : r_.scenario.place_links) {
      if (std::minmax(other.from, other.to) != std::minmax(link.from, link.to)) continue;
      r_.diagnostics.error(r_.key_place({"links", entry.name}),
                           fmt::format("joins the same two as link '{}'", other.name));
      return;
    }
    r_.scenario.place_links.push_back(std::move(link));
  }

  bool ends_of(const PlaceLinkEntry& entry, PlaceLinkSpec& link) {
    if (entry.between.empty()) return ends_by_name(entry, link);
    const Place at = r_.place({"links", entry.name, "between"});
    if (entry.between.size() != 2) {
      r_.diagnostics.error(at, "a link joins two places: [az1, office]");
      return false;
    }
    const auto from = find(entry.between[0]);
    const auto to = find(entry.between[1]);
    if (!from || !to) {
      const std::string& unknown = from ? entry.between[1] : entry.between[0];
      r_.diagnostics.error(at, fmt::format("there is no zone or site named '{}'", unknown),
                           did_you_mean(nearest_place(unknown)));
      return false;
    }
    link.from = *from;
    link.to = *to;
    return true;
  }

  // "az1-office": names may hold hyphens themselves, so every one of them is tried.
  bool ends_by_name(const PlaceLinkEntry& entry, PlaceLinkSpec& link) {
    for (std::size_t at = entry.name.find('-'); at != std::string::npos;
         at = entry.name.find('-', at + 1)) {
      const auto from = find(entry.name.substr(0, at));
      const auto to = find(entry.name.substr(at + 1));
      if (!from || !to) continue;
      link.from = *from;
      link.to = *to;
      return true;
    }
    r_.diagnostics.error(
        r_.key_place({"links", entry.name}),
        fmt::format("link '{}' leads nowhere: name it after the two that it joins, such as {}, or "
                    "say 'between'",
                    entry.name, example()));
    return false;
  }

  std::string example() const {
    const auto& places = r_.scenario.places;
    return places.size() > 2 ? places[1].name + "-" + places[2].name : "az1-az2";
  }

  // A zone is a part of one region: the core is next to it. A site is elsewhere: it is reached by
  // its links alone.
  void join_with_core() {
    const auto joined = [&](std::size_t place) {
      const auto& links = r_.scenario.place_links;
      return std::any_of(links.begin(), links.end(), [&](const PlaceLinkSpec& link) {
        return std::minmax(link.from, link.to) == std::minmax(std::size_t{0}, place);
      });
    };
    for (std::size_t i = 1; i < r_.scenario.places.size(); ++i) {
      if (r_.scenario.places[i].kind != PlaceSpec::Kind::zone || joined(i)) continue;
      PlaceLinkSpec link;
      link.name = "core-" + r_.scenario.places[i].name;
      link.kind = PlaceLinkSpec::Kind::inner;
      link.to = i;
      link.link = link_without_delay();
      r_.scenario.place_links.push_back(std::move(link));
    }
  }

  void check_reachable() {
    std::vector<bool> reached(r_.scenario.places.size(), false);
    reached[0] = true;
    for (std::size_t round = 0; round < reached.size(); ++round) {
      for (const PlaceLinkSpec& link : r_.scenario.place_links) {
        if (reached[link.from] || reached[link.to]) reached[link.from] = reached[link.to] = true;
      }
    }
    for (std::size_t i = 1; i < reached.size(); ++i) {
      if (reached[i]) continue;
      const std::string& name = r_.scenario.places[i].name;
      r_.diagnostics.error(r_.key_place({"sites", name}),
                           fmt::format("no link leads to site '{}'", name));
    }
  }

  Resolution& r_;
};

}  // namespace

std::optional<std::size_t> Resolution::find_place(const std::string& name) const {
  const auto& places = scenario.places;
  const auto at = std::find_if(places.begin(), places.end(),
                               [&](const PlaceSpec& each) { return each.name == name; });
  if (at == places.end()) return std::nullopt;
  return static_cast<std::size_t>(at - places.begin());
}

const SubnetSpec* Resolution::find_subnet(const std::string& name) const {
  for (const SubnetSpec& subnet : scenario.subnets) {
    if (subnet.name == name) return &subnet;
  }
  return nullptr;
}

const SubnetSpec* Resolution::subnet_at(const std::string& name,
                                        const std::vector<std::string>& path) {
  if (const SubnetSpec* subnet = find_subnet(name)) return subnet;
  std::vector<std::string> names;
  for (const SubnetSpec& each : scenario.subnets) names.push_back(each.name);
  diagnostics.error(place(path), fmt::format("there is no subnet named '{}'", name),
                    did_you_mean(nearest(name, names)));
  return nullptr;
}

bool overlap(const net::Subnet& a, const net::Subnet& b) {
  return a.contains(b.base()) || b.contains(a.base());
}

Link link_without_delay() {
  Link link;
  link.kind = LinkKind::pooled;
  link.rate_bits_per_second = 100e9;
  link.delay = Duration(0);
  link.queue_packets = 1'000'000;
  return link;
}

void resolve_network(Resolution& r) {
  if (r.document.network) r.scenario.return_path = r.document.network->return_path;
  NetworkResolver(r).resolve();
}

}  // namespace elblab::language
