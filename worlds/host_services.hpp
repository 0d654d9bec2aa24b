// The services of a host, and what they say of themselves: measures of scope host that no stack
// knows.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "models/workload/server.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/host.hpp"

namespace elblab::worlds {

class HostServices {
 public:
  // None.
  HostServices() = default;
  // Those that spec names, added to the host, which must outlive them.
  HostServices(const language::HostSpec& spec, Host& host);

  const std::vector<std::unique_ptr<workload::Server>>& servers() const { return servers_; }

  // Of served, requests_waiting, cpu; nullopt: a measure of the host's stack.
  std::optional<double> value(std::string_view measure, Instant now);

 private:
  std::vector<std::unique_ptr<workload::Server>> servers_;
};

}  // namespace elblab::worlds
