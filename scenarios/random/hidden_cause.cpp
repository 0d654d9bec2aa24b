#include "scenarios/random/hidden_cause.hpp"

namespace elblab::random_scenarios {

std::string_view to_string(HiddenCause cause) {
  switch (cause) {
    case HiddenCause::client_ports:
      return "client_ports";
    case HiddenCause::bandwidth:
      return "bandwidth";
    case HiddenCause::accept_queue:
      return "accept_queue";
    case HiddenCause::server_cpu:
      return "server_cpu";
    case HiddenCause::balancer_ports:
      return "balancer_ports";
    case HiddenCause::uneven_weights:
      return "uneven_weights";
    case HiddenCause::packet_loss:
      return "packet_loss";
  }
  return "";
}

std::optional<HiddenCause> find_hidden_cause(std::string_view name) {
  for (const HiddenCause cause : kHiddenCauses) {
    if (to_string(cause) == name) return cause;
  }
  return std::nullopt;
}

}  // namespace elblab::random_scenarios
