// What an ICMP error about a packet of ours means for the socket that sent it (icmp_err_convert,
// icmpv6_err_convert of Linux; RFC 1122 §4.2.3.9).
#pragma once

#include <cstdint>
#include <optional>

#include "models/host/sockets.hpp"

namespace elblab::host {

struct IcmpError {
  SocketError error = SocketError::host_unreachable;
  bool hard = false;          // an application with a connected UDP socket hears of it
  bool ends_request = false;  // a half-open connection that a peer asked for is given up
};

// nullopt: the message is no such error.
std::optional<IcmpError> icmp_error(bool v4, std::uint8_t type, std::uint8_t code);

}  // namespace elblab::host
