// What a random scenario can hide: the names under which a diagnosis finds it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace elblab::random_scenarios {

// The causes of DIAG-12 in its family's order, then the two that only look like one: traffic that
// is uneven on purpose, and plain loss.
enum class HiddenCause : std::uint8_t {
  client_ports,
  bandwidth,
  accept_queue,
  server_cpu,
  balancer_ports,
  uneven_weights,
  packet_loss,
};

inline constexpr std::array kHiddenCauses{HiddenCause::client_ports,   HiddenCause::bandwidth,
                                          HiddenCause::accept_queue,   HiddenCause::server_cpu,
                                          HiddenCause::balancer_ports, HiddenCause::uneven_weights,
                                          HiddenCause::packet_loss};

std::string_view to_string(HiddenCause cause);
// nullopt: no such cause.
std::optional<HiddenCause> find_hidden_cause(std::string_view name);

}  // namespace elblab::random_scenarios
