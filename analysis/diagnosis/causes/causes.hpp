// The causes there are, one per file of this folder; causes() of cause.hpp puts them in order.
#pragma once

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

const Cause& server_cpu();
const Cause& bandwidth();
const Cause& client_ports();
const Cause& accept_queue();
const Cause& balancer_ports();
const Cause& connection_table_full();
const Cause& no_listener();
const Cause& balancer_halted();
const Cause& refused_by_rules();
const Cause& no_server();
const Cause& five_tuple_conflict();
const Cause& dead_server();
const Cause& idle_timeout();
const Cause& time_wait_refused();
const Cause& quic_address_change();
const Cause& packet_loss();
const Cause& port_not_listening();
const Cause& check_port();
const Cause& wrong_answer();
const Cause& echo_ignored();
const Cause& probes_security_group();
const Cause& probes_network_acl();
const Cause& probes_firewall();
const Cause& short_timeout();
const Cause& overloaded_server();
const Cause& host_gone();
const Cause& group_without_listener();
const Cause& probes_not_sent();
const Cause& service_port();
const Cause& icmp_rate_limit();
const Cause& silent_udp();
const Cause& silent_service();
const Cause& too_many_probes();
const Cause& stickiness_off();
const Cause& bound_server_out();
const Cause& address_change();
const Cause& stickiness_over();
const Cause& uneven_weights();
const Cause& part_time_server();
const Cause& client_addresses();
const Cause& kept_connections();

}  // namespace elblab::diagnosis
