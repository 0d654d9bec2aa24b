// The kernel's own lists of TCP sockets, /proc/net/tcp and tcp6 (proc_pid_net(5)): slow, and
// independent of what is tested.
#pragma once

#include <array>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "live/network/network_namespace.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::live::testing {

// As the lists have them: include/net/tcp_states.h.
namespace socket_state {
inline constexpr std::string_view established = "01";
inline constexpr std::string_view syn_received = "03";
inline constexpr std::string_view fin_wait_2 = "05";
inline constexpr std::string_view time_wait = "06";
// Every one but TIME_WAIT, CLOSE and LISTEN.
inline constexpr std::array<std::string_view, 8> open{"01", "02", "03", "04",
                                                      "05", "08", "09", "0B"};
}  // namespace socket_state

inline std::size_t sockets_in_state(const NetworkNamespace& network, std::string_view state) {
  must(network.enter());
  std::size_t count = 0;
  for (const char* const path : {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);  // headings
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string slot, local, remote, found;
      fields >> slot >> local >> remote >> found;
      if (found == state) ++count;
    }
  }
  return count;
}

}  // namespace elblab::live::testing
