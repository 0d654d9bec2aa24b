#include "analysis/diagnosis/causes/causes.hpp"

#include <array>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

std::span<const Cause* const> causes() {
  static const std::array kCauses{
      &server_cpu(),         &bandwidth(),           &client_ports(),
      &accept_queue(),       &balancer_ports(),      &connection_table_full(),
      &no_listener(),        &balancer_halted(),     &refused_by_rules(),
      &no_server(),          &five_tuple_conflict(), &dead_server(),
      &idle_timeout(),       &time_wait_refused(),   &quic_address_change(),
      &packet_loss(),        &port_not_listening(),  &check_port(),
      &wrong_answer(),       &echo_ignored(),        &probes_security_group(),
      &probes_network_acl(), &probes_firewall(),     &short_timeout(),
      &overloaded_server(),  &host_gone(),           &group_without_listener(),
      &probes_not_sent(),    &service_port(),        &icmp_rate_limit(),
      &silent_udp(),         &silent_service(),      &too_many_probes(),
      &stickiness_off(),     &bound_server_out(),    &address_change(),
      &stickiness_over(),    &uneven_weights(),      &part_time_server(),
      &client_addresses(),   &kept_connections()};
  return kCauses;
}

}  // namespace elblab::diagnosis
