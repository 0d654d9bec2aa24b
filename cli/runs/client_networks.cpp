#include "cli/runs/client_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "worlds/network_filters.hpp"

namespace elblab::cli {
namespace {

const net::IpAddress kFirstV4 = net::IpAddress::v4(198, 18, 0, 0);
constexpr std::uint64_t kV4Addresses = std::uint64_t{1} << 17;  // of a /15
constexpr std::uint64_t kLeastV4 = 256;
constexpr std::uint64_t kNobodys = 2;  // the network's own address and the broadcast address
constexpr std::uint64_t kV6Networks = std::uint64_t{1} << 16;

}  // namespace

void ClientNetworks::avoid(const std::vector<net::IpAddress>& addresses) {
  used_.insert(addresses.begin(), addresses.end());
}

bool ClientNetworks::is_free(const net::Subnet& subnet) const {
  const auto at = used_.lower_bound(subnet.base());
  return at == used_.end() || !subnet.contains(*at);
}

std::optional<std::vector<net::Subnet>> ClientNetworks::take(std::size_t addresses) {
  const std::uint64_t size = std::max(kLeastV4, std::bit_ceil(addresses + kNobodys));
  const auto prefix = static_cast<unsigned>(32 - std::countr_zero(size));
  for (std::uint64_t at = (next_v4_ + size - 1) / size * size; at + size <= kV4Addresses;
       at += size) {
    const net::Subnet v4(kFirstV4.plus(at), prefix);
    if (!is_free(v4)) continue;
    for (; next_v6_ < kV6Networks; ++next_v6_) {
      const net::Subnet v6 = *net::Subnet::parse(fmt::format("2001:db8:1:{:x}::/64", next_v6_));
      if (!is_free(v6)) continue;
      next_v4_ = at + size;
      ++next_v6_;
      return std::vector{v4, v6};
    }
  }
  return std::nullopt;
}

bool has_rules(const language::Scenario& scenario) {
  const auto has_list = [](const config::Listener& listener) {
    return listener.access.has_value();
  };
  return std::any_of(scenario.balancers.begin(), scenario.balancers.end(),
                     [&](const config::LoadBalancer& balancer) {
                       return std::any_of(balancer.listeners.begin(), balancer.listeners.end(),
                                          has_list);
                     }) ||
         worlds::NetworkFilters::any_in(scenario);
}

std::vector<net::IpAddress> client_addresses(const language::Scenario& scenario) {
  std::set<std::string> connecting;
  for (const language::WorkloadSpec& workload : scenario.workloads) {
    connecting.insert(workload.from.begin(), workload.from.end());
  }
  std::vector<net::IpAddress> addresses;
  for (const language::HostSpec& host : scenario.hosts) {
    if (host.role != language::HostRole::client && !connecting.contains(host.name)) continue;
    addresses.insert(addresses.end(), host.addresses.begin(), host.addresses.end());
  }
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

}  // namespace elblab::cli
