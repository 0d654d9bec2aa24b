// Causes, each as something that can be hidden in a lane of a draft.
//
// hide() draws a load and the resource it exhausts, with the margins by arithmetic (resources.hpp);
// false: the figures drawn do not go together, draw again. The lane has its hosts and the begin of
// its load; the length is up to the cause. To hide another cause, add a file under causes/ and a
// line in hidings.cpp.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language/known_causes.hpp"
#include "scenarios/random/draft.hpp"
#include "scenarios/random/draw.hpp"

namespace elblab::random_scenarios {

using language::CauseId;

// A path of the scenario language and its value, as in `set`. kTimeline without a value takes away
// what the timeline has of the lane.
inline constexpr const char* kTimeline = "timeline";
struct Change {
  std::string path;
  std::string value;
};

struct Hidden {
  CauseId cause{};
  std::string lane;
  double failures = 0;         // requests, estimated; 0: none are expected
  double lost_sessions = 0;    // estimated likewise
  std::string how;             // "600 ports x 1 address / 60 s = 10/s, 22/s are asked for"
  std::vector<Change> remedy;  // lifts this cause and nothing else
  std::string resource;        // that binds (Use::resource); empty: none does
};

// Room for the requests of one run, so that it takes a second or two.
inline constexpr double kMostRequests = 16'000;
inline constexpr double kLongest = 75;  // s of load
inline constexpr double kShortest = 6;
// ... of users whose pauses are longer than stickiness lasts.
inline constexpr double kLongestOfPauses = 150;
inline constexpr double kLeastLost = 20;  // sessions, so that it is no chance

using Hide = bool (*)(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
// nullptr: this cause cannot be hidden.
Hide hiding_of(CauseId cause);

// Those that can, in the order of the known causes.
const std::vector<CauseId>& causes_to_hide();
// The one of that name; nullptr: none that can be hidden.
const CauseId* find_cause_to_hide(std::string_view name);

// Whether it can be hidden beside another one: it leaves the other's lane and its balancer alone.
bool is_of_a_lane(CauseId cause);
// Whether it is about health checks, of which scenarios of other causes have none.
bool is_of_health(CauseId cause);
// Whether no request fails or is late by it: lost sessions and uneven traffic are answered in time.
bool fails_nobody(CauseId cause);

bool hide_server_cpu(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_bandwidth(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_client_ports(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_accept_queue(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_balancer_ports(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_connection_table_full(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_no_server(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_dead_server(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_idle_timeout(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_time_wait_refused(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_quic_address_change(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_packet_loss(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_five_tuple_conflict(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_port_not_listening(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_check_port(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_echo_ignored(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_probes_security_group(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_probes_network_acl(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_probes_firewall(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_short_timeout(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_host_gone(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_group_without_listener(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_service_port(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_icmp_rate_limit(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_silent_udp(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_silent_service(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_too_many_probes(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_stickiness_off(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_bound_server_out(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_address_change(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_stickiness_over(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_uneven_weights(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_part_time_server(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_client_addresses(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);
bool hide_kept_connections(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden);

}  // namespace elblab::random_scenarios
