// Network ACLs, security groups and host firewalls get to where they stand. Refused are rules that
// no packet can ever meet where they stand, and filters that would not stand where one expects
// them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenarios/language/access_sections.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

using config::PacketRule;
using Path = std::vector<std::string>;
using Rules = std::vector<PacketRule>;

Path below(Path path, const std::string& key) {
  path.push_back(key);
  return path;
}

// Which IP versions there are among some addresses.
struct Families {
  bool v4 = false;
  bool v6 = false;

  void add(const net::IpAddress& address) { (address.is_v4() ? v4 : v6) = true; }
  bool any() const { return v4 || v6; }
  bool fits(const net::Subnet& subnet) const { return subnet.base().is_v4() ? v4 : v6; }
};

bool overlap(const net::Subnet& a, const net::Subnet& b) {
  return a.contains(b.base()) || b.contains(a.base());
}

class FilterResolver {
 public:
  explicit FilterResolver(Resolution& r) : r_(r) {}

  void resolve() {
    r_.scenario.security_groups = r_.document.security_groups;
    for (const SubnetEntry& subnet : r_.document.subnets) {
      if (subnet.acl) take_acl(subnet.name, *subnet.acl, {"subnets", subnet.name, "acl"});
    }
    for (const SiteEntry& site : r_.document.sites) {
      for (const SubnetEntry& subnet : site.subnets) {
        if (!subnet.acl) continue;
        take_acl(site.name + "/" + subnet.name, *subnet.acl,
                 {"sites", site.name, "subnets", subnet.name, "acl"});
      }
    }
    for (const HostEntry& host : r_.document.hosts) take_host(host);
    for (const config::SecurityGroup& group : r_.document.security_groups) check_group(group);
  }

 private:
  void error(const Path& path, std::string message) {
    r_.diagnostics.error(r_.place(path), std::move(message));
  }

  // Compiled rules take memory, for every list of its own.
  bool count(const Rules& in, const Rules& out, const Path& path) {
    rules_ += in.size() + out.size();
    if (rules_ <= kMostRulesInTotal) return true;
    if (refused_) return false;
    refused_ = true;
    r_.diagnostics.error(
        r_.key_place(path),
        fmt::format("more than {} rules in all, those of each host counted", kMostRulesInTotal));
    return false;
  }

  void take_acl(const std::string& name, const config::NetworkAcl& acl, const Path& path) {
    const SubnetSpec* const subnet = r_.find_subnet(name);
    if (subnet == nullptr || !count(acl.in, acl.out, path)) return;
    Families of_subnet;
    of_subnet.add(subnet->cidr.base());
    const std::string whose = fmt::format("subnet '{}'", name);
    check_families(acl.in, of_subnet, whose, below(path, "in"));
    check_families(acl.out, of_subnet, whose, below(path, "out"));
    check_borders(*subnet, acl.in, &PacketRule::to, below(path, "in"));
    check_borders(*subnet, acl.out, &PacketRule::from, below(path, "out"));
    check_members(*subnet);
    check_boxes(*subnet);
    check_balancers(*subnet);
  }

  // What enters a subnet is for an address in it, what leaves it comes from one.
  void check_borders(const SubnetSpec& subnet, const Rules& rules,
                     std::vector<net::Subnet> PacketRule::*inner, const Path& path) {
    const bool enters = inner == &PacketRule::to;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const std::vector<net::Subnet>& given = rules[i].*inner;
      const bool meets =
          given.empty() || std::any_of(given.begin(), given.end(), [&](const net::Subnet& each) {
            return each.base().is_v4() != subnet.cidr.base().is_v4() || overlap(each, subnet.cidr);
          });
      if (meets) continue;
      error(below(below(path, std::to_string(i)), enters ? "to" : "from"),
            fmt::format("{} lies outside subnet '{}', {}: nothing that {} it {} there",
                        given.front().to_string(), subnet.name, subnet.cidr.to_string(),
                        enters ? "enters" : "leaves", enters ? "goes" : "comes from"));
    }
  }

  void check_families(const Rules& rules, const Families& families, const std::string& whose,
                      const Path& path) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const Path at = below(path, std::to_string(i));
      check_family(rules[i].from, families, whose, below(at, "from"));
      check_family(rules[i].to, families, whose, below(at, "to"));
    }
  }

  void check_family(const std::vector<net::Subnet>& given, const Families& families,
                    const std::string& whose, const Path& path) {
    const bool some = given.empty() || !families.any() ||
                      std::any_of(given.begin(), given.end(),
                                  [&](const net::Subnet& subnet) { return families.fits(subnet); });
    if (some) return;
    error(path, fmt::format("{} is IPv{}, and {} has IPv{} addresses only: no packet fits",
                            given.front().to_string(), given.front().base().is_v4() ? 4 : 6, whose,
                            families.v4 ? 4 : 6));
  }

  // A host with an address of the subnet that is not in it would stand outside its ACL.
  void check_members(const SubnetSpec& subnet) {
    for (const HostSpec& host : r_.scenario.hosts) {
      if (host.subnet == subnet.name) continue;
      for (const net::IpAddress& address : host.addresses) {
        if (!subnet.cidr.contains(address)) continue;
        refuse_stranger(subnet, address, {"hosts", host.name});
        break;
      }
    }
  }

  void refuse_stranger(const SubnetSpec& subnet, const net::IpAddress& address, const Path& path) {
    r_.diagnostics.error(r_.key_place(path),
                         fmt::format("{} is an address of subnet '{}', whose network ACL stands "
                                     "before its own hosts only: write 'subnet: {}'",
                                     address.to_string(), subnet.name, subnet.name));
  }

  void check_boxes(const SubnetSpec& subnet) {
    for (std::size_t i = 0; i < r_.document.middleboxes.size(); ++i) {
      const MiddleboxEntry& box = r_.document.middleboxes[i];
      if (box.subnet == subnet.name) continue;
      for (const net::IpAddress& address : r_.scenario.middleboxes[i].nat.addresses) {
        if (!subnet.cidr.contains(address)) continue;
        refuse_stranger(subnet, address, {"middleboxes", box.name});
        break;
      }
    }
  }

  // Between the subnet's hosts and an address of a balancer in it there is no ACL. Where the
  // balancer's nodes are elsewhere, nobody could tell what comes from those hosts.
  void check_balancers(const SubnetSpec& subnet) {
    const bool has_hosts =
        std::any_of(r_.scenario.hosts.begin(), r_.scenario.hosts.end(),
                    [&](const HostSpec& host) { return host.subnet == subnet.name; });
    if (!has_hosts) return;
    const std::span<BalancerEntry> entries = r_.document.all_balancers();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const config::LoadBalancer& balancer = r_.scenario.balancers[i];
      const std::vector<std::uint16_t> places =
          balancer.node_places.empty() ? std::vector<std::uint16_t>{0} : balancer.node_places;
      const bool elsewhere = std::any_of(
          places.begin(), places.end(), [&](std::uint16_t place) { return place != subnet.place; });
      if (!elsewhere || !has_address_in(balancer, subnet.cidr)) continue;
      r_.diagnostics.error(
          r_.key_place(r_.document.path_of(entries[i])),
          fmt::format("balancer '{}' has an address in subnet '{}', which has an 'acl' and hosts, "
                      "and nodes in another zone: an ACL stands between places, not across them",
                      balancer.name, subnet.name));
    }
  }

  static bool has_address_in(const config::LoadBalancer& balancer, const net::Subnet& cidr) {
    if (cidr.contains(balancer.address)) return true;
    if (balancer.address_v6 && cidr.contains(*balancer.address_v6)) return true;
    const auto pool = config::source_addresses(balancer);
    return std::any_of(pool.begin(), pool.end(),
                       [&](const net::IpAddress& address) { return cidr.contains(address); });
  }

  void take_host(const HostEntry& entry) {
    HostSpec& host = r_.scenario.hosts[r_.hosts.at(entry.name)];
    if (entry.security_groups) take_groups(entry, host);
    const Path path{"hosts", entry.name, "firewall"};
    if (!entry.firewall || !count(entry.firewall->in, entry.firewall->out, path)) return;
    host.firewall = entry.firewall;
    Families families;
    for (const net::IpAddress& address : host.addresses) families.add(address);
    const std::string whose = fmt::format("host '{}'", entry.name);
    check_families(entry.firewall->in, families, whose, below(path, "in"));
    check_families(entry.firewall->out, families, whose, below(path, "out"));
  }

  void take_groups(const HostEntry& entry, HostSpec& host) {
    const Path path{"hosts", entry.name, "security_groups"};
    if (entry.security_groups->empty()) {
      return error(path, "an empty list; left out, the host is not filtered");
    }
    std::vector<std::string> known;
    for (const auto& group : r_.document.security_groups) known.push_back(group.name);
    std::set<std::string> named;
    for (std::size_t i = 0; i < entry.security_groups->size(); ++i) {
      const std::string& name = (*entry.security_groups)[i];
      const Place at = r_.place(below(path, std::to_string(i)));
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        r_.diagnostics.error(at, fmt::format("there is no security group named '{}'", name),
                             did_you_mean(nearest(name, known)));
      } else if (!named.insert(name).second) {
        r_.diagnostics.error(at, fmt::format("security group '{}' is named twice", name));
      }
    }
    host.security_groups = *entry.security_groups;
  }

  void check_group(const config::SecurityGroup& group) {
    const Path path{"security_groups", group.name};
    const Rules out = group.out.value_or(Rules{});
    if (!count(group.in, out, path)) return;
    Families families;
    for (const HostSpec& host : r_.scenario.hosts) {
      const auto& groups = host.security_groups;
      if (std::find(groups.begin(), groups.end(), group.name) == groups.end()) continue;
      for (const net::IpAddress& address : host.addresses) families.add(address);
    }
    check_families(group.in, families, "each host in it", below(path, "in"));
    check_families(out, families, "each host in it", below(path, "out"));
  }

  Resolution& r_;
  std::size_t rules_ = 0;
  bool refused_ = false;
};

}  // namespace

void resolve_filters(Resolution& r) { FilterResolver(r).resolve(); }

}  // namespace elblab::language
