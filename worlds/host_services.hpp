// The services of a host, and what they say of themselves: measures of scope host that no stack
// knows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/relay/relay.hpp"
#include "models/workload/cpu_queue.hpp"
#include "models/workload/server.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/host.hpp"
#include "worlds/recorded_users.hpp"

namespace elblab::worlds {

class HostServices {
 public:
  // None.
  HostServices() = default;
  // Those that spec names and the CPUs they share, or the CDN or WAF that it is, added to the host,
  // which must outlive them. users: where its servers write down who comes. Names of random
  // streams: "cpu/<host>", "relay/<host>", "connection_ids/<host>".
  HostServices(const language::HostSpec& spec, Host& host, std::uint64_t seed,
               const RecordedUsers& users);

  const std::vector<std::unique_ptr<workload::Server>>& servers() const { return servers_; }

  // One of them; nullptr: the host is neither CDN nor WAF.
  const relay::Relay* relay_service() const { return relay_; }

  // A service that is to listen and could not open its port; nullopt: there is none. Once started.
  [[nodiscard]] std::optional<std::string> problem() const;

  // Of served, requests_waiting, and cpu since it was last asked for; nullopt: a measure of the
  // host's stack.
  std::optional<double> value(std::string_view measure, Instant now);

 private:
  void add_relay(const language::RelaySpec& spec, Host& host, std::uint64_t seed);
  double cpu_percent(Instant now);

  std::string host_;
  std::unique_ptr<workload::CpuQueue> cpus_;  // nullptr: none modelled
  std::unique_ptr<RecordedUsers> users_;
  Instant asked_at_ = kStart;
  Duration busy_then_{0};
  std::vector<std::unique_ptr<workload::Server>> servers_;
  relay::Relay* relay_ = nullptr;
};

}  // namespace elblab::worlds
