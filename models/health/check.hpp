// What a node does to find out whether a server is healthy: the settings of its group's health
// check, with everything in them that the server, its listener and the profile decide.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::health {

struct Check {
  config::ProbeProtocol protocol = config::ProbeProtocol::tcp;
  net::Endpoint target;
  Duration interval{0};
  Duration timeout{0};  // at most the interval (HC-05)
  unsigned retries = 1;
  std::string request;             // HTTP: what is sent
  std::vector<int> success_codes;  // HTTP
  // Why its probes fail without being sent; none: they are sent. no_listener: nothing leads to the
  // group (HC-18); could_not_send: the balancer has no address (HC-19).
  telemetry::Reason impossible = telemetry::Reason::none;

  friend bool operator==(const Check&, const Check&) = default;
};

// Of a server of this group; nullopt: its health is not checked (HC-16).
std::optional<Check> check_of(const config::LoadBalancer& balancer,
                              const config::BackendGroup& group, const config::Server& server);

// What a node thinks of the servers of a group when it begins (HC-10, HC-11).
telemetry::Verdict initial_verdict(const config::BackendGroup& group);

}  // namespace elblab::health
