#include "models/telemetry/recorder.hpp"

namespace elblab::telemetry {
namespace {

// Switches without a default: the compiler refuses to build when an enumerator has no name.
constexpr std::string_view name_of(EventKind kind) {
  switch (kind) {
    case EventKind::connection_opened:
      return "connection_opened";
    case EventKind::connection_established:
      return "connection_established";
    case EventKind::connection_closed:
      return "connection_closed";
    case EventKind::connection_failed:
      return "connection_failed";
    case EventKind::packet_dropped:
      return "packet_dropped";
    case EventKind::scheduler_decision:
      return "scheduler_decision";
    case EventKind::session_opened:
      return "session_opened";
    case EventKind::session_closed:
      return "session_closed";
    case EventKind::five_tuple_conflict:
      return "five_tuple_conflict";
    case EventKind::time_wait_reused:
      return "time_wait_reused";
    case EventKind::time_wait_refused:
      return "time_wait_refused";
    case EventKind::configuration_changed:
      return "configuration_changed";
    case EventKind::fault_injected:
      return "fault_injected";
    case EventKind::source_port_remapped:
      return "source_port_remapped";
    case EventKind::stickiness_broken:
      return "stickiness_broken";
    case EventKind::user_request:
      return "user_request";
    case EventKind::probe_failed:
      return "probe_failed";
    case EventKind::no_healthy_server:
      return "no_healthy_server";
  }
  return {};
}

constexpr std::string_view name_of(PacketAction action) {
  switch (action) {
    case PacketAction::sent:
      return "sent";
    case PacketAction::received:
      return "received";
    case PacketAction::forwarded:
      return "forwarded";
    case PacketAction::dropped:
      return "dropped";
  }
  return {};
}

constexpr std::string_view name_of(PacketChoice choice) {
  switch (choice) {
    case PacketChoice::all:
      return "all";
    case PacketChoice::first_of_host:
      return "first_of_host";
    case PacketChoice::ended_badly:
      return "ended_badly";
    case PacketChoice::dropped:
      return "dropped";
    case PacketChoice::retransmitted:
      return "retransmitted";
  }
  return {};
}

constexpr std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "none";
    case Reason::closed_by_local:
      return "closed_by_local";
    case Reason::closed_by_peer:
      return "closed_by_peer";
    case Reason::reset_by_local:
      return "reset_by_local";
    case Reason::reset_by_peer:
      return "reset_by_peer";
    case Reason::refused_by_peer:
      return "refused_by_peer";
    case Reason::timed_out:
      return "timed_out";
    case Reason::address_not_available:
      return "address_not_available";
    case Reason::unreachable:
      return "unreachable";
    case Reason::idle_timeout:
      return "idle_timeout";
    case Reason::replaced:
      return "replaced";
    case Reason::run_ended:
      return "run_ended";
    case Reason::malformed:
      return "malformed";
    case Reason::bad_checksum:
      return "bad_checksum";
    case Reason::fragment:
      return "fragment";
    case Reason::unsupported_protocol:
      return "unsupported_protocol";
    case Reason::not_for_us:
      return "not_for_us";
    case Reason::martian_source:
      return "martian_source";
    case Reason::no_listener:
      return "no_listener";
    case Reason::no_connection:
      return "no_connection";
    case Reason::no_server:
      return "no_server";
    case Reason::no_source_port:
      return "no_source_port";
    case Reason::table_full:
      return "table_full";
    case Reason::time_to_live_expired:
      return "time_to_live_expired";
    case Reason::accept_queue_full:
      return "accept_queue_full";
    case Reason::syn_queue_full:
      return "syn_queue_full";
    case Reason::out_of_window:
      return "out_of_window";
    case Reason::invalid_state:
      return "invalid_state";
    case Reason::rate_limited:
      return "rate_limited";
    case Reason::echo_ignored:
      return "echo_ignored";
    case Reason::port_closed:
      return "port_closed";
    case Reason::link_queue_full:
      return "link_queue_full";
    case Reason::link_loss:
      return "link_loss";
    case Reason::link_down:
      return "link_down";
    case Reason::no_route:
      return "no_route";
    case Reason::paws_rejected:
      return "paws_rejected";
    case Reason::closed_by_client:
      return "closed_by_client";
    case Reason::closed_by_server:
      return "closed_by_server";
    case Reason::reset_by_client:
      return "reset_by_client";
    case Reason::reset_by_server:
      return "reset_by_server";
    case Reason::bandwidth_exceeded:
      return "bandwidth_exceeded";
    case Reason::five_tuple_disputed:
      return "five_tuple_disputed";
    case Reason::too_many_hops:
      return "too_many_hops";
    case Reason::network_acl:
      return "network_acl";
    case Reason::security_group:
      return "security_group";
    case Reason::host_firewall:
      return "host_firewall";
    case Reason::zone_down:
      return "zone_down";
    case Reason::link_mtu:
      return "link_mtu";
    case Reason::translation_table_full:
      return "translation_table_full";
    case Reason::access_control:
      return "access_control";
    case Reason::deregistered:
      return "deregistered";
    case Reason::transfer_switched:
      return "transfer_switched";
    case Reason::sticky:
      return "sticky";
    case Reason::stickiness_over:
      return "stickiness_over";
    case Reason::server_out:
      return "server_out";
    case Reason::stickiness_evicted:
      return "stickiness_evicted";
    case Reason::connection_id:
      return "connection_id";
    case Reason::stickiness_bound:
      return "stickiness_bound";
    case Reason::source_hash:
      return "source_hash";
    case Reason::session_begun:
      return "session_begun";
    case Reason::session_kept:
      return "session_kept";
    case Reason::session_lost:
      return "session_lost";
    case Reason::wrong_code:
      return "wrong_code";
    case Reason::bad_answer:
      return "bad_answer";
    case Reason::no_answer:
      return "no_answer";
    case Reason::echo_lost:
      return "echo_lost";
    case Reason::port_unreachable:
      return "port_unreachable";
    case Reason::could_not_send:
      return "could_not_send";
    case Reason::server_unhealthy:
      return "server_unhealthy";
    case Reason::frozen:
      return "frozen";
    case Reason::no_address:
      return "no_address";
    case Reason::count_:
      break;
  }
  return {};
}

constexpr bool every_reason_has_its_own_name() {
  constexpr int count = static_cast<int>(Reason::count_);
  for (int i = 0; i < count; ++i) {
    if (name_of(static_cast<Reason>(i)).empty()) return false;
    for (int j = 0; j < i; ++j) {
      if (name_of(static_cast<Reason>(i)) == name_of(static_cast<Reason>(j))) return false;
    }
  }
  return true;
}
static_assert(every_reason_has_its_own_name());

constexpr bool every_event_kind_has_a_name() {
  for (int i = 0; i <= static_cast<int>(EventKind::no_healthy_server); ++i) {
    if (name_of(static_cast<EventKind>(i)).empty()) return false;
  }
  return true;
}
static_assert(every_event_kind_has_a_name());

}  // namespace

std::string_view to_string(PacketAction action) { return name_of(action); }
std::string_view to_string(PacketChoice choice) { return name_of(choice); }
std::string_view to_string(EventKind kind) {
  const std::string_view name = name_of(kind);
  return name.empty() ? "unknown" : name;
}

std::string_view to_string(Reason reason) {
  const std::string_view name = name_of(reason);
  return name.empty() ? "unknown" : name;
}

}  // namespace elblab::telemetry
