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
const Cause& refused_by_rules();
const Cause& no_server();
const Cause& five_tuple_conflict();
const Cause& dead_server();
const Cause& idle_timeout();
const Cause& time_wait_refused();
const Cause& quic_address_change();
const Cause& packet_loss();
const Cause& stickiness_off();
const Cause& bound_server_out();
const Cause& address_change();
const Cause& stickiness_over();
const Cause& uneven_weights();
const Cause& part_time_server();
const Cause& client_addresses();
const Cause& kept_connections();

}  // namespace elblab::diagnosis
