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

Expected<void> check(const VethLinkPlan& plan) {
  for (const std::string& device : {plan.host_device, plan.balancer_device}) {
    if (device.empty() || device.size() > kLongestDeviceName) {
      return Error{"network device '" + device + "': a name has 1 to 15 characters"};
    }
  }
  if (plan.addresses.empty()) {
    return Error{"network device " + plan.host_device + " has no address"};
  }
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

Expected<void> write_all(std::initializer_list<LinkSetting> settings) {
  for (const LinkSetting& setting : settings) {
    if (auto done = write_proc_sys(setting.path, setting.value); !done) return done;
  }
  return {};
}

// Before there is a device: devices take over the values of `default`.
Expected<void> quieten_ipv4() {
  return write_all({{"net/ipv4/ip_forward", "0"},
                    {"net/ipv4/conf/all/rp_filter", "0"},
                    {"net/ipv4/conf/default/rp_filter", "0"},
                    {"net/ipv4/conf/all/accept_redirects", "0"},
                    {"net/ipv4/conf/default/accept_redirects", "0"}});
}

Expected<void> quieten_ipv6(bool used) {
  // A kernel without IPv6 has no such file, and needs none.
  if (!proc_sys_exists("net/ipv6/conf/default/disable_ipv6")) return {};
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

Expected<void> add_addresses(const VethLinkPlan& plan) {
  for (const HostAddress& address : plan.addresses) {
    if (auto done = add_address(plan.host_device, address.address, prefix_of(address)); !done)
      return done;
  }
  return {};
}

// One per family, from its first address.
Expected<void> add_default_routes(const VethLinkPlan& plan) {
  for (const bool v6 : {false, true}) {
    const auto first = std::find_if(plan.addresses.begin(), plan.addresses.end(),
                                    [v6](const HostAddress& a) { return is_v6(a) == v6; });
    if (first == plan.addresses.end()) continue;
    if (auto done = add_default_route(plan.host_device, first->address); !done) return done;
  }
  return {};
}

Expected<void> prepare_balancer(const NetworkNamespace& balancer) {
  const NamespaceScope scope(balancer);
  if (!scope.entered()) return scope.entered();
  if (auto done = quieten_ipv4(); !done) return done;
  return quieten_ipv6(false);
}

Expected<void> prepare_host(const VethLinkPlan& plan, int balancer_namespace) {
  if (auto done = quieten_ipv4(); !done) return done;
  const bool v6 = std::any_of(plan.addresses.begin(), plan.addresses.end(), is_v6);
  if (auto done = quieten_ipv6(v6); !done) return done;
  if (auto done = bring_up("lo", Arp::on); !done) return done;
  const VethEnd near{plan.host_device, hardware_address(End::host, plan), kHostDeviceIndex};
  const VethEnd far{plan.balancer_device, hardware_address(End::balancer, plan)};
  if (auto done = make_veth_pair(near, far, balancer_namespace, plan.mtu); !done) return done;
  return disable_offloads(plan.host_device);
}

Expected<void> start_balancer_end(const NetworkNamespace& balancer, const std::string& device,
                                  LinkReadiness& ready) {
  const NamespaceScope scope(balancer);
  if (!scope.entered()) return scope.entered();
  if (auto done = disable_offloads(device); !done) return done;
  if (auto done = ready.listen(device, {}); !done) return done;
  return bring_up(device, Arp::off);
}

Expected<void> make_link(const NetworkNamespace& host, const NetworkNamespace& balancer,
                         const VethLinkPlan& plan) {
  if (auto done = check(plan); !done) return done;
  if (auto done = prepare_balancer(balancer); !done) return done;
  const NamespaceScope scope(host);
  if (!scope.entered()) return scope.entered();
  if (auto done = prepare_host(plan, balancer.descriptor()); !done) return done;
  LinkReadiness balancer_ready;
  if (auto done = start_balancer_end(balancer, plan.balancer_device, balancer_ready); !done) {
    return done;
  }
  LinkReadiness host_ready;
  if (auto done = host_ready.listen(plan.host_device, v6_addresses(plan)); !done) return done;
  if (auto done = bring_up(plan.host_device, Arp::off); !done) return done;
  if (auto done = add_addresses(plan); !done) return done;
  if (auto done = add_default_routes(plan); !done) return done;
  if (auto done = host_ready.wait(kComesUpWithin); !done) return done;
  return balancer_ready.wait(kComesUpWithin);
}

}  // namespace

Expected<HardwareAddress> make_veth_link(const NetworkNamespace& host,
                                         const NetworkNamespace& balancer,
                                         const VethLinkPlan& plan) {
  if (auto done = make_link(host, balancer, plan); !done) return done.error();
  return hardware_address(End::host, plan);
}

}  // namespace elblab::live
