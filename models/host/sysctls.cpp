#include "models/host/sysctls.hpp"

#include <algorithm>
#include <array>

namespace elblab::host {
namespace {

constexpr std::int64_t kInt = 2147483647;
// net.ipv4.ip_unprivileged_port_start by default: ip_local_port_range may not begin below it.
constexpr std::int64_t kUnprivileged = 1024;

// Sorted by name, so that find_sysctl() can search by halves.
constexpr std::array kTable{
    SysctlEntry{"net.core.somaxconn", &Sysctls::somaxconn, 0, kInt,
                "upper bound of a listener's backlog"},
    SysctlEntry{"net.ipv4.accept_local", &Sysctls::accept_local, 0, 1,
                "1: accept packets whose source is an address of this host"},
    SysctlEntry{"net.ipv4.icmp_echo_ignore_all", &Sysctls::icmp_echo_ignore_all, 0, 1,
                "1: answer no echo request"},
    SysctlEntry{"net.ipv4.icmp_msgs_burst", &Sysctls::icmp_msgs_burst, 0, kInt,
                "ICMP messages, all peers together, that may leave in a burst"},
    SysctlEntry{"net.ipv4.icmp_msgs_per_sec", &Sysctls::icmp_msgs_per_sec, 0, kInt,
                "ICMP messages per second, all peers together"},
    SysctlEntry{"net.ipv4.icmp_ratelimit", &Sysctls::icmp_ratelimit, 0, kInt,
                "ms between ICMP messages to one peer after a burst of 6; 0: no limit per peer"},
    SysctlEntry{"net.ipv4.icmp_ratemask", &Sysctls::icmp_ratemask, 0, kInt,
                "bit mask of the ICMP types that are rate limited"},
    SysctlEntry{"net.ipv4.ip_local_port_range.high", &Sysctls::ip_local_port_range_high,
                kUnprivileged, 65535, "last ephemeral port"},
    SysctlEntry{"net.ipv4.ip_local_port_range.low", &Sysctls::ip_local_port_range_low,
                kUnprivileged, 65535, "first ephemeral port"},
    SysctlEntry{"net.ipv4.tcp_abort_on_overflow", &Sysctls::tcp_abort_on_overflow, 0, 1,
                "1: reset a connection whose final ACK meets a full accept queue"},
    SysctlEntry{"net.ipv4.tcp_challenge_ack_limit", &Sysctls::tcp_challenge_ack_limit, 0, kInt,
                "challenge ACKs per second of the host; 2147483647: no limit"},
    SysctlEntry{"net.ipv4.tcp_fin_timeout", &Sysctls::tcp_fin_timeout, 0, kInt / 1000,
                "s that a closed socket stays in FIN_WAIT_2"},
    SysctlEntry{"net.ipv4.tcp_invalid_ratelimit", &Sysctls::tcp_invalid_ratelimit, 0, kInt,
                "ms between ACKs that answer out-of-window segments of one connection"},
    SysctlEntry{"net.ipv4.tcp_max_syn_backlog", &Sysctls::tcp_max_syn_backlog, 0, kInt,
                "half-open connections of a listener when tcp_syncookies is 0"},
    SysctlEntry{"net.ipv4.tcp_max_tw_buckets", &Sysctls::tcp_max_tw_buckets, 0, kInt,
                "TIME_WAIT sockets held; beyond, connections end without TIME_WAIT"},
    SysctlEntry{"net.ipv4.tcp_retries2", &Sysctls::tcp_retries2, 0, 255,
                "retransmissions before an established connection times out"},
    SysctlEntry{"net.ipv4.tcp_rfc1337", &Sysctls::tcp_rfc1337, 0, 1, "1: ignore RST in TIME_WAIT"},
    SysctlEntry{"net.ipv4.tcp_rmem.default", &Sysctls::tcp_rmem_default, 4096, kInt,
                "bytes of receive buffer at the start; half of it is the first window"},
    SysctlEntry{"net.ipv4.tcp_rmem.max", &Sysctls::tcp_rmem_max, 4096, kInt,
                "bytes of receive buffer at most; sets the window scale"},
    SysctlEntry{"net.ipv4.tcp_sack", &Sysctls::tcp_sack, 0, 1, "selective acknowledgments"},
    SysctlEntry{"net.ipv4.tcp_syn_linear_timeouts", &Sysctls::tcp_syn_linear_timeouts, 0, 127,
                "SYN retransmissions at constant distance before the distance doubles"},
    SysctlEntry{"net.ipv4.tcp_syn_retries", &Sysctls::tcp_syn_retries, 1, 127,
                "SYN retransmissions, beside the linear ones, before connect() times out"},
    SysctlEntry{"net.ipv4.tcp_synack_retries", &Sysctls::tcp_synack_retries, 0, 255,
                "SYN+ACK retransmissions"},
    SysctlEntry{"net.ipv4.tcp_syncookies", &Sysctls::tcp_syncookies, 0, 2,
                "0: never, 1: when the SYN queue is full, 2: always"},
    SysctlEntry{"net.ipv4.tcp_timestamps", &Sysctls::tcp_timestamps, 0, 2,
                "1: timestamps with an offset per peer, 2: without the offset"},
    SysctlEntry{"net.ipv4.tcp_tw_reuse", &Sysctls::tcp_tw_reuse, 0, 2,
                "1: connect() may take a port from TIME_WAIT after 1 s, 2: on loopback only"},
    SysctlEntry{"net.ipv4.tcp_window_scaling", &Sysctls::tcp_window_scaling, 0, 1,
                "window scaling"},
    SysctlEntry{"net.ipv4.tcp_wmem.max", &Sysctls::tcp_wmem_max, 4096, kInt,
                "bytes sent and not yet acknowledged at most"},
};

constexpr bool sorted() {
  for (std::size_t i = 1; i < kTable.size(); ++i) {
    if (!(kTable[i - 1].name < kTable[i].name)) return false;
  }
  return true;
}
static_assert(sorted());

}  // namespace

std::span<const SysctlEntry> sysctl_table() { return kTable; }

const SysctlEntry* find_sysctl(std::string_view name) {
  const auto at = std::lower_bound(
      kTable.begin(), kTable.end(), name,
      [](const SysctlEntry& entry, std::string_view wanted) { return entry.name < wanted; });
  return at != kTable.end() && at->name == name ? &*at : nullptr;
}

}  // namespace elblab::host
