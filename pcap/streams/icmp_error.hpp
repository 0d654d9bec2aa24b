// What an ICMP error in a capture says: about which packet, why, and who says it (RFC 792, RFC
// 4443).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "models/net/flow_key.hpp"

namespace elblab::streams {

struct IcmpError {
  net::IpAddress from;
  net::FlowKey about;  // the quoted packet, as it met the error
  bool port_closed = false;
  bool unreachable = false;  // for good: what was sent does not get there
};

// nullopt: no ICMP, no error, or too little of the quoted packet. Reads nothing beyond `packet`.
std::optional<IcmpError> read_icmp_error(std::span<const std::uint8_t> packet);

}  // namespace elblab::streams
