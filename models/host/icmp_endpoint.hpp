// ICMP and ICMPv6 of a host: answers echo requests, says that a port is unreachable, and reads the
// errors that come (rows 30–36 of linux-host.md; RFC 792, RFC 1122 §3.2.2, RFC 4443).
#pragma once

#include "models/host/host_log.hpp"
#include "models/host/icmp_limiter.hpp"
#include "models/host/network_interface.hpp"
#include "models/host/tcp/tcp_stack.hpp"
#include "models/host/udp_sockets.hpp"

namespace elblab::host {

class IcmpEndpoint {
 public:
  IcmpEndpoint(random::Stream stream, const Sysctls& sysctls, HostCounters& counters, HostLog& log,
               NetworkInterface& wire, TcpStack& tcp, UdpSockets& udp)
      : limiter_(stream),
        sysctls_(sysctls),
        counters_(counters),
        log_(log),
        wire_(wire),
        tcp_(tcp),
        udp_(udp) {}

  void receive(const net::PacketView& packet, Instant now);
  // The datagram met no socket.
  void port_unreachable(const net::PacketView& packet, Instant now);

 private:
  void echo(const net::PacketView& packet, Instant now);
  void timestamp(const net::PacketView& packet, Instant now);
  void too_long(const net::PacketView& packet, Instant now);
  void error(const net::PacketView& packet, Instant now);

  IcmpLimiter limiter_;
  const Sysctls& sysctls_;
  HostCounters& counters_;
  HostLog& log_;
  NetworkInterface& wire_;
  TcpStack& tcp_;
  UdpSockets& udp_;
};

}  // namespace elblab::host
