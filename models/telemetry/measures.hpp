// The series that a run records, by name: one table for the worlds that record them, the scenario
// language that checks expectations against them, and docs/measures.md.
//
// A counter's sample is the increment since the sample before; a gauge's is the level.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace elblab::telemetry {

// What kind of object a measure belongs to.
enum class MeasureScope : std::uint8_t {
  host,       // every host, by its name
  balancer,   // a balancer as a whole, by its name
  server,     // a server of a group, "group/server", with several balancers "balancer/group/server"
  workload,   // a workload, by its name
  link,       // the link of a host, by the host's name
  network,    // what is between links and balancers, "network"
  middlebox,  // a NAT box, by its name
  listener,   // a listener with an access list, by its name, with several balancers "lb1/web"
  subnet,     // a subnet with a network ACL, "web", of a site "office/lan"
  grouped_host,      // a host that is in security groups, by its name
  firewalled_host,   // a host with a firewall of its own, by its name
  relay,             // a host that is a CDN or WAF, by its name
  session_host,      // a server of a group in a scenario with `users` or `quic`, by the host's name
  user_workload,     // a workload of `users` whose sessions are local, by its name
  sticky_group,      // a group with stickiness, by its name, with several balancers "lb1/app"
  quic_group,        // a group scheduled by connection ID, likewise
  checked_balancer,  // a balancer that checks the health of servers, by its name
  checked_server,    // a server of such a balancer, as `server`
};

enum class MeasureKind : std::uint8_t { gauge, counter };

struct MeasureInfo {
  std::string_view name;
  MeasureScope scope;
  MeasureKind kind;
  std::string_view unit;  // of the sample; a counter's mean is in unit/s
  std::string_view help;
  // Of a gauge: the measure of the same object that bounds it; empty where nothing does. A gauge in
  // % is bounded by 100.
  std::string_view capacity = {};
  // Of a gauge that is a mean over the sample interval: the counter of the same object that says of
  // how many.
  std::string_view mean_of = {};
};

std::span<const MeasureInfo> measures();
// The same name may exist for several scopes ("dropped").
const MeasureInfo* find_measure(std::string_view name, MeasureScope scope);

}  // namespace elblab::telemetry
