// Addresses: those given are checked against their network and against each other, the others are
// assigned in file order.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/address_codec.hpp"
#include "scenarios/language/resolver.hpp"

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
  explicit AddressAssigner(Resolution& r) : r_(r) {}

  void assign_all() {
    for (HostEntry& host : r_.document.hosts) take_given(host);
    if (!r_.diagnostics.empty()) return;
    for (HostEntry& host : r_.document.hosts) {
      if (host.addresses.given.empty()) assign(host);
    }
  }

 private:
  struct Pool {
    net::Subnet subnet;
    std::uint64_t next = 0;  // offset from the base
    std::uint64_t end = 0;
  };

  const std::vector<net::Subnet>& networks(HostRole role) const {
    return role == HostRole::client ? r_.document.networks.clients : r_.document.networks.servers;
  }
  Place address_place(const HostEntry& host) const {
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
    const auto& allowed = networks(host.spec.role);
    const bool inside = std::any_of(allowed.begin(), allowed.end(),
                                    [&](const net::Subnet& s) { return s.contains(address); });
    if (!inside) {
      return refuse(
          host, fmt::format("{} is outside the network of {}: allowed is {}", address.to_string(),
                            host.spec.role == HostRole::client ? "clients" : "servers",
                            list_text(allowed)));
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
      return refuse(host, fmt::format("{} is an address of host {} already", address.to_string(),
                                      owner->second->name));
    }
    host.spec.addresses.push_back(address);
    return true;
  }

  bool refuse(const HostEntry& host, std::string message) {
    r_.diagnostics.error(address_place(host), std::move(message));
    return false;
  }

  std::vector<Pool>& pools(HostRole role) {
    std::vector<Pool>& known = role == HostRole::client ? client_pools_ : server_pools_;
    if (!known.empty()) return known;
    for (const net::Subnet& subnet : networks(role)) {
      // Neither the subnet's own address nor, in IPv4, the broadcast address is a host's.
      const std::uint64_t size = subnet.size();
      const bool v4 = subnet.base().is_v4();
      known.push_back(size <= 2 ? Pool{subnet, 0, size} : Pool{subnet, 1, size - (v4 ? 1 : 0)});
    }
    return known;
  }

  void assign(HostEntry& host) {
    for (Pool& pool : pools(host.spec.role)) {
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
                             host.name, list_text(networks(host.spec.role))));
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
  std::vector<Pool> client_pools_;
  std::vector<Pool> server_pools_;
};

}  // namespace

void resolve_hosts(Resolution& r) {
  auto& hosts = r.document.hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    hosts[i].spec.name = hosts[i].name;
    r.hosts.emplace(hosts[i].name, i);
    if (hosts[i].spec.role == HostRole::server && !hosts[i].service) hosts[i].service.emplace();
  }
  AddressAssigner(r).assign_all();
  for (const HostEntry& host : hosts) r.scenario.hosts.push_back(host.spec);
}

}  // namespace elblab::language
