#include "live/network/link_readiness.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>

#include "live/network/netlink_request.hpp"

namespace elblab::live {
namespace {

constexpr std::chrono::milliseconds kAskAgainAfter{500};

template <typename T>
bool take(std::string_view bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  return true;
}

std::string_view from(std::string_view bytes, std::size_t offset) {
  return bytes.substr(std::min(offset, bytes.size()));
}

// The value of an attribute; empty if there is none of that type.
std::string_view find_attribute(std::string_view attributes, std::uint16_t type) {
  rtattr attribute{};
  while (take(attributes, attribute) && attribute.rta_len >= sizeof attribute) {
    if (attribute.rta_type == type) {
      return from(attributes, sizeof attribute).substr(0, attribute.rta_len - sizeof attribute);
    }
    attributes = from(attributes, RTA_ALIGN(attribute.rta_len));
  }
  return {};
}

// "noop" is the queue of a device that takes nothing.
bool says_queue(std::string_view body, int index) {
  ifinfomsg link{};
  if (!take(body, link) || link.ifi_index != index || (link.ifi_flags & IFF_RUNNING) == 0) {
    return false;
  }
  std::string_view queue = find_attribute(from(body, NLMSG_ALIGN(sizeof link)), IFLA_QDISC);
  queue = queue.substr(0, queue.find('\0'));
  return !queue.empty() && queue != "noop";
}

// The address that an IPv6 route makes the host's own.
std::optional<net::IpAddress> local_address(std::string_view body) {
  rtmsg route{};
  if (!take(body, route) || route.rtm_family != AF_INET6 || route.rtm_type != RTN_LOCAL) {
    return std::nullopt;
  }
  const std::string_view bytes = find_attribute(from(body, NLMSG_ALIGN(sizeof route)), RTA_DST);
  if (bytes.size() != 16) return std::nullopt;
  return net::IpAddress::from_v6_bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

}  // namespace

Expected<void> LinkReadiness::listen(const std::string& device,
                                     std::vector<net::IpAddress> addresses) {
  device_ = device;
  awaited_ = std::move(addresses);
  index_ = static_cast<int>(if_nametoindex(device.c_str()));
  if (index_ == 0) return refused("network device " + device);
  announcements_ =
      FileDescriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV6_ROUTE;
  if (!announcements_.open() ||
      bind(announcements_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return refused("listening to announcements of " + device);
  }
  return {};
}

Expected<void> LinkReadiness::wait(Duration limit) {
  const std::string tried = "waiting for " + device_ + " to come up";
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (read_announcements(); !ready(); read_announcements()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return refused(tried, ETIMEDOUT);
    pollfd entry{.fd = announcements_.get(), .events = POLLIN, .revents = 0};
    const int heard = poll(&entry, 1, static_cast<int>(std::min(left, kAskAgainAfter).count()) + 1);
    if (heard < 0 && errno != EINTR) return refused(tried);
    if (heard == 0) ask();
  }
  return {};
}

// The answers are the announcements, made again. What is not taken is asked the next time.
void LinkReadiness::ask() {
  ifinfomsg link{};
  link.ifi_index = index_;
  NetlinkRequest of_link(RTM_GETLINK, 0);
  of_link.append(link);
  static_cast<void>(of_link.send_on(announcements_.get()));
  if (awaited_.empty()) return;
  rtmsg routes{};
  routes.rtm_family = AF_INET6;
  NetlinkRequest of_routes(RTM_GETROUTE, NLM_F_DUMP);
  of_routes.append(routes);
  static_cast<void>(of_routes.send_on(announcements_.get()));
}

void LinkReadiness::read_announcements() {
  alignas(nlmsghdr) char buffer[16384];
  for (ssize_t size = 0; (size = recv(announcements_.get(), buffer, sizeof buffer, 0)) > 0;) {
    std::string_view messages(buffer, static_cast<std::size_t>(size));
    nlmsghdr header{};
    while (take(messages, header) && header.nlmsg_len >= sizeof header) {
      hear(messages.substr(0, header.nlmsg_len));
      messages = from(messages, NLMSG_ALIGN(header.nlmsg_len));
    }
  }
}

void LinkReadiness::hear(std::string_view message) {
  nlmsghdr header{};
  take(message, header);
  const std::string_view body = from(message, NLMSG_HDRLEN);
  if (header.nlmsg_type == RTM_NEWLINK && says_queue(body, index_)) has_queue_ = true;
  if (header.nlmsg_type != RTM_NEWROUTE) return;
  if (const auto address = local_address(body)) std::erase(awaited_, *address);
}

}  // namespace elblab::live
