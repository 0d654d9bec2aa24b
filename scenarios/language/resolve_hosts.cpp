// Addresses: those given are checked against their network and against each other, the others are
// assigned in file order. Settings: a host takes those only that its stack obeys.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "scenarios/language/address_codec.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

// In one scenario, over all hosts.
constexpr std::size_t kMostAddressesInTotal = 200'000;

std::string list_text(const std::vector<net::Subnet>& subnets) {
  std::string text;
  for (const net::Subnet& subnet : subnets) text += (text.empty() ? "" : ", ") + subnet.to_string();
  return text;
}

class AddressAssigner {
 public:
  explicit AddressAssigner(Resolution& r) : r_(r) {
    for (const MiddleboxEntry& box : r_.document.middleboxes) boxes_.push_back(as_client(box));
  }

  void assign_all() {
    for (HostEntry& host : r_.document.hosts) take_given(host);
    for (HostEntry& box : boxes_) take_given(box);
    if (!r_.diagnostics.empty()) return;
    for (HostEntry& host : r_.document.hosts) {
      if (host.addresses.given.empty()) assign(host);
    }
    for (HostEntry& box : boxes_) {
      if (box.addresses.given.empty()) assign(box);
    }
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      NatEntry& nat = r_.document.middleboxes[i].box();
      nat.addresses = boxes_[i].addresses;
      nat.values.addresses = boxes_[i].spec.addresses;
    }
  }

 private:
  struct Pool {
    net::Subnet subnet;
    std::uint64_t next = 0;  // offset from the base
    std::uint64_t end = 0;
  };

  // A NAT box has its outer addresses as a client has its own.
  static HostEntry as_client(const MiddleboxEntry& box) {
    HostEntry client;
    client.name = box.name;
    client.addresses = box.box().addresses;
    client.spec.name = box.name;
    client.spec.role = HostRole::client;
    client.spec.subnet = box.subnet.value_or("");
    return client;
  }
  bool is_box(const HostEntry& host) const {
    return std::any_of(boxes_.begin(), boxes_.end(),
                       [&](const HostEntry& box) { return &box == &host; });
  }
  const std::vector<net::Subnet>& inside(const std::string& box) const {
    const auto& boxes = r_.document.middleboxes;
    return std::find_if(boxes.begin(), boxes.end(),
                        [&](const MiddleboxEntry& each) { return each.name == box; })
        ->box()
        .values.inside;
  }

  std::vector<net::Subnet> networks(const HostEntry& host) const {
    if (!host.spec.behind.empty()) return inside(host.spec.behind);
    if (!host.spec.subnet.empty()) return {r_.find_subnet(host.spec.subnet)->cidr};
    return host.spec.role == HostRole::client ? r_.document.networks.clients
                                              : r_.document.networks.servers;
  }
  Place address_place(const HostEntry& host) const {
    if (is_box(host)) return r_.place({"middleboxes", host.name, "nat", "addresses"});
    return r_.place({"hosts", host.name, "addresses"});
  }

  void take_given(HostEntry& host) {
    for (const AddressRange& range : host.addresses.given) {
      for (std::uint32_t n = 0; n < range.count; ++n) {
        if (!take_one(host, range.first.plus(n))) return;
      }
    }
  }

  bool take_one(HostEntry& host, const net::IpAddress& address) {
    const auto allowed = networks(host);
    const bool inside = std::any_of(allowed.begin(), allowed.end(),
                                    [&](const net::Subnet& s) { return s.contains(address); });
    if (!inside) {
      return refuse(host, fmt::format("{} is outside {}: allowed is {}", address.to_string(),
                                      network_text(host), list_text(allowed)));
    }
    if (is_virtual(address)) {
      return refuse(host,
                    fmt::format("{} is the virtual address of a balancer", address.to_string()));
    }
    if (taken_.size() >= kMostAddressesInTotal) {
      return refuse(host,
                    fmt::format("more than {} addresses in one scenario", kMostAddressesInTotal));
    }
    const auto [owner, added] = taken_.emplace(address, &host);
    if (!added) {
      const HostEntry& other = *owner->second;
      return refuse(host, fmt::format("{} is an address of {} {} already", address.to_string(),
                                      is_box(other) ? "NAT box" : "host", other.name));
    }
    host.spec.addresses.push_back(address);
    return true;
  }

  bool refuse(const HostEntry& host, std::string message) {
    r_.diagnostics.error(address_place(host), std::move(message));
    return false;
  }

  static std::string network_text(const HostEntry& host) {
    if (!host.spec.behind.empty()) {
      return fmt::format("the networks behind '{}'", host.spec.behind);
    }
    if (!host.spec.subnet.empty()) return fmt::format("subnet '{}'", host.spec.subnet);
    return host.spec.role == HostRole::client ? "the network of clients" : "the network of servers";
  }

  std::vector<Pool>& pools(const HostEntry& host) {
    const auto key =
        std::tuple(host.spec.subnet, host.spec.behind, host.spec.role == HostRole::client);
    std::vector<Pool>& known = pools_[key];
    if (!known.empty()) return known;
    for (const net::Subnet& subnet : networks(host)) {
      // Neither the subnet's own address nor, in IPv4, the broadcast address is a host's.
      const std::uint64_t size = subnet.size();
      const bool v4 = subnet.base().is_v4();
      known.push_back(size <= 2 ? Pool{subnet, 0, size} : Pool{subnet, 1, size - (v4 ? 1 : 0)});
    }
    return known;
  }

  void assign(HostEntry& host) {
    for (Pool& pool : pools(host)) {
      std::vector<net::IpAddress> found;
      std::uint64_t offset = pool.next;
      for (; offset < pool.end && found.size() < host.addresses.count; ++offset) {
        const net::IpAddress address = pool.subnet.base().plus(offset);
        if (!is_reserved(address)) found.push_back(address);
      }
      if (found.size() < host.addresses.count) continue;
      pool.next = offset;
      for (const net::IpAddress& address : found) {
        if (!take_one(host, address)) return;
      }
      write_back(host);
      return;
    }
    refuse(host, fmt::format("no subnet has room for {} addresses of {}: {}", host.addresses.count,
                             host.name, list_text(networks(host))));
  }

  bool is_reserved(const net::IpAddress& address) const {
    return taken_.contains(address) || is_virtual(address);
  }

  bool is_virtual(const net::IpAddress& address) const {
    const auto balancers = r_.document.all_balancers();
    return std::any_of(balancers.begin(), balancers.end(), [&](const BalancerEntry& balancer) {
      return address == balancer.values.address || address == balancer.values.address_v6;
    });
  }

  // Consecutive ones as one range, so that a host with thousands stays readable.
  static void write_back(HostEntry& host) {
    for (const net::IpAddress& address : host.spec.addresses) {
      auto& given = host.addresses.given;
      const bool follows = !given.empty() && given.back().first.plus(given.back().count) == address;
      if (follows) {
        ++given.back().count;
      } else {
        given.push_back({address, 1});
      }
    }
  }

  Resolution& r_;
  std::map<net::IpAddress, const HostEntry*> taken_;
  // By subnet, NAT box before them, is a client.
  std::map<std::tuple<std::string, std::string, bool>, std::vector<Pool>> pools_;
  std::vector<HostEntry> boxes_;  // as document.middleboxes
};

// Nobody can connect to a host behind a NAT box: it is a client, in the networks inside the box.
void place_behind(Resolution& r, HostEntry& host) {
  const auto& boxes = r.scenario.middleboxes;
  const auto box = std::find_if(boxes.begin(), boxes.end(), [&](const MiddleboxSpec& each) {
    return each.name == *host.behind;
  });
  if (box == boxes.end()) {
    std::vector<std::string> names;
    for (const MiddleboxSpec& each : boxes) names.push_back(each.name);
    r.diagnostics.error(r.place({"hosts", host.name, "behind"}),
                        fmt::format("there is no NAT box named '{}'", *host.behind),
                        did_you_mean(nearest(*host.behind, names)));
    return;
  }
  if (host.role == HostRole::server || host.service) {
    r.diagnostics.error(
        r.key_place({"hosts", host.name, "behind"}),
        "a server behind a NAT box cannot be reached: static mappings are not built");
    return;
  }
  if (host.subnet) {
    r.diagnostics.error(
        r.key_place({"hosts", host.name, "subnet"}),
        fmt::format(
            "host '{}' stands behind '{}': its addresses are of the networks inside the box",
            host.name, box->name));
    return;
  }
  host.spec.role = HostRole::client;
  host.spec.behind = box->name;
  host.spec.place = box->inside_place;
}

void place_host(Resolution& r, HostEntry& host) {
  if (host.behind) return place_behind(r, host);
  host.spec.role = host.role.value_or(HostRole::any);
  if (!host.subnet) {
    if (!host.role) {
      r.diagnostics.error(r.key_place({"hosts", host.name}),
                          fmt::format("host '{}' needs a 'subnet', or a 'role'", host.name));
    }
    return;
  }
  const SubnetSpec* subnet = r.subnet_at(*host.subnet, {"hosts", host.name, "subnet"});
  if (subnet == nullptr) return;
  host.spec.subnet = subnet->name;
  host.spec.place = subnet->place;
}

bool differ(const host::Sysctls& a, const host::Sysctls& b) {
  const auto table = host::sysctl_table();
  return std::any_of(table.begin(), table.end(), [&](const host::SysctlEntry& entry) {
    return a.*entry.member != b.*entry.member;
  });
}

// What is spelled out at its default, as in an effective scenario, asks for nothing.
void check_stack(Resolution& r, const HostEntry& host) {
  if (host.spec.stack != HostStack::ns3) return;
  const HostSpec defaults;
  const auto refuse = [&](const char* key, const char* why) {
    r.diagnostics.error(r.place({"hosts", host.name, key}),
                        fmt::format("host {} runs the TCP of ns-3, which {}", host.name, why));
  };
  if (differ(host.spec.sysctls, defaults.sysctls)) refuse("sysctl", "has no kernel settings");
  if (host.spec.time_wait != defaults.time_wait) {
    refuse("time_wait", "decides itself how long TIME_WAIT lasts");
  }
  if (host.spec.initial_sequence != defaults.initial_sequence) {
    refuse("initial_sequence", "chooses its own sequence numbers");
  }
}

}  // namespace

void resolve_hosts(Resolution& r) {
  auto& hosts = r.document.hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    hosts[i].spec.name = hosts[i].name;
    r.hosts.emplace(hosts[i].name, i);
    place_host(r, hosts[i]);
    const bool serves = hosts[i].spec.role != HostRole::client;
    if (serves && hosts[i].role && !hosts[i].service) hosts[i].service.emplace();
  }
  for (const HostEntry& host : hosts) check_stack(r, host);
  if (!r.diagnostics.empty()) return;
  AddressAssigner(r).assign_all();
  for (const HostEntry& host : hosts) r.scenario.hosts.push_back(host.spec);
}

}  // namespace elblab::language
