// The health check of a lane's servers while it is drawn, and what keeps it from telling the truth.
#pragma once

#include <cstdint>
#include <optional>

namespace elblab::random_scenarios {

inline constexpr unsigned kServerPort = 8080;
inline constexpr unsigned kOtherPort = 8090;

struct HealthDraft {
  bool udp = false;
  double interval = 5;
  double timeout = 3;
  unsigned retries = 3;
  std::optional<unsigned> port;   // nullopt: that of the service
  bool known_at_start = false;    // servers are in service from the beginning on
  bool without_listener = false;  // it is of another group of the same servers

  enum class Rules : std::uint8_t { none, security_group, network_acl, firewall };

  // The first so many servers of the lane, and what is the matter with them.
  unsigned bad_hosts = 0;
  bool closed = false;        // nobody listens at all
  bool other_port = false;    // ... on the service's port; on kOtherPort somebody does
  bool hangs = false;         // the service takes requests and answers none
  bool ignores_echo = false;  // icmp_echo_ignore_all
  bool unlimited = false;     // icmp_ratemask 6160
  bool global_limit = false;  // few ICMP messages for all addresses together
  double delay = 0;           // of their link, s; 0: as the others
  double jitter = 0;
  Rules rules = Rules::none;
  bool drops_answers = false;  // rules drop what probes are answered, else the probes
};

}  // namespace elblab::random_scenarios
