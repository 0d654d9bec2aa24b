#include "models/host/icmp_error.hpp"

#include "models/net/icmp.hpp"

namespace elblab::host {
namespace {

constexpr std::uint8_t kNet = 0;
constexpr std::uint8_t kHost = 1;
constexpr std::uint8_t kProtocol = 2;
constexpr std::uint8_t kLastCode = 15;  // NR_ICMP_UNREACH
constexpr std::uint32_t kSoftCodes =
    0b0001100000100011;  // net, host, source route, type of service

constexpr std::uint8_t kV6Prohibited = 1;
constexpr std::uint8_t kV6Policy = 5;
constexpr std::uint8_t kV6LastCode = 6;

std::optional<IcmpError> unreachable_v4(std::uint8_t code) {
  if (code > kLastCode || code == net::kIcmpFragmentationNeeded) return std::nullopt;
  IcmpError error;
  error.hard = ((kSoftCodes >> code) & 1) == 0;
  error.ends_request = code == kNet || code == kHost;
  if (code == net::kIcmpPortUnreachable) error.error = SocketError::connection_refused;
  return error;
}

std::optional<IcmpError> unreachable_v6(std::uint8_t code) {
  IcmpError error;
  if (code > kV6LastCode) return error;  // EPROTO, and not fatal
  error.hard = code == kV6Prohibited || code == net::kIcmpV6PortUnreachable || code >= kV6Policy;
  error.ends_request = error.hard;
  if (code == net::kIcmpV6PortUnreachable) error.error = SocketError::connection_refused;
  return error;
}

}  // namespace

std::optional<IcmpError> icmp_error(bool v4, std::uint8_t type, std::uint8_t code) {
  using namespace net::icmp_type;
  if (v4) {
    if (type == destination_unreachable) return unreachable_v4(code);
    // A packet whose fragments did not all come is no reason to give up (icmp_unreach).
    constexpr std::uint8_t kReassembly = 1;
    if (type == time_exceeded && code == kReassembly) return std::nullopt;
    if (type == time_exceeded) return IcmpError{.ends_request = true};
    if (type == parameter_problem) return IcmpError{.hard = true, .ends_request = true};
    return std::nullopt;
  }
  if (type == v6_destination_unreachable) return unreachable_v6(code);
  if (type == v6_time_exceeded) return IcmpError{};
  if (type == v6_parameter_problem) return IcmpError{.hard = true, .ends_request = true};
  return std::nullopt;
}

}  // namespace elblab::host
