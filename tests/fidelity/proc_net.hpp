// What the kernel says about the sockets of the current network namespace (proc_pid_net(5)).
#pragma once

#include <cstdint>
#include <string_view>

namespace elblab::fidelity {

struct TcpStateCounts {
  std::uint64_t established = 0;
  std::uint64_t syn_received = 0;
  std::uint64_t time_wait = 0;
};

// From /proc/net/tcp. O(sockets). Throws std::runtime_error if it cannot be read.
TcpStateCounts count_tcp_states();
// A counter of the "Tcp:" lines of /proc/net/snmp, by its name.
std::uint64_t read_tcp_counter(std::string_view name);

}  // namespace elblab::fidelity
