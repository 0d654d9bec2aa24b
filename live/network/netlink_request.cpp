#include "live/network/netlink_request.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "live/network/file_descriptor.hpp"

namespace elblab::live {

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST | NLM_F_ACK);
  append(header);
}

void NetlinkRequest::append_bytes(const void* data, std::size_t size) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + NLMSG_ALIGN(size));
  if (size > 0) std::memcpy(bytes_.data() + at, data, size);
}

void NetlinkRequest::attribute(std::uint16_t type, const void* data, std::size_t size) {
  const std::size_t start = begin(type);
  append_bytes(data, size);
  set_length(start, RTA_LENGTH(size));
}

void NetlinkRequest::attribute(std::uint16_t type, std::string_view text) {
  std::vector<char> terminated(text.begin(), text.end());
  terminated.push_back('\0');
  attribute(type, terminated.data(), terminated.size());
}

std::size_t NetlinkRequest::begin(std::uint16_t type) {
  const std::size_t start = bytes_.size();
  append(rtattr{.rta_len = 0, .rta_type = type});
  return start;
}

void NetlinkRequest::end(std::size_t start) { set_length(start, bytes_.size() - start); }

void NetlinkRequest::set_length(std::size_t start, std::size_t length) {
  const auto value = static_cast<std::uint16_t>(length);
  std::memcpy(bytes_.data() + start, &value, sizeof value);
}

bool NetlinkRequest::send_on(int socket) {
  const auto size = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data(), &size, sizeof size);
  return send(socket, bytes_.data(), bytes_.size(), 0) >= 0;
}

Expected<void> NetlinkRequest::execute(std::string_view tried) {
  const FileDescriptor netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!netlink.open() || !send_on(netlink.get())) return refused(tried);
  alignas(nlmsghdr) char reply[4096];
  const ssize_t received = recv(netlink.get(), reply, sizeof reply, 0);
  if (received < 0) return refused(tried);
  nlmsgerr result{};
  if (static_cast<std::size_t>(received) < NLMSG_LENGTH(sizeof result)) {
    return refused(tried, EPROTO);
  }
  std::memcpy(&result, reply + NLMSG_HDRLEN, sizeof result);
  if (result.error != 0) return refused(tried, -result.error);
  return {};
}

}  // namespace elblab::live
