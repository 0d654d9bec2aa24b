// The causes that an expectation on the diagnosis may name: those of analysis/diagnosis, which the
// language does not know otherwise. tests/diagnosis holds the two lists against each other.
#pragma once

#include <array>
#include <string_view>

namespace elblab::language {

inline constexpr std::array<std::string_view, 7> kCauseNames{
    "client_ports",   "bandwidth",      "accept_queue", "server_cpu",
    "balancer_ports", "uneven_weights", "packet_loss"};
// Nothing is wrong.
inline constexpr std::string_view kNoCause = "none";

}  // namespace elblab::language
