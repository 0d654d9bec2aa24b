#include "live/network/network_device.hpp"

#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "live/network/file_descriptor.hpp"
#include "live/network/netlink_request.hpp"

namespace elblab::live {
namespace {

std::uint8_t family_of(const net::IpAddress& address) {
  return address.is_v4() ? AF_INET : AF_INET6;
}

std::size_t width_of(const net::IpAddress& address) { return address.is_v4() ? 4 : 16; }

void add_link_attributes(NetlinkRequest& request, const VethEnd& end, unsigned mtu) {
  ifinfomsg link{};
  link.ifi_index = end.index;
  request.append(link);
  request.attribute(IFLA_IFNAME, std::string_view(end.device));
  request.attribute(IFLA_MTU, std::uint32_t{mtu});
  request.attribute(IFLA_ADDRESS, end.hardware);
}

// The index of a device, or what is wrong with its name.
Expected<int> find_device(const std::string& device) {
  const int index = static_cast<int>(if_nametoindex(device.c_str()));
  if (index == 0) return refused("network device " + device);
  return index;
}

// An ioctl() on the device; errno says why not.
bool ask(const std::string& device, unsigned long command, ifreq& request) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::strncpy(request.ifr_name, device.c_str(), IFNAMSIZ - 1);
  return socket.open() && ioctl(socket.get(), command, &request) == 0;
}

Expected<void> route(const std::string& device, const net::Subnet& destination,
                     const net::IpAddress* source) {
  const auto index = find_device(device);
  if (!index) return index.error();
  NetlinkRequest request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  rtmsg message{};
  message.rtm_family = family_of(destination.base());
  message.rtm_dst_len = static_cast<std::uint8_t>(destination.prefix_length());
  message.rtm_table = RT_TABLE_MAIN;
  message.rtm_protocol = RTPROT_STATIC;
  message.rtm_scope = destination.base().is_v4() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  message.rtm_type = RTN_UNICAST;
  request.append(message);
  if (destination.prefix_length() > 0) {
    request.attribute(RTA_DST, destination.base().wire_bytes(), width_of(destination.base()));
  }
  request.attribute(RTA_OIF, *index);
  if (source != nullptr) request.attribute(RTA_PREFSRC, source->wire_bytes(), width_of(*source));
  return request.execute("routing " + destination.to_string() + " to " + device);
}

}  // namespace

Expected<void> make_veth_pair(const VethEnd& near, const VethEnd& far, int far_namespace,
                              unsigned mtu) {
  const std::string tried = "making veth pair " + near.device + " – " + far.device;
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  add_link_attributes(request, near, mtu);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  request.attribute(IFLA_INFO_KIND, std::string_view("veth"));
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t peer = request.begin(VETH_INFO_PEER);
  add_link_attributes(request, far, mtu);
  request.attribute(IFLA_NET_NS_FD, far_namespace);
  request.end(peer);
  request.end(data);
  request.end(info);
  return request.execute(tried);
}

Expected<HardwareAddress> get_hardware_address(const std::string& device) {
  ifreq request{};
  if (!ask(device, SIOCGIFHWADDR, request)) {
    return refused("reading the hardware address of " + device);
  }
  HardwareAddress hardware{};
  std::memcpy(hardware.data(), request.ifr_hwaddr.sa_data, hardware.size());
  return hardware;
}

Expected<std::size_t> get_mtu(const std::string& device) {
  ifreq request{};
  if (!ask(device, SIOCGIFMTU, request)) return refused("reading the MTU of " + device);
  return static_cast<std::size_t>(request.ifr_mtu);
}

Expected<void> set_hardware_address(const std::string& device, const HardwareAddress& hardware) {
  const auto index = find_device(device);
  if (!index) return index.error();
  NetlinkRequest request(RTM_NEWLINK, 0);
  ifinfomsg link{};
  link.ifi_index = *index;
  request.append(link);
  request.attribute(IFLA_ADDRESS, hardware);
  return request.execute("giving " + device + " a hardware address");
}

Expected<void> bring_up(const std::string& device, Arp arp) {
  const auto index = find_device(device);
  if (!index) return index.error();
  NetlinkRequest request(RTM_NEWLINK, 0);
  ifinfomsg link{};
  link.ifi_index = *index;
  link.ifi_flags = IFF_UP | (arp == Arp::off ? IFF_NOARP : 0);
  link.ifi_change = IFF_UP | IFF_NOARP;
  request.append(link);
  return request.execute("bringing up " + device);
}

Expected<void> add_address(const std::string& device, const net::IpAddress& address,
                           unsigned prefix_length) {
  const auto index = find_device(device);
  if (!index) return index.error();
  NetlinkRequest request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  ifaddrmsg message{};
  message.ifa_family = family_of(address);
  message.ifa_prefixlen = static_cast<std::uint8_t>(prefix_length);
  message.ifa_flags = address.is_v4() ? 0 : IFA_F_NODAD;
  message.ifa_index = static_cast<unsigned>(*index);
  request.append(message);
  request.attribute(IFA_LOCAL, address.wire_bytes(), width_of(address));
  request.attribute(IFA_ADDRESS, address.wire_bytes(), width_of(address));
  return request.execute("giving " + device + " the address " + address.to_string());
}

Expected<void> add_default_route(const std::string& device, const net::IpAddress& source) {
  const net::IpAddress any = source.is_v4() ? net::IpAddress::v4(0) : net::IpAddress();
  return route(device, net::Subnet(any, 0), &source);
}

Expected<void> add_route(const std::string& device, const net::Subnet& destination) {
  return route(device, destination, nullptr);
}

Expected<void> disable_offloads(const std::string& device) {
  for (const std::uint32_t command :
       {ETHTOOL_SGRO, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_STXCSUM, ETHTOOL_SRXCSUM}) {
    ethtool_value value{.cmd = command, .data = 0};
    ifreq request{};
    request.ifr_data = reinterpret_cast<char*>(&value);
    if (!ask(device, SIOCETHTOOL, request)) {
      return refused("switching off the offloads of " + device);
    }
  }
  return {};
}

}  // namespace elblab::live
