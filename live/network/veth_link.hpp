// A host's network card: a veth pair between the host's namespace and the balancer's.
//
// The host's end has all addresses of the host, a default route of each family, and the kernel's
// own TCP/IP behind it. The balancer's end has no address and is read and written raw (packet_io).
// Both ends: no ARP, no offloads, no router or group messages of IPv6, so that what the link
// carries is the host's traffic alone. When the link is made, both ends carry packets.
//
// Without ARP the kernel sends its frames to its own hardware address. The balancer's end has
// another one: its kernel sees frames for somebody else, and lets go of them at once instead of
// looking for a route. (An end with the host's address would have it forward.)
#pragma once

#include <string>
#include <vector>

#include "live/network/network_device.hpp"
#include "live/network/network_namespace.hpp"
#include "live/network/refused.hpp"
#include "models/net/address.hpp"

namespace elblab::live {

struct HostAddress {
  net::IpAddress address;
  unsigned prefix_length = 0;  // 0: the address alone, /32 or /128
};

struct VethLinkPlan {
  std::string host_device = "eth0";
  std::string balancer_device;         // unique in the balancer's namespace, at most 15 characters
  std::vector<HostAddress> addresses;  // at least one; the first of a family is the default source
  unsigned mtu = 1500;
};

// hardware: of the host's end, to whom frames from the balancer's end go.
Expected<HardwareAddress> make_veth_link(const NetworkNamespace& host,
                                         const NetworkNamespace& balancer,
                                         const VethLinkPlan& plan);

}  // namespace elblab::live
