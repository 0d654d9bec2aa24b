#include "live/network/link_readiness.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace elblab::live {
namespace {

template <typename T>
bool take(std::string_view bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  return true;
}

std::string_view from(std::string_view bytes, std::size_t offset) {
  return bytes.substr(std::min(offset, bytes.size()));
}

// The name of a device's queue in the attributes of an RTM_NEWLINK message.
std::string_view queue_name(std::string_view attributes) {
  rtattr attribute{};
  while (take(attributes, attribute) && attribute.rta_len >= sizeof attribute) {
    if (attribute.rta_type == IFLA_QDISC) {
      const std::string_view text =
          attributes.substr(sizeof attribute, attribute.rta_len - sizeof attribute);
      return text.substr(0, text.find('\0'));
    }
    attributes = from(attributes, RTA_ALIGN(attribute.rta_len));
  }
  return {};
}

// "noop" is the queue of a device that takes nothing.
bool says_ready(std::string_view messages, int index) {
  nlmsghdr header{};
  while (take(messages, header) && header.nlmsg_len >= sizeof header) {
    const std::string_view message = messages.substr(0, header.nlmsg_len);
    ifinfomsg link{};
    if (header.nlmsg_type == RTM_NEWLINK && take(from(message, NLMSG_HDRLEN), link) &&
        link.ifi_index == index && (link.ifi_flags & IFF_RUNNING) != 0) {
      const auto queue = queue_name(from(message, NLMSG_HDRLEN + NLMSG_ALIGN(sizeof link)));
      if (!queue.empty() && queue != "noop") return true;
    }
    messages = from(messages, NLMSG_ALIGN(header.nlmsg_len));
  }
  return false;
}

}  // namespace

Failure LinkReadiness::listen(const std::string& device) {
  device_ = device;
  index_ = static_cast<int>(if_nametoindex(device.c_str()));
  if (index_ == 0) return refused("network device " + device);
  announcements_ =
      FileDescriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (!announcements_.open() ||
      bind(announcements_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return refused("listening to announcements of " + device);
  }
  return std::nullopt;
}

Failure LinkReadiness::wait(Duration limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!announced_ready()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return refused("waiting for " + device_ + " to come up", ETIMEDOUT);
    pollfd entry{.fd = announcements_.get(), .events = POLLIN, .revents = 0};
    if (poll(&entry, 1, static_cast<int>(left.count()) + 1) < 0 && errno != EINTR) {
      return refused("waiting for " + device_ + " to come up");
    }
  }
  return std::nullopt;
}

bool LinkReadiness::announced_ready() {
  alignas(nlmsghdr) char messages[16384];
  for (;;) {
    const ssize_t size = recv(announcements_.get(), messages, sizeof messages, 0);
    if (size <= 0) return false;
    if (says_ready({messages, static_cast<std::size_t>(size)}, index_)) return true;
  }
}

}  // namespace elblab::live
