// Network devices of the namespace that the thread is in, by name: made, addressed, routed and
// switched by rtnetlink(7) and ethtool's ioctl (netdevice(7)), without other programs.
#pragma once

#include <string>
#include <string_view>

#include "live/network/failure.hpp"
#include "live/network/hardware_address.hpp"
#include "models/net/address.hpp"

namespace elblab::live {

struct VethEnd {
  std::string device;  // at most 15 characters
  HardwareAddress hardware{};
  int index = 0;  // 0: the kernel chooses
};

// Makes `near` here and `far` in the namespace of the descriptor, both down.
[[nodiscard]] Failure make_veth_pair(const VethEnd& near, const VethEnd& far, int far_namespace,
                                     unsigned mtu);
[[nodiscard]] Failure get_hardware_address(const std::string& device, HardwareAddress& hardware);
[[nodiscard]] Failure get_mtu(const std::string& device, std::size_t& bytes);
[[nodiscard]] Failure set_hardware_address(const std::string& device,
                                           const HardwareAddress& hardware);

enum class Arp : bool { off, on };
[[nodiscard]] Failure bring_up(const std::string& device, Arp arp);

// IPv6 addresses are used at once, without duplicate address detection.
[[nodiscard]] Failure add_address(const std::string& device, const net::IpAddress& address,
                                  unsigned prefix_length);
// Everything of the source's family goes out of the device; `source` is what sockets that are not
// bound get.
[[nodiscard]] Failure add_default_route(const std::string& device, const net::IpAddress& source);
// Packets for `destination` go out of the device.
[[nodiscard]] Failure add_route(const std::string& device, const net::Subnet& destination);

// Offloads leave checksums to hardware that is not there, and segments unsplit or joined: all off.
[[nodiscard]] Failure disable_offloads(const std::string& device);

}  // namespace elblab::live
