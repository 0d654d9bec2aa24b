// The causes that a diagnosis can name, each told once.
//
// Whoever names a cause takes it from here: the diagnosis itself, expectations of scenarios, random
// scenarios that hide one, scores, printers, docs/diagnosis.md. A cause is found by its file in
// analysis/diagnosis/causes/, and hidden, where it can be, by its file in scenarios/random/causes/.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace elblab::language {

// In the order in which a diagnosis looks for them, which is that of known_causes().
enum class CauseId : std::uint8_t {
  server_cpu,
  bandwidth,
  client_ports,
  accept_queue,
  balancer_ports,
  connection_table_full,
  no_listener,
  balancer_halted,
  refused_by_rules,
  no_server,
  five_tuple_conflict,
  dead_server,
  idle_timeout,
  time_wait_refused,
  quic_address_change,
  packet_loss,
  port_not_listening,
  check_port,
  wrong_answer,
  echo_ignored,
  probes_security_group,
  probes_network_acl,
  probes_firewall,
  short_timeout,
  overloaded_server,
  host_gone,
  group_without_listener,
  probes_not_sent,
  service_port,
  icmp_rate_limit,
  silent_udp,
  silent_service,
  too_many_probes,
  stickiness_off,
  bound_server_out,
  address_change,
  stickiness_over,
  uneven_weights,
  part_time_server,
  client_addresses,
  kept_connections,
};

struct KnownCause {
  CauseId id;
  std::string_view name;     // in files, in JSON, in the matrix of a score: "client_ports"
  std::string_view subject;  // in a few words, while it is not found: "client ports"
  std::string_view title;    // for a person, when it is: "client ports exhausted by TIME_WAIT"
  std::string_view claims;   // for the page: what it claims of what went wrong
  std::string_view sure_by;  // ... and by which measures
  std::vector<std::string_view> facts;     // catalogue rows: "BW-07"
  std::vector<std::string_view> remedies;  // what helps, the nearest first
};

// The causes of DIAG-12 in its order, what only looks like one of them, and what makes health
// checks wrong or right about a server (DIAG-04, DIAG-05, DIAG-17). Static.
std::span<const KnownCause> known_causes();
const KnownCause& known_cause(CauseId id);
// nullptr: no such cause.
const KnownCause* find_known_cause(std::string_view name);

// Nothing is wrong: where a cause could be named.
inline constexpr std::string_view kNoCause = "none";

}  // namespace elblab::language
