// Sizes of headers without options, in bytes (RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792).
#pragma once

#include <cstddef>

namespace elblab::net {

inline constexpr std::size_t kV4Header = 20;
inline constexpr std::size_t kV6Header = 40;
inline constexpr std::size_t kTcpHeader = 20;
inline constexpr std::size_t kUdpHeader = 8;
inline constexpr std::size_t kIcmpHeader = 8;

}  // namespace elblab::net
