#include "tests/fidelity/rtnetlink.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>
#include <vector>

#include "tests/fidelity/file_descriptor.hpp"

namespace elblab::fidelity {
namespace {

// A netlink message under construction; attributes nest by patching their length afterwards.
class Message {
 public:
  template <typename T>
  void append(const T& value) {
    append_bytes(&value, sizeof value);
  }
  void append_bytes(const void* data, std::size_t size) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + NLMSG_ALIGN(size));
    std::memcpy(bytes_.data() + at, data, size);
  }
  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    const std::size_t start = begin(type);
    append_bytes(data, size);
    finish(start, RTA_LENGTH(size));
  }
  void attribute(std::uint16_t type, std::string_view text) {
    const std::vector<char> terminated = [&] {
      std::vector<char> copy(text.begin(), text.end());
      copy.push_back('\0');
      return copy;
    }();
    attribute(type, terminated.data(), terminated.size());
  }
  std::size_t begin(std::uint16_t type) {
    const std::size_t start = bytes_.size();
    append(rtattr{.rta_len = 0, .rta_type = type});
    return start;
  }
  void end(std::size_t start) { finish(start, bytes_.size() - start); }
  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  void finish(std::size_t start, std::size_t length) {
    const auto value = static_cast<std::uint16_t>(length);
    std::memcpy(bytes_.data() + start, &value, sizeof value);
  }

  std::vector<std::uint8_t> bytes_;
};

std::vector<std::uint8_t> veth_request(const char* name, const char* peer_name,
                                       int peer_namespace) {
  Message message;
  nlmsghdr header{};
  header.nlmsg_type = RTM_NEWLINK;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
  message.append(header);
  message.append(ifinfomsg{});
  message.attribute(IFLA_IFNAME, name);
  const std::size_t info = message.begin(IFLA_LINKINFO);
  message.attribute(IFLA_INFO_KIND, "veth");
  const std::size_t data = message.begin(IFLA_INFO_DATA);
  const std::size_t peer = message.begin(VETH_INFO_PEER);
  message.append(ifinfomsg{});
  message.attribute(IFLA_IFNAME, peer_name);
  message.attribute(IFLA_NET_NS_FD, &peer_namespace, sizeof peer_namespace);
  message.end(peer);
  message.end(data);
  message.end(info);
  header.nlmsg_len = static_cast<std::uint32_t>(message.bytes().size());
  std::memcpy(message.bytes().data(), &header, sizeof header);
  return message.bytes();
}

[[noreturn]] void fail(int error) {
  throw std::system_error(error, std::generic_category(), "making a veth pair");
}

}  // namespace

void make_veth_pair(const char* name, const char* peer_name, int peer_namespace) {
  const FileDescriptor netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!netlink.open()) fail(errno);
  const auto request = veth_request(name, peer_name, peer_namespace);
  if (send(netlink.get(), request.data(), request.size(), 0) < 0) fail(errno);
  alignas(nlmsghdr) char reply[4096];
  const ssize_t size = recv(netlink.get(), reply, sizeof reply, 0);
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) fail(EPROTO);
  nlmsgerr result{};
  std::memcpy(&result, reply + NLMSG_HDRLEN, sizeof result);
  if (result.error != 0) fail(-result.error);
}

}  // namespace elblab::fidelity
