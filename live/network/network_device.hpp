// Network devices of the namespace that the thread is in, by name: made, addressed, routed and
// switched by rtnetlink(7) and ethtool's ioctl (netdevice(7)), without other programs.
#pragma once

#include <string>
#include <string_view>

#include "live/network/hardware_address.hpp"
#include "live/network/refused.hpp"
#include "models/net/address.hpp"

namespace elblab::live {

struct VethEnd {
  std::string device;  // at most 15 characters
  HardwareAddress hardware{};
  int index = 0;  // 0: the kernel chooses
};

// Makes `near` here and `far` in the namespace of the descriptor, both down.
Expected<void> make_veth_pair(const VethEnd& near, const VethEnd& far, int far_namespace,
                              unsigned mtu);
Expected<HardwareAddress> get_hardware_address(const std::string& device);
Expected<std::size_t> get_mtu(const std::string& device);  // in bytes
Expected<void> set_hardware_address(const std::string& device, const HardwareAddress& hardware);

enum class Arp : bool { off, on };
Expected<void> bring_up(const std::string& device, Arp arp);

// IPv6 addresses are used at once, without duplicate address detection.
Expected<void> add_address(const std::string& device, const net::IpAddress& address,
                           unsigned prefix_length);
// Everything of the source's family goes out of the device; `source` is what sockets that are not
// bound get.
Expected<void> add_default_route(const std::string& device, const net::IpAddress& source);
// Packets for `destination` go out of the device.
Expected<void> add_route(const std::string& device, const net::Subnet& destination);

// Offloads leave checksums to hardware that is not there, and segments unsplit or joined: all off.
Expected<void> disable_offloads(const std::string& device);

}  // namespace elblab::live
