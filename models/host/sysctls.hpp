// Every kernel setting the host model obeys, under its own name, with the defaults of
// linux-host.md §1. Times in the sysctl's own unit, as in /proc/sys; constants of the kernel that
// are no sysctl (TIME_WAIT length) are members with their unit in the type.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "models/time/instant.hpp"

namespace elblab::host {

struct Sysctls {
  // net.ipv4.*
  std::int64_t ip_local_port_range_low = 32768;
  std::int64_t ip_local_port_range_high = 60999;
  std::int64_t tcp_max_syn_backlog = 2048;
  std::int64_t tcp_syn_retries = 6;
  std::int64_t tcp_synack_retries = 5;
  std::int64_t tcp_retries2 = 15;
  std::int64_t tcp_syncookies = 1;
  std::int64_t tcp_tw_reuse = 2;
  std::int64_t tcp_rfc1337 = 0;
  std::int64_t tcp_max_tw_buckets = 131072;
  std::int64_t tcp_fin_timeout = 60;  // s
  std::int64_t tcp_syn_linear_timeouts = 4;
  std::int64_t tcp_abort_on_overflow = 0;
  std::int64_t tcp_challenge_ack_limit = 2147483647;
  std::int64_t tcp_invalid_ratelimit = 500;  // ms
  std::int64_t tcp_timestamps = 1;
  std::int64_t tcp_sack = 1;
  std::int64_t tcp_window_scaling = 1;
  std::int64_t tcp_rmem_default = 131072;  // bytes
  std::int64_t tcp_rmem_max = 6291456;
  std::int64_t tcp_wmem_max = 4194304;
  std::int64_t icmp_ratelimit = 1000;  // ms between messages to one peer
  std::int64_t icmp_ratemask = 6168;
  std::int64_t icmp_msgs_per_sec = 1000;
  std::int64_t icmp_msgs_burst = 50;
  std::int64_t icmp_echo_ignore_all = 0;
  std::int64_t accept_local = 0;
  // net.core.*
  std::int64_t somaxconn = 4096;
};

struct SysctlEntry {
  std::string_view name;  // "net.ipv4.tcp_fin_timeout"
  std::int64_t Sysctls::*member;
  std::int64_t low;
  std::int64_t high;
  std::string_view help;
};

// All of them, sorted by name. ip_local_port_range and tcp_rmem appear with their parts as
// "net.ipv4.ip_local_port_range.low" / ".high" and so on.
std::span<const SysctlEntry> sysctl_table();
const SysctlEntry* find_sysctl(std::string_view name);

}  // namespace elblab::host
