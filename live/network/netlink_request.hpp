// One rtnetlink message under construction, and the exchange with the kernel; netlink(7),
// rtnetlink(7). Attributes nest.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "live/network/refused.hpp"

namespace elblab::live {

class NetlinkRequest {
 public:
  // type: RTM_...; flags beside NLM_F_REQUEST and NLM_F_ACK: NLM_F_CREATE and so on.
  NetlinkRequest(std::uint16_t type, std::uint16_t flags);

  template <typename T>
  void append(const T& value) {
    append_bytes(&value, sizeof value);
  }
  void attribute(std::uint16_t type, const void* data, std::size_t size);
  void attribute(std::uint16_t type, std::string_view text);  // with the final zero
  template <typename T>
  void attribute(std::uint16_t type, const T& value) {
    attribute(type, &value, sizeof value);
  }
  // A nested attribute lasts from begin() to end() with what begin() gave.
  std::size_t begin(std::uint16_t type);
  void end(std::size_t start);

  // Sends it in the thread's namespace and waits for the kernel's answer. Error: `tried` and the
  // reason.
  Expected<void> execute(std::string_view tried);
  // Sends it on a socket of the caller's, who reads what the kernel answers. False: not taken.
  [[nodiscard]] bool send_on(int socket);

 private:
  void append_bytes(const void* data, std::size_t size);
  void set_length(std::size_t start, std::size_t length);

  std::vector<std::uint8_t> bytes_;
};

}  // namespace elblab::live
