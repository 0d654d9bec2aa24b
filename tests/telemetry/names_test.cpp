// The names that stand in traces: complete, unique, lower case with underscores.
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <tuple>

#include "models/telemetry/measures.hpp"
#include "models/telemetry/recorder.hpp"

using namespace elblab::telemetry;

namespace {

bool is_identifier(std::string_view name) {
  if (name.empty() || name.front() == '_' || name.back() == '_') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_reason_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(Reason::count_); ++i) {
    const auto name = to_string(static_cast<Reason>(i));
    BOOST_TEST(is_identifier(name), name);
    BOOST_TEST(name != "unknown");
    BOOST_TEST(names.insert(name).second, name);
  }
}

// The numbers stand in traces: what was written once must read the same for ever. Append only.
BOOST_AUTO_TEST_CASE(the_numbers_of_reasons_do_not_move) {
  const char* const in_order[] = {"none",
                                  "closed_by_local",
                                  "closed_by_peer",
                                  "reset_by_local",
                                  "reset_by_peer",
                                  "refused_by_peer",
                                  "timed_out",
                                  "address_not_available",
                                  "unreachable",
                                  "idle_timeout",
                                  "replaced",
                                  "run_ended",
                                  "malformed",
                                  "bad_checksum",
                                  "fragment",
                                  "unsupported_protocol",
                                  "not_for_us",
                                  "martian_source",
                                  "no_listener",
                                  "no_connection",
                                  "no_server",
                                  "no_source_port",
                                  "table_full",
                                  "time_to_live_expired",
                                  "accept_queue_full",
                                  "syn_queue_full",
                                  "out_of_window",
                                  "invalid_state",
                                  "rate_limited",
                                  "echo_ignored",
                                  "port_closed",
                                  "link_queue_full",
                                  "link_loss",
                                  "link_down",
                                  "no_route",
                                  "paws_rejected",
                                  "closed_by_client",
                                  "closed_by_server",
                                  "reset_by_client",
                                  "reset_by_server",
                                  "bandwidth_exceeded",
                                  "five_tuple_disputed",
                                  "too_many_hops",
                                  "network_acl",
                                  "security_group",
                                  "host_firewall",
                                  "zone_down",
                                  "link_mtu",
                                  "translation_table_full",
                                  "access_control",
                                  "deregistered",
                                  "transfer_switched"};
  int number = 0;
  for (const char* name : in_order) {
    BOOST_TEST(to_string(static_cast<Reason>(number)) == name);
    ++number;
  }
}

BOOST_AUTO_TEST_CASE(every_kind_of_event_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(EventKind::fault_injected); ++i) {
    const auto name = to_string(static_cast<EventKind>(i));
    BOOST_TEST(is_identifier(name), name);
    BOOST_TEST(name != "unknown");
    BOOST_TEST(names.insert(name).second, name);
  }
  BOOST_TEST(to_string(EventKind::time_wait_refused) == "time_wait_refused");
}

BOOST_AUTO_TEST_CASE(a_number_outside_the_lists_does_not_crash) {
  BOOST_TEST(to_string(static_cast<Reason>(250)) == "unknown");
  BOOST_TEST(to_string(static_cast<EventKind>(250)) == "unknown");
}

BOOST_AUTO_TEST_CASE(measures_are_unique_per_scope_and_found_by_name) {
  std::set<std::pair<int, std::string_view>> seen;
  for (const auto& measure : measures()) {
    BOOST_TEST(seen.insert({static_cast<int>(measure.scope), measure.name}).second, measure.name);
    BOOST_TEST(find_measure(measure.name, measure.scope) == &measure);
    BOOST_TEST(!measure.unit.empty());
    BOOST_TEST(!measure.help.empty());
  }
  BOOST_TEST(find_measure("dropped", MeasureScope::host) !=
             find_measure("dropped", MeasureScope::balancer));
  BOOST_TEST(find_measure("dropped", MeasureScope::workload) == nullptr);
  BOOST_TEST(find_measure("", MeasureScope::host) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_bounds_a_gauge_is_an_unbounded_gauge_of_the_same_scope) {
  std::set<std::string_view> bounded;
  for (const auto& measure : measures()) {
    if (measure.capacity.empty()) continue;
    bounded.insert(measure.name);
    const MeasureInfo* capacity = find_measure(measure.capacity, measure.scope);
    BOOST_REQUIRE_MESSAGE(capacity != nullptr, measure.name);
    BOOST_TEST((measure.kind == MeasureKind::gauge), measure.name);
    BOOST_TEST((capacity->kind == MeasureKind::gauge), measure.name);
    BOOST_TEST(capacity->capacity.empty(), measure.name);
  }
  for (const std::string_view name : {"time_wait", "accept_queue", "source_ports_in_use"}) {
    BOOST_TEST(bounded.count(name) == 1U, name);
  }
}
