#include <algorithm>
#include <array>

#include "scenarios/random/hiding.hpp"

namespace elblab::random_scenarios {
namespace {

struct Hiding {
  CauseId cause;
  Hide hide;
};

constexpr std::array kHidings{
    Hiding{CauseId::server_cpu, hide_server_cpu},
    Hiding{CauseId::bandwidth, hide_bandwidth},
    Hiding{CauseId::client_ports, hide_client_ports},
    Hiding{CauseId::accept_queue, hide_accept_queue},
    Hiding{CauseId::balancer_ports, hide_balancer_ports},
    Hiding{CauseId::connection_table_full, hide_connection_table_full},
    Hiding{CauseId::no_server, hide_no_server},
    Hiding{CauseId::dead_server, hide_dead_server},
    Hiding{CauseId::idle_timeout, hide_idle_timeout},
    Hiding{CauseId::time_wait_refused, hide_time_wait_refused},
    Hiding{CauseId::quic_address_change, hide_quic_address_change},
    Hiding{CauseId::packet_loss, hide_packet_loss},
    Hiding{CauseId::five_tuple_conflict, hide_five_tuple_conflict},
    Hiding{CauseId::port_not_listening, hide_port_not_listening},
    Hiding{CauseId::check_port, hide_check_port},
    Hiding{CauseId::echo_ignored, hide_echo_ignored},
    Hiding{CauseId::probes_security_group, hide_probes_security_group},
    Hiding{CauseId::probes_network_acl, hide_probes_network_acl},
    Hiding{CauseId::probes_firewall, hide_probes_firewall},
    Hiding{CauseId::short_timeout, hide_short_timeout},
    Hiding{CauseId::host_gone, hide_host_gone},
    Hiding{CauseId::group_without_listener, hide_group_without_listener},
    Hiding{CauseId::service_port, hide_service_port},
    Hiding{CauseId::icmp_rate_limit, hide_icmp_rate_limit},
    Hiding{CauseId::silent_udp, hide_silent_udp},
    Hiding{CauseId::silent_service, hide_silent_service},
    Hiding{CauseId::too_many_probes, hide_too_many_probes},
    Hiding{CauseId::stickiness_off, hide_stickiness_off},
    Hiding{CauseId::bound_server_out, hide_bound_server_out},
    Hiding{CauseId::address_change, hide_address_change},
    Hiding{CauseId::stickiness_over, hide_stickiness_over},
    Hiding{CauseId::uneven_weights, hide_uneven_weights},
    Hiding{CauseId::part_time_server, hide_part_time_server},
    Hiding{CauseId::client_addresses, hide_client_addresses},
    Hiding{CauseId::kept_connections, hide_kept_connections},
};

}  // namespace

Hide hiding_of(CauseId cause) {
  const auto* found = std::find_if(kHidings.begin(), kHidings.end(),
                                   [&](const Hiding& hiding) { return hiding.cause == cause; });
  return found == kHidings.end() ? nullptr : found->hide;
}

bool is_of_a_lane(CauseId cause) {
  return cause != CauseId::connection_table_full && cause != CauseId::five_tuple_conflict &&
         !is_of_health(cause);
}

bool is_of_health(CauseId cause) {
  return cause >= CauseId::port_not_listening && cause <= CauseId::too_many_probes;
}

bool fails_nobody(CauseId cause) {
  switch (cause) {
    case CauseId::stickiness_off:
    case CauseId::bound_server_out:
    case CauseId::address_change:
    case CauseId::stickiness_over:
    case CauseId::uneven_weights:
    case CauseId::part_time_server:
    case CauseId::client_addresses:
    case CauseId::kept_connections:
      return true;
    default:
      return false;
  }
}

const std::vector<CauseId>& causes_to_hide() {
  static const std::vector<CauseId> kCauses = [] {
    std::vector<CauseId> causes;
    for (const auto& known : language::known_causes()) {
      if (hiding_of(known.id) != nullptr) causes.push_back(known.id);
    }
    return causes;
  }();
  return kCauses;
}

const CauseId* find_cause_to_hide(std::string_view name) {
  for (const CauseId& cause : causes_to_hide()) {
    if (language::known_cause(cause).name == name) return &cause;
  }
  return nullptr;
}

}  // namespace elblab::random_scenarios
