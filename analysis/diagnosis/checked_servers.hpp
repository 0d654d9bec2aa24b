// The servers whose health is checked, each with what is known of its check and of itself: what the
// judgements on health (unhealthy_servers.hpp, falsely_healthy.hpp) are made of.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

struct CheckedServer {
  std::string name;     // "app/b1"
  std::string host;     // "b1"
  std::string address;  // empty: not recorded
  std::uint16_t service_port = 0;
  std::uint16_t probe_port = 0;
  const CheckSettings* check = nullptr;
  const HealthRecord* record = nullptr;
  // 1 where it is found unhealthy, or never was found anything else while its probes failed; where
  // it is found healthy.
  Curve unhealthy;
  Curve healthy;
  Instant unhealthy_from = kNever;  // first; kNever: never
  double probes = 0;                // that ended

  bool has_own_probe_port() const { return probe_port != service_port; }
  bool is_udp() const { return check->protocol == "udp"; }
  std::string probed() const;  // "192.168.1.2:8080"
};

// In the order of the trace. O(servers × columns).
std::vector<CheckedServer> checked_servers(const Observations& seen);

// It goes back and forth: its state changed at least so many times.
inline constexpr unsigned kFlaps = 4;
bool is_flapping(const CheckedServer& server);
bool is_unhealthy(const CheckedServer& server);

}  // namespace elblab::diagnosis
