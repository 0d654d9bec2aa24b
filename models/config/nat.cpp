#include "models/config/nat.hpp"

namespace elblab::config {

Duration effective_quarantine(const Nat& nat) {
  return nat.quarantine.value_or(nat.timeouts.tcp_transitory);
}

std::string_view to_string(PortOrder order) {
  switch (order) {
    case PortOrder::sequential:
      return "sequential";
    case PortOrder::random:
      return "random";
    case PortOrder::preserve:
      return "preserve";
  }
  return "unknown";
}

std::string_view to_string(NatMapping mapping) {
  return mapping == NatMapping::endpoint_independent ? "endpoint_independent" : "per_destination";
}

}  // namespace elblab::config
