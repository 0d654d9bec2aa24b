#include "worlds/host_services.hpp"

#include "models/workload/make_application.hpp"

namespace elblab::worlds {

HostServices::HostServices(const language::HostSpec& spec, Host& host) {
  for (const workload::ServerParameters& service : spec.services) {
    servers_.push_back(workload::make_server(service, host.sockets()));
    host.add(*servers_.back());
  }
}

std::optional<double> HostServices::value(std::string_view measure, Instant) {
  if (measure == "cpu" || measure == "requests_waiting") return 0;
  if (measure != "served") return std::nullopt;
  std::uint64_t served = 0;
  for (const auto& server : servers_) served += server->counters().responses;
  return static_cast<double>(served);
}

}  // namespace elblab::worlds
