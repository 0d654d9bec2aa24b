#include "live/network/veth_link.hpp"

#include <algorithm>

#include "live/network/link_readiness.hpp"
#include "live/network/proc_sys.hpp"

namespace elblab::live {
namespace {

// Usually a few milliseconds; while hundreds of namespaces are taken down beside it, seconds.
constexpr Duration kComesUpWithin = std::chrono::seconds(30);
constexpr std::size_t kLongestDeviceName = 15;  // IFNAMSIZ less the final zero

// The link watch serves a device at once whose index differs from its peer's, and up to 1 s later
// otherwise (linkwatch_urgent_event()). The balancer's devices count from 1.
constexpr int kHostDeviceIndex = 1'000'000;

bool is_v6(const HostAddress& address) { return !address.address.is_v4(); }

std::string problem(const VethLinkPlan& plan) {
  for (const std::string& device : {plan.host_device, plan.balancer_device}) {
    if (device.empty() || device.size() > kLongestDeviceName) {
      return "network device '" + device + "': a name has 1 to 15 characters";
    }
  }
  if (plan.addresses.empty()) return "network device " + plan.host_device + " has no address";
  return {};
}

// Locally administered, and telling in a capture: who, and the last bytes of the host's address.
enum class End : std::uint8_t { host = 0xE1, balancer = 0xE2 };
HardwareAddress hardware_address(End end, const VethLinkPlan& plan) {
  const auto& bytes = plan.addresses.front().address.bytes();
  return {0x02, static_cast<std::uint8_t>(end), bytes[12], bytes[13], bytes[14], bytes[15]};
}

struct LinkSetting {
  const char* path;
  const char* value;
};

Failure write_all(std::initializer_list<LinkSetting> settings) {
  for (const LinkSetting& setting : settings) {
    if (auto failure = write_proc_sys(setting.path, setting.value)) return failure;
  }
  return std::nullopt;
}

// Before there is a device: devices take over the values of `default`.
Failure quieten_ipv4() {
  return write_all({{"net/ipv4/ip_forward", "0"},
                    {"net/ipv4/conf/all/rp_filter", "0"},
                    {"net/ipv4/conf/default/rp_filter", "0"},
                    {"net/ipv4/conf/all/accept_redirects", "0"},
                    {"net/ipv4/conf/default/accept_redirects", "0"}});
}

Failure quieten_ipv6(bool used) {
  // A kernel without IPv6 has no such file, and needs none.
  if (!proc_sys_exists("net/ipv6/conf/default/disable_ipv6")) return std::nullopt;
  if (!used) {
    return write_all(
        {{"net/ipv6/conf/all/disable_ipv6", "1"}, {"net/ipv6/conf/default/disable_ipv6", "1"}});
  }
  return write_all({{"net/ipv6/conf/default/accept_dad", "0"},
                    {"net/ipv6/conf/default/autoconf", "0"},
                    {"net/ipv6/conf/default/accept_ra", "0"},
                    {"net/ipv6/conf/default/router_solicitations", "0"},
                    {"net/ipv6/conf/default/accept_redirects", "0"},
                    // No link-local address.
                    {"net/ipv6/conf/default/addr_gen_mode", "1"}});
}

unsigned prefix_of(const HostAddress& address) {
  if (address.prefix_length != 0) return address.prefix_length;
  return address.address.is_v4() ? 32 : 128;
}

std::vector<net::IpAddress> v6_addresses(const VethLinkPlan& plan) {
  std::vector<net::IpAddress> addresses;
  for (const HostAddress& address : plan.addresses) {
    if (is_v6(address)) addresses.push_back(address.address);
  }
  return addresses;
}

Failure add_addresses(const VethLinkPlan& plan) {
  for (const HostAddress& address : plan.addresses) {
    if (auto failure = add_address(plan.host_device, address.address, prefix_of(address))) {
      return failure;
    }
  }
  return std::nullopt;
}

// One per family, from its first address.
Failure add_default_routes(const VethLinkPlan& plan) {
  for (const bool v6 : {false, true}) {
    const auto first = std::find_if(plan.addresses.begin(), plan.addresses.end(),
                                    [v6](const HostAddress& a) { return is_v6(a) == v6; });
    if (first == plan.addresses.end()) continue;
    if (auto failure = add_default_route(plan.host_device, first->address)) return failure;
  }
  return std::nullopt;
}

Failure prepare_balancer(const NetworkNamespace& balancer) {
  const NamespaceScope scope(balancer);
  if (scope.failure()) return scope.failure();
  if (auto failure = quieten_ipv4()) return failure;
  return quieten_ipv6(false);
}

Failure prepare_host(const VethLinkPlan& plan, int balancer_namespace) {
  if (auto failure = quieten_ipv4()) return failure;
  const bool v6 = std::any_of(plan.addresses.begin(), plan.addresses.end(), is_v6);
  if (auto failure = quieten_ipv6(v6)) return failure;
  if (auto failure = bring_up("lo", Arp::on)) return failure;
  const VethEnd near{plan.host_device, hardware_address(End::host, plan), kHostDeviceIndex};
  const VethEnd far{plan.balancer_device, hardware_address(End::balancer, plan)};
  if (auto failure = make_veth_pair(near, far, balancer_namespace, plan.mtu)) return failure;
  return disable_offloads(plan.host_device);
}

Failure start_balancer_end(const NetworkNamespace& balancer, const std::string& device,
                           LinkReadiness& ready) {
  const NamespaceScope scope(balancer);
  if (scope.failure()) return scope.failure();
  if (auto failure = disable_offloads(device)) return failure;
  if (auto failure = ready.listen(device, {})) return failure;
  return bring_up(device, Arp::off);
}

}  // namespace

Failure make_veth_link(const NetworkNamespace& host, const NetworkNamespace& balancer,
                       const VethLinkPlan& plan, HardwareAddress& hardware) {
  if (std::string wrong = problem(plan); !wrong.empty()) return wrong;
  hardware = hardware_address(End::host, plan);
  if (auto failure = prepare_balancer(balancer)) return failure;
  const NamespaceScope scope(host);
  if (scope.failure()) return scope.failure();
  if (auto failure = prepare_host(plan, balancer.descriptor())) return failure;
  LinkReadiness balancer_ready;
  if (auto failure = start_balancer_end(balancer, plan.balancer_device, balancer_ready)) {
    return failure;
  }
  LinkReadiness host_ready;
  if (auto failure = host_ready.listen(plan.host_device, v6_addresses(plan))) return failure;
  if (auto failure = bring_up(plan.host_device, Arp::off)) return failure;
  if (auto failure = add_addresses(plan)) return failure;
  if (auto failure = add_default_routes(plan)) return failure;
  if (auto failure = host_ready.wait(kComesUpWithin)) return failure;
  return balancer_ready.wait(kComesUpWithin);
}

}  // namespace elblab::live
